package dataset

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/flate"
)

// openZip opens the one file in a zip. Folders and what macOS puts beside files do not count.
func openZip(f io.ReaderAt, size int64) (io.ReadCloser, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, err
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	var file *zip.File
	var names []string
	for _, m := range z.File {
		if strings.HasSuffix(m.Name, "/") || strings.HasPrefix(m.Name, "__MACOSX/") || path.Base(m.Name) == ".DS_Store" {
			continue
		}
		file = m
		names = append(names, m.Name)
	}
	switch {
	case file == nil:
		return nil, errors.New("an empty zip")
	case len(names) > 1:
		more := ""
		if n := len(names) - 10; n > 0 {
			names, more = names[:10], fmt.Sprintf(" and %d more", n)
		}
		return nil, fmt.Errorf("a zip of several files: unpack the one that is meant: %s%s", strings.Join(names, ", "), more)
	case file.Flags&1 != 0:
		return nil, fmt.Errorf("%s in it is encrypted", file.Name)
	}
	r, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("%s in it: %w", file.Name, err)
	}
	return r, nil
}
