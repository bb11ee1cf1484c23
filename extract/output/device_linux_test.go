package output

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Devices and pipes are written, never replaced, and get no card; a link's target is.
func TestDevices(t *testing.T) {
	before, err := os.Stat("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	w, err := Create("/dev/null", testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(testRecords()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat("/dev/null"); err != nil || !os.SameFile(before, after) || after.Mode() != before.Mode() {
		t.Errorf("/dev/null was %v, is %v, %v", before.Mode(), after.Mode(), err)
	}
	w, err = Create("/dev/full", testOptions())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(testRecords()); !errors.Is(err, syscall.ENOSPC) || err.Error() != "write /dev/full: no space left on device" {
		t.Errorf("/dev/full: %v", err)
	}
	w.Abort()

	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(real, []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.csv", link); err != nil {
		t.Fatal(err)
	}
	want := written(t, link, testOptions(), testRecords())
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", st.Mode(), err)
	}
	if got, err := os.ReadFile(real); err != nil || string(got) != string(want) {
		t.Errorf("behind the link: %.20q, %v", got, err)
	}
}
