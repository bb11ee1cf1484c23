package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// newFile is a file that appears under its name only when it is complete.
type newFile struct {
	*os.File
	path string
}

// createFile starts path, or standard output for "-".
func (a *app) createFile(path string) (*newFile, error) {
	if path == "-" {
		return &newFile{path: path}, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("write %s: is a directory", path)
	}
	dir, base := filepath.Split(path)
	for range 100 {
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s.tmp-%08x", base, rand.Uint32())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fileError("write", path, err)
		}
		return &newFile{f, path}, nil
	}
	return nil, fmt.Errorf("write %s: no free temporary name beside it", path)
}

// finish has write fill the file and gives it its name; after an error nothing is left.
func (a *app) finish(f *newFile, write func(io.Writer) error) error {
	if f.File == nil {
		return write(a.env.stdout)
	}
	err := write(f.File)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fileError("write", f.path, err)
	}
	return nil
}

// drop removes what was begun. After finish it does nothing.
func (f *newFile) drop() {
	if f.File != nil {
		f.Close()
		os.Remove(f.Name())
	}
}
