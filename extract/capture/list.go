package capture

import (
	"errors"
	"fmt"
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
	First int64 // time of the first frame, ns since 1970; 1<<62 if it has none or is not known yet (pipes)
}

// Skipped is a file below a folder that is no capture.
type Skipped struct {
	Path   string
	Reason error
}

// List finds the captures that paths name, in the order of paths: a file or "-" is itself,
// a folder is every capture below it by the time of its first frame (those without frames
// last). A named file that is no capture is an error, as is a folder without captures; a
// file below a folder that is no capture is skipped. Links to folders are not followed.
// Pipes are listed unread.
func List(paths []string) (files []Found, skipped []Skipped, err error) {
	var l lister
	stdin := false
	for _, path := range paths {
		if path == Stdin {
			if stdin {
				return nil, nil, errors.New("read -: standard input is named twice")
			}
			stdin = true
			c := Found{Path: path, Size: -1, First: maxTime}
			if info, err := os.Stdin.Stat(); err == nil && info.Mode().IsRegular() {
				c.Size = info.Size()
			}
			files = append(files, c)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, &os.PathError{Op: "read", Path: path, Err: cause(err)}
		}
		if !info.IsDir() {
			c, err := l.look(path, info)
			if err != nil {
				return nil, nil, err
			}
			files = append(files, c)
			continue
		}
		before := len(l.skipped)
		l.found = l.found[:0]
		if err := l.walk(path); err != nil {
			return nil, nil, err
		}
		if len(l.found) == 0 {
			return nil, nil, &FormatError{path, fmt.Sprintf("no capture in this folder (files of other kinds: %d)", len(l.skipped)-before)}
		}
		sort.SliceStable(l.found, func(i, j int) bool { return l.found[i].First < l.found[j].First })
		files = append(files, l.found...)
	}
	return files, l.skipped, nil
}

// lister searches folders.
type lister struct {
	found   []Found
	skipped []Skipped
	batch   packet.Batch
}

// walk appends the captures below folder, by name.
func (l *lister) walk(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return &os.PathError{Op: "read", Path: folder, Err: cause(err)}
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if e.IsDir() {
			if err := l.walk(path); err != nil {
				return err
			}
			continue
		}
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			err = &FormatError{path, "not a regular file"} // such as a link to a folder that may lead back here
		} else if err != nil {
			err = &FormatError{path, cause(err).Error()} // a link to nothing
		} else {
			var c Found
			if c, err = l.look(path, info); err == nil {
				l.found = append(l.found, c)
				continue
			}
		}
		var other *FormatError
		if !errors.As(err, &other) {
			return err
		}
		l.skipped = append(l.skipped, Skipped{path, err})
	}
	return nil
}

// look reads a file up to its first frame.
func (l *lister) look(path string, info os.FileInfo) (Found, error) {
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
	in.w.limit, in.w.size = 1, 2*minRead
	var counts Counters
	// An error is not for here: it comes again, behind the frames before it, when the file is read.
	for err == nil {
		l.batch.Reset()
		if err = in.fill(&l.batch, &counts); len(l.batch.Frames) > 0 {
			c.First = l.batch.Frames[0].Time
			break
		}
	}
	return c, nil
}
