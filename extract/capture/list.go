package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"sync/atomic"

	"fm/extract/packet"
)

// Found is a capture.
type Found struct {
	Path  string
	Size  int64 // bytes on disk; -1 for pipes and standard input
	First int64 // time of the first frame, ns since 1970; maxTime if there is none or the input cannot be read twice
}

// Skipped is a file below a folder that is no capture.
type Skipped struct {
	Path   string
	Reason error
}

// List finds the captures that paths name, in the order of paths: a file or "-" is itself,
// a folder is every capture below it by the time of its first frame (those without frames
// last). A named file that is no capture is an error, as is a folder without captures; a
// file below a folder that is no capture is skipped. Pipes are listed unread.
func List(paths []string) (files []Found, skipped []Skipped, err error) {
	stdin := false
	for _, path := range paths {
		if path == Stdin {
			if stdin {
				return nil, nil, errors.New("read -: standard input is named twice")
			}
			stdin = true
			files = append(files, Found{Path: path, Size: -1, First: maxTime})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", path, cause(err))
		}
		if info.IsDir() {
			before := len(skipped)
			below, err := walk(path, nil, &skipped)
			if err != nil {
				return nil, nil, err
			}
			if len(below) == 0 {
				return nil, nil, &FormatError{path, fmt.Sprintf("no capture in this folder (%d other files)", len(skipped)-before)}
			}
			sort.SliceStable(below, func(i, j int) bool { return below[i].First < below[j].First })
			files = append(files, below...)
			continue
		}
		c, err := look(path, info)
		if err != nil {
			return nil, nil, err
		}
		files = append(files, c)
	}
	return files, skipped, nil
}

// walk appends the captures below folder, by name.
func walk(folder string, found []Found, skipped *[]Skipped) ([]Found, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", folder, cause(err))
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if e.IsDir() {
			if found, err = walk(path, found, skipped); err != nil {
				return nil, err
			}
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			*skipped = append(*skipped, Skipped{path, fmt.Errorf("read %s: %w", path, cause(err))})
			continue
		}
		if !info.Mode().IsRegular() { // also links to folders, which might lead back here
			*skipped = append(*skipped, Skipped{path, &FormatError{path, "not a regular file"}})
			continue
		}
		c, err := look(path, info)
		var wrong *FormatError
		if errors.As(err, &wrong) {
			*skipped = append(*skipped, Skipped{path, err})
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, nil
}

// look opens a file far enough to see its first frame.
func look(path string, info os.FileInfo) (Found, error) {
	c := Found{Path: path, Size: info.Size(), First: maxTime}
	if !info.Mode().IsRegular() {
		c.Size = -1
		return c, nil
	}
	var done atomic.Int64
	in, err := start(path, 0, false, &done)
	if err != nil {
		return c, err
	}
	defer in.close()
	var b packet.Batch
	var counts Counters
	if err := in.fill(&b, &counts); err != nil && err != io.EOF && len(b.Frames) == 0 {
		return c, nil // damaged before its first frame: said when it is read
	}
	if len(b.Frames) > 0 {
		c.First = b.Frames[0].Time
	}
	return c, nil
}
