package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// TableOptions say how a table is read. The zero value finds everything out by content.
type TableOptions struct {
	Delimiter byte  // between the cells of a text table; 0: comma, semicolon, tab or |, found out
	NoHeader  bool  // the first line of a text table is a row; its columns are f0, f1 and so on
	SkipBad   bool  // leave out rows that cannot be read and count them; else they are errors
	Join      *Side // a table whose columns are added; the joined one is foreign, whatever its card
}

// OpenTable opens a file of rows and reads its header and card: separated text, Zeek's
// logs, JSON Lines, each plain, gzip, zstd or alone in a zip, or Parquet; content
// decides, not the name. Errors name the file.
func OpenTable(path string) (*Table, error) { return TableOptions{}.Open(path) }

// Open is [OpenTable] with options.
func (o TableOptions) Open(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	t := &Table{Path: path, opts: o, closer: f.Close}
	if err := t.open(f); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// ReadText reads a text table from r; name is for errors. card may be nil.
func ReadText(r io.Reader, name string, card *Card) (*Table, error) {
	return TableOptions{}.ReadText(r, name, card)
}

// ReadText is [ReadText] with options.
func (o TableOptions) ReadText(r io.Reader, name string, card *Card) (*Table, error) {
	t := &Table{Path: name, Card: card, opts: o}
	if err := t.openRows(r); err != nil {
		return nil, err
	}
	return t, t.bind()
}

// open finds the format. What it leaves open is closed by Close.
func (t *Table) open(f *os.File) error {
	st, err := f.Stat()
	if err != nil {
		return t.error(err)
	}
	if st.IsDir() {
		return fmt.Errorf("read %s: is a directory", t.Path)
	}
	var magic [4]byte
	n, _ := f.ReadAt(magic[:], 0)
	switch string(magic[:n]) {
	case "PAR1":
		p, err := openParquet(f, st.Size())
		if err != nil {
			return t.error(err)
		}
		t.rows, t.Card, t.sum = p, p.card, func() (string, error) { return sumOf(f) }
		return t.bind()
	case "PK\x03\x04", "PK\x05\x06":
		member, err := openZip(f, st.Size())
		if err != nil {
			return t.error(err)
		}
		t.sum, t.closer = func() (string, error) { return sumOf(f) }, func() error { member.Close(); return f.Close() }
		return t.openText(member)
	}
	size := int64(0)
	if st.Mode().IsRegular() {
		size = st.Size()
	}
	in, err := openPacked(f, size)
	if err != nil {
		return t.error(err)
	}
	t.sum, t.unsum, t.closer = in.sum, &in.unsum, func() error { in.close(); return f.Close() }
	return t.openText(in.r)
}

func (t *Table) openText(r io.Reader) (err error) {
	if t.Card, err = ReadCardBeside(t.Path); err != nil && !errors.Is(err, ErrNoCard) {
		return err
	}
	if t.Card != nil && t.Card.Schema.Set == "" {
		t.Card = nil // judged rows of a foreign table: the card says where they come from, not how to read them
	}
	if t.Card != nil && t.Card.Layout == "original" {
		t.Card, t.Tool = nil, t.Card
	}
	if err := t.openRows(r); err != nil {
		return err
	}
	return t.bind()
}

func (t *Table) openRows(r io.Reader) error {
	lines := newLineReader(r)
	text, err := lines.peek(sniffed)
	if err == nil {
		err = noText(text, t.opts.Delimiter)
	}
	if err != nil {
		return t.error(err)
	}
	switch {
	case len(text) > 0 && text[0] == '{':
		// Rows in a tool's own layout have no member where the tool has no value.
		t.rows, err = openJSON(lines, t.Card == nil)
	case isZeek(text):
		t.rows, err = openZeek(lines)
	default:
		t.rows, err = openCSV(lines, t.opts.Delimiter, t.opts.NoHeader)
	}
	if err != nil {
		return t.error(err)
	}
	return nil
}

// magics are starts of files that are no tables of text, and what to say of them.
var magics = [...]struct{ start, what string }{
	{"PAR1", "Parquet inside a compressed file: unpack it first"},
	{"PK\x03\x04", "a zip inside a compressed file: unpack it first"},
	{"\x1f\x8b", "compressed twice: unpack it first"},
	{"\x28\xb5\x2f\xfd", "compressed twice: unpack it first"},
	{"BZh", "bzip2 is not read: unpack it first"},
	{"\xfd7zXZ\x00", "xz is not read: unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "7z is not read: unpack it first"},
	{"\xff\xfe", "UTF-16 is not read: write it as UTF-8"},
	{"\xfe\xff", "UTF-16 is not read: write it as UTF-8"},
	{"\xd4\xc3\xb2\xa1", "a packet capture, no table"},
	{"\xa1\xb2\xc3\xd4", "a packet capture, no table"},
	{"\x4d\x3c\xb2\xa1", "a packet capture, no table"},
	{"\xa1\xb2\x3c\x4d", "a packet capture, no table"},
	{"\x0a\x0d\x0d\x0a", "a packet capture, no table"},
	{"ARROW1", "an Arrow file is not read: write it as Parquet"},
	{"\x89HDF", "HDF5 is not read: write it as Parquet or CSV"},
	{"[{", "a JSON array is not read: write one object a line"},
	{"[\n", "a JSON array is not read: write one object a line"},
	{"%PDF", "PDF, no table"},
}

var errBinary = errors.New("no table: binary data")

// noText refuses what is no text at its start, so that rubbish does not become a table
// of one odd column. The delimiter may be a control character.
func noText(text []byte, delim byte) error {
	for _, m := range magics {
		if bytes.HasPrefix(text, []byte(m.start)) {
			return errors.New(m.what)
		}
	}
	header := text
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		header = text[:i]
	}
	for i, b := range header {
		if b < ' ' && b != '\t' && b != '\r' && b != delim {
			return fmt.Errorf("%w (byte %#02x at %d)", errBinary, b, i)
		}
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fmt.Errorf("%w (byte 0x00 at %d)", errBinary, i)
	}
	return nil
}
