package main

import (
	"io"

	"fm/extract/output"
)

// newFile is a file that appears under its name only when it is complete. Devices and
// pipes are written as they are. File is nil for standard output.
type newFile struct{ *output.File }

// createFile starts path, or standard output for "-".
func (a *app) createFile(path string) (*newFile, error) {
	if path == "-" {
		return &newFile{}, nil
	}
	f, err := output.CreateFile(path)
	if err != nil {
		return nil, err
	}
	return &newFile{f}, nil
}

// finish has write fill the file and gives it its name; after an error nothing is left.
func (a *app) finish(f *newFile, write func(io.Writer) error) error {
	if f.File == nil {
		return write(a.env.stdout)
	}
	if err := write(f.File); err != nil {
		f.Drop()
		return err
	}
	return f.Commit()
}

// drop removes what was begun. After finish it does nothing.
func (f *newFile) drop() {
	if f.File != nil {
		f.Drop()
	}
}
