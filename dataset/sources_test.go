package dataset

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// zipOf packs files, named and filled by turns.
func zipOf(t testing.TB, files ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, files[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZip(t *testing.T) {
	dir := t.TempDir()
	open := func(b []byte) (*Table, error) {
		path := filepath.Join(dir, "x.zip")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		tab, err := OpenTable(path)
		if err != nil {
			err = fmt.Errorf("%s", strings.Replace(err.Error(), path, "x", 1))
		}
		return tab, err
	}
	tab, err := open(zipOf(t, "d/", "", "d/a.csv", "a,b\n1,2\n", "__MACOSX/d/._a.csv", "\x00"))
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float64, 2)
	if err := tab.Next(row); err != nil || row[1] != 2 {
		t.Error(row, err)
	}
	if err := tab.Next(row); err != io.EOF {
		t.Error(err)
	}
	if sum, err := tab.SHA256(); err != nil || len(sum) != 64 {
		t.Error(sum, err)
	}
	if err := tab.Close(); err != nil {
		t.Error(err)
	}
	if _, err := open(zipOf(t, "a.csv", "a\n", "b.csv", "b\n")); err == nil || err.Error() != "read x: a zip of several files: unpack the one that is meant: a.csv, b.csv" {
		t.Error(err)
	}
	if _, err := open(zipOf(t, "d/", "")); err == nil || err.Error() != "read x: an empty zip" {
		t.Error(err)
	}
	whole := zipOf(t, "a.csv", "a,b\n1,2\n")
	if _, err := open(whole[:len(whole)-30]); err == nil || err.Error() != "read x: zip: not a valid zip file" {
		t.Error(err)
	}
	bent := slices.Clone(whole)
	bent[bytes.Index(bent, []byte("a.csv"))+6] ^= 0x55
	if _, err := open(bent); err == nil {
		t.Error("damaged data were read")
	}
}

func TestFindTables(t *testing.T) {
	dir := t.TempDir()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, "a,b\n1,2\n")
	z.Close()
	for name, text := range map[string]string{
		"b.csv": "a,b\n1,2\n", "a/z.txt": "a;b\n1;2\n", "a/c.gz": packed.String(), "conn.log": zeekLog, "bad.csv": "a,b\n1,2\n3\n",
		"README.md": "# Title, and more\n\nwords\n", "b.csv" + CardSuffix: "{}", "x.bin": "\x00\x01", "empty": "", "one.txt": "word\n1\n", "join.csv": "a,b\n1,2\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	o := TableOptions{Join: &Side{Path: filepath.Join(dir, "join.csv")}}
	found, skipped, err := o.FindTables([]string{dir, "given"})
	if err != nil {
		t.Fatal(err)
	}
	short := func(paths []string) (out []string) {
		for _, p := range paths {
			out = append(out, strings.TrimPrefix(filepath.ToSlash(p), filepath.ToSlash(dir)+"/"))
		}
		return out
	}
	if got := short(found); !slices.Equal(got, []string{"a/c.gz", "a/z.txt", "b.csv", "bad.csv", "conn.log", "given"}) {
		t.Errorf("found %q", got)
	}
	if got := short(skipped); !slices.Equal(got, []string{"README.md", "empty", "one.txt", "x.bin"}) {
		t.Errorf("skipped %q", got)
	}
	if _, _, err := o.FindTables([]string{t.TempDir()}); err == nil || !strings.HasSuffix(err.Error(), ": no table in this folder (files of other kinds: 0)") {
		t.Error(err)
	}
}

func TestJoin(t *testing.T) {
	dir := t.TempDir()
	side := func(text string, limit uint64) (*Side, error) {
		path := filepath.Join(dir, "side")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := readSide(context.Background(), path, "uid", TableOptions{}, limit)
		if err != nil {
			err = fmt.Errorf("%s", strings.ReplaceAll(err.Error(), path, "side"))
		}
		return s, err
	}
	s, err := side("n,uid,bytes,service,l\n1,C1,10,http,\"[1,2]\"\n2,C2,20,,\"[3]\"\n3,,30,x,[]\n4,C4,40,y,[]\n", MaxSide)
	if err != nil {
		t.Fatal(err)
	}
	tab, rows, err := readWith("uid,n,x\nC2,1,5\nC1,2,6\nC9,3,7\n\"\",4,8\nC1,5,9\n", TableOptions{Join: s})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(tab.Header, numeric(tab)); got != "[uid n x n.1 bytes service l_0 l_1] [n x n.1 bytes l_0 l_1]" {
		t.Error(got)
	}
	if got := fmt.Sprint(rows); got != "[[1 5 2 20 3 NaN] [2 6 1 10 1 2] [3 7 NaN NaN NaN NaN] [4 8 NaN NaN NaN NaN] [5 9 1 10 1 2]]" {
		t.Error(got)
	}
	if s.Rows() != 4 || s.Unmatched() != 2 || tab.Notes()[0] != "2 of 5 rows have no partner in "+s.Path+": its columns are empty in them" {
		t.Errorf("%d of %d, %q", s.Unmatched(), s.Rows(), tab.Notes())
	}
	if _, _, err := readWith("id,n\n1,2\n", TableOptions{Join: s}); err == nil || err.Error() != `read x: no column "uid" to join `+s.Path+` on` {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"uid,a\nC1,1\nC2,2\nC1,3\n":                     `read side:4: column "uid": "C1" is also in line 2: rows cannot be joined`,
		"id,a\nC1,1\n":                                  `read side: no column "uid" to join on`,
		"uid,a\n" + strings.Repeat("x", 2<<20) + ",1\n": "read side:2: more than 1 MB of rows to join: make this table the first one, or leave out columns",
	} {
		if _, err := side(text, 1<<20); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
