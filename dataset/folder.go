package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// FindTables lists the tables that paths mean: files as they are, and of a folder every
// table below it, ordered by name. Skipped are the files below folders that are no tables;
// cards and the table to join are neither. A folder without a table is an error.
func (o TableOptions) FindTables(paths []string) (tables, skipped []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			tables = append(tables, path) // what is wrong with it is said when it is opened
			continue
		}
		found, passed := len(tables), len(skipped)
		err = filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := os.Stat(path)
			switch {
			case err != nil && d.Type()&fs.ModeSymlink == 0:
				return err
			case d.IsDir(), strings.HasSuffix(path, CardSuffix), o.Join != nil && isFile(info, o.Join.Path):
				return nil
			}
			is := false
			if err == nil && info.Mode().IsRegular() {
				if is, err = o.isTable(path); err != nil {
					return err
				}
			}
			if is {
				tables = append(tables, path)
			} else {
				skipped = append(skipped, path)
			}
			return nil
		})
		if err != nil {
			var pe *os.PathError
			if errors.As(err, &pe) {
				return nil, nil, fmt.Errorf("read %s: %w", pe.Path, pe.Err)
			}
			return nil, nil, err
		}
		if len(tables) == found {
			return nil, nil, fmt.Errorf("read %s: no table in this folder (files of other kinds: %d)", path, len(skipped)-passed)
		}
	}
	return tables, skipped, nil
}

func isFile(info os.FileInfo, path string) bool {
	other, err := os.Stat(path)
	return err == nil && info != nil && os.SameFile(info, other)
}

// isTable tells whether a file holds rows of at least two columns. What is wrong behind
// the first row is the fault of a table.
func (o TableOptions) isTable(path string) (bool, error) {
	if _, err := os.Stat(path + CardSuffix); err == nil {
		return true, nil // fm wrote it
	}
	o.Join = nil
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	t := &Table{Path: path, opts: o, closer: f.Close}
	defer t.Close()
	err = t.open(f)
	return err == nil && len(t.Header) > 1 && t.looked > 0, nil
}
