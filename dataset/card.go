package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Card is what a file of rows says about itself: it lies beside a text file as
// NAME.card.json and inside a Parquet file under [CardKey].
type Card struct {
	Format      string            `json:"format"` // [CardFormat]
	Fm          string            `json:"fm"`     // version of the fm that wrote the rows
	Layout      string            `json:"layout,omitempty"`
	Rows        uint64            `json:"rows"`
	Complete    bool              `json:"complete"`          // false: the run was interrupted
	Columns     []string          `json:"columns,omitempty"` // what the file holds, in order
	Classes     []string          `json:"classes,omitempty"` // names behind score columns, 0 is benign
	Fingerprint string            `json:"fingerprint"`       // of Schema
	Schema      *Schema           `json:"schema"`
	Sources     []CardSource      `json:"sources,omitempty"`
	Counters    map[string]uint64 `json:"counters,omitempty"`
	Settings    map[string]string `json:"settings,omitempty"`
}

// CardSource is a capture or a table that rows were made from.
type CardSource struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256,omitempty"`
	Frames uint64 `json:"frames"`
	Bytes  uint64 `json:"bytes,omitempty"`
	Rows   uint64 `json:"rows,omitempty"` // of a table
}

const (
	// CardFormat is the first line of every card's content.
	CardFormat = "fm card 1"
	// CardKey is the name of the card in a Parquet file's key-value metadata.
	CardKey = "fm.card"
	// CardSuffix follows the name of the file of rows.
	CardSuffix = ".card.json"
	// MaxCard is the largest card that is read, in bytes.
	MaxCard = 16 << 20
)

// ErrNoCard says that there is no card beside a file.
var ErrNoCard = errors.New("no card")

// Write writes the card as indented JSON. Format and Fingerprint are set first.
func (c *Card) Write(w io.Writer) error {
	c.Format = CardFormat
	if c.Schema != nil {
		c.Fingerprint = c.Schema.Fingerprint()
	}
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// ReadCard reads a card, at most [MaxCard] bytes. Unknown fields, a schema that does
// not belong to its fingerprint and columns named twice are errors.
func ReadCard(r io.Reader) (*Card, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxCard+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxCard {
		return nil, fmt.Errorf("card larger than %d bytes", MaxCard)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	c := new(Card)
	if err := d.Decode(c); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("text behind the card")
	}
	switch {
	case c.Format != CardFormat:
		return nil, fmt.Errorf("format %q, this fm reads %q", c.Format, CardFormat)
	case c.Schema == nil:
		return nil, errors.New("card without a schema")
	case c.Fingerprint != c.Schema.Fingerprint():
		return nil, errors.New("the schema does not belong to the fingerprint")
	}
	if name, twice := repeated(c.Schema.names()); twice {
		return nil, fmt.Errorf("column %q twice in the schema", name)
	}
	return c, nil
}

// ReadCardBeside reads the card of the file of rows called path. Without one the error wraps [ErrNoCard].
func ReadCardBeside(path string) (*Card, error) {
	name := path + CardSuffix
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", name, ErrNoCard)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := ReadCard(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return c, nil
}

func (s *Schema) names() []string {
	out := make([]string, len(s.Columns))
	for i := range s.Columns {
		out[i] = s.Columns[i].Name
	}
	return out
}

// repeated returns the first name that stands in names twice.
func repeated(names []string) (string, bool) {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if seen[n] {
			return n, true
		}
		seen[n] = true
	}
	return "", false
}
