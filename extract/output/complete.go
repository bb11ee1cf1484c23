package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// ErrClosedPipe says that the reader of the output has gone away: the command is to
// end quietly. (On Unix the process must ignore SIGPIPE to see it on stdout.)
var ErrClosedPipe = errors.New("output closed by its reader")

// File is a file that appears under its name only when it is complete. Until then it
// lies beside as .NAME.tmp-XXXX. Standard output, devices and pipes are written as
// they are. Errors name the file as the user did.
type File struct {
	f      *os.File
	path   string // as the user named it, for errors
	target string // what is replaced in the end; "" for a stream

	written int64
	closed  bool // what is to be renamed
}

// IsStream tells whether [CreateFile] would write path as it is: standard output, a
// device or a pipe. No card lies beside a stream.
func IsStream(path string) bool {
	if path == "-" {
		return true
	}
	st, err := os.Stat(path)
	return err == nil && !st.Mode().IsRegular() && !st.IsDir()
}

// CreateFile starts the file called path; "-" is standard output. Either
// [File.Commit] or [File.Drop] ends it; a Drop behind a Commit does nothing.
func CreateFile(path string) (*File, error) {
	if path == "-" {
		return &File{f: os.Stdout, path: "standard output"}, nil
	}
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	if st, err := os.Stat(target); err == nil && !st.Mode().IsRegular() {
		if st.IsDir() {
			return nil, fmt.Errorf("write %s: is a directory", path)
		}
		f, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err != nil {
			return nil, fileError(path, err)
		}
		return &File{f: f, path: path}, nil
	}
	return startFile(path, target)
}

// startFile starts a file that replaces target, which lies where it is.
func startFile(path, target string) (*File, error) {
	dir, base := filepath.Split(target)
	for range 100 {
		f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf(".%s.tmp-%08x", base, rand.Uint32())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fileError(path, err)
		}
		return &File{f: f, path: path, target: target}, nil
	}
	return nil, fmt.Errorf("write %s: no free temporary name beside it", path)
}

// stream tells whether bytes are out as soon as they are written.
func (f *File) stream() bool { return f.target == "" }

// Write implements [io.Writer]. An error that wraps [ErrClosedPipe] means that nobody reads any more.
func (f *File) Write(b []byte) (int, error) {
	n, err := f.f.Write(b)
	f.written += int64(n)
	return n, fileError(f.path, err)
}

// close ends the writing of a file that is to be renamed.
func (f *File) close() error {
	if f.stream() || f.closed {
		return nil
	}
	f.closed = true
	return fileError(f.path, f.f.Close())
}

// Commit gives the file its name, or removes it if that fails.
func (f *File) Commit() error {
	if f.stream() {
		if f.f == os.Stdout {
			return nil
		}
		return fileError(f.path, f.f.Close())
	}
	err := f.close()
	if err == nil {
		err = fileError(f.path, os.Rename(f.f.Name(), f.target))
	}
	if err != nil {
		os.Remove(f.f.Name())
	}
	return err
}

// Drop removes what was written.
func (f *File) Drop() {
	if f.f != os.Stdout && !f.closed {
		f.f.Close()
	}
	if !f.stream() {
		os.Remove(f.f.Name())
	}
}

// remove takes back a Commit.
func (f *File) remove() {
	if !f.stream() {
		os.Remove(f.target)
	}
}

// fileError names the file as the user does and keeps the cause.
func fileError(path string, err error) error {
	if err == nil {
		return nil
	}
	err = cause(err)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || runtime.GOOS == "windows" && (errors.Is(err, syscall.Errno(109)) || errors.Is(err, syscall.Errno(232))) {
		return ErrClosedPipe // Windows: ERROR_BROKEN_PIPE, ERROR_NO_DATA
	}
	return fmt.Errorf("write %s: %w", path, err)
}

// cause is err without the names that the system call was given.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}
