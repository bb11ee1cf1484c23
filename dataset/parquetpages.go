package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go/format"
)

// The Parquet library believes the sizes in footer and page headers and takes memory for
// them, up to 2 GiB a page. They are checked before it sees them.
const (
	// pageBudget is how much memory the pages of a row group may take that are held at
	// the same time, one a column, beside pagesPerByte bytes for each of the file.
	pageBudget   = 24 << 20
	pagesPerByte = 24
	// footerPerByte is how much memory a byte of the footer may become.
	footerPerByte = 40
	maxHeader     = 1 << 20 // of a page, with its statistics
)

// checkFooter takes a footer apart before the library does.
func checkFooter(footer []byte) error {
	w := thriftWalker{b: footer}
	if err := w.walk(0); err != nil {
		return err
	}
	if w.cost > 1<<20+footerPerByte*int64(len(footer)) {
		return fmt.Errorf("damaged Parquet: a footer of %d bytes that would take %d MB", len(footer), w.cost>>20)
	}
	return nil
}

// pageHead is what a page says of itself.
type pageHead struct {
	packed, plain int64 // bytes
	values        int64
	levels        int64 // bytes of levels before the packed ones
	bare          bool  // not packed, whatever the column's codec
	size          int   // of the header
}

// checkPages reads the headers of all pages of a row group and adds up what the largest
// page of each column may take, with its dictionary.
func checkPages(f io.ReaderAt, size int64, g *format.RowGroup) error {
	budget := pageBudget + pagesPerByte*size
	buf := make([]byte, 4096)
	for i := range g.Columns {
		m := &g.Columns[i].MetaData
		at := m.DataPageOffset
		if m.DictionaryPageOffset != 0 {
			at = m.DictionaryPageOffset
		}
		end := at + m.TotalCompressedSize
		if at < 0 || end < at || end > size {
			return fmt.Errorf("damaged Parquet: a column chunk at %d of %d bytes in %d", at, m.TotalCompressedSize, size)
		}
		largest, dictionary := int64(0), int64(0)
		for at < end {
			h, isDictionary, err := readPageHead(f, at, end, &buf)
			if err != nil {
				return err
			}
			at += int64(h.size)
			if h.packed < 0 || h.plain < 0 || h.values < 0 || h.levels < 0 || h.packed > end-at || h.levels > h.packed {
				return fmt.Errorf("damaged Parquet: a page of %d bytes where %d are left", h.packed, end-at)
			}
			plain := h.packed
			if m.Codec != format.Uncompressed && !h.bare {
				packed := io.NewSectionReader(f, at+h.levels, h.packed-h.levels)
				if plain, err = plainSize(packed, m.Codec, budget); err != nil {
					return fmt.Errorf("column %q: %w", strings.Join(m.PathInSchema, "."), err)
				}
			}
			// A value takes 8 bytes, and 4 as index into the dictionary; its levels 2.
			memory := h.packed + max(h.plain, plain) + 14*h.values
			if isDictionary {
				dictionary = max(dictionary, memory)
			} else {
				largest = max(largest, memory)
			}
			at += h.packed
		}
		if budget -= largest + dictionary; budget < 0 {
			return errors.New("its pages take too much memory for a file of this size: write it with smaller pages")
		}
	}
	return nil
}

// readPageHead reads the header of the page at a place of a file.
func readPageHead(f io.ReaderAt, at, end int64, buf *[]byte) (h pageHead, dictionary bool, err error) {
	for {
		b := (*buf)[:min(int64(len(*buf)), end-at)]
		if _, err := f.ReadAt(b, at); err != nil {
			return h, false, err
		}
		h, dictionary = pageHead{}, false
		w := thriftWalker{b: b, seen: func(path uint32, v int64) {
			switch path {
			case 1:
				dictionary = v == int64(format.DictionaryPage)
			case 2:
				h.plain = v
			case 3:
				h.packed = v
			case 5<<8 | 1, 7<<8 | 1, 8<<8 | 1:
				h.values = v
			case 8<<8 | 5, 8<<8 | 6:
				h.levels += v
			case 8<<8 | 7:
				h.bare = v == 0
			}
		}}
		err = w.walk(0)
		if err == errThriftShort && int64(len(b)) < end-at && len(b) < maxHeader {
			*buf = make([]byte, maxHeader)
			continue
		}
		h.size = w.at
		return h, dictionary, err
	}
}

// footerOf reads the footer of a file.
func footerOf(f io.ReaderAt, size int64) ([]byte, error) {
	var tail [8]byte // length of the footer, magic
	if _, err := f.ReadAt(tail[:], max(0, size-8)); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n > size-12 || n > maxFooter {
		return nil, fmt.Errorf("damaged Parquet: a footer of %d bytes", n)
	}
	footer := make([]byte, n)
	_, err := f.ReadAt(footer, size-8-n)
	return footer, err
}
