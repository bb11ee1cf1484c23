package output

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"fm/dataset"
)

// full is a disk that is full after so many bytes.
type full struct {
	f    *File
	left int
}

func (w *full) Write(b []byte) (int, error) {
	if len(b) > w.left {
		n, err := w.f.Write(b[:w.left])
		if err == nil {
			err = fileError(w.f.path, &os.PathError{Op: "write", Path: w.f.f.Name(), Err: syscall.ENOSPC})
		}
		w.left = 0
		return n, err
	}
	w.left -= len(b)
	return w.f.Write(b)
}

// On a full disk the error says so, nothing is left of the file, and what lay there
// under its name before is untouched.
func TestFullDisk(t *testing.T) {
	for _, name := range []string{"x.csv", "x.csv.gz", "x.jsonl.zst", "x.parquet"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("older"), 0o666); err != nil {
			t.Fatal(err)
		}
		w, err := Create(path, testOptions())
		if err != nil {
			t.Fatal(err)
		}
		out := &full{w.parts[0].file, 1000}
		switch form := w.parts[0].form.(type) {
		case *lines:
			if reset, ok := form.end.(interface{ Reset(w io.Writer) }); ok {
				reset.Reset(out)
			} else {
				form.out = out
			}
		case *parquetForm:
			form.w.Reset(out)
			form.columns = form.w.ColumnWriters()
		}
		for range 5000 {
			if err = w.Write(testRecords()); err != nil {
				break
			}
		}
		closed := w.Close(&dataset.Card{})
		if err != nil && closed != err {
			t.Errorf("%s: Write says %v, Close %v", name, err, closed)
		}
		if want := "write " + path + ": no space left on device"; !errors.Is(closed, syscall.ENOSPC) || closed.Error() != want {
			t.Errorf("%s: %v, want %s", name, closed, want)
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 1 || left[0].Name() != name {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
		if b, _ := os.ReadFile(path); string(b) != "older" {
			t.Errorf("%s: the older file holds %.20q", name, b)
		}
	}
}
