package output

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
)

// Format is how rows are written.
type Format uint8

// Formats.
const (
	ByName  Format = iota // as the file's name says; CSV where it says nothing
	CSV                   // comma separated, with a header line
	JSONL                 // a JSON object a line, features nested
	Parquet               // columns, the card inside
	Table                 // aligned text for people
	Log                   // as Zeek writes logs, of a tool that does
)

// formats in the words of --format.
var formats = [...]string{"", "csv", "jsonl", "parquet", "table", "log"}

// String returns the word of --format.
func (f Format) String() string { return formats[f] }

// ParseFormat reads the word of --format; "" is [ByName].
func ParseFormat(s string) (Format, error) {
	for i, name := range formats {
		if s == name {
			return Format(i), nil
		}
	}
	return 0, fmt.Errorf("unknown format %q: there are csv, jsonl, parquet, table and log", s)
}

// compression of a text file.
type compression uint8

const (
	plain compression = iota
	gzipped
	zstdded
)

// named reads format and compression from a file's name; standard is the format where it
// says nothing.
func named(path string, f, standard Format) (Format, compression, error) {
	if path == "-" || isFolder(path) {
		return cmp.Or(f, standard), plain, nil
	}
	name, c := path, plain
	switch ext := filepath.Ext(name); strings.ToLower(ext) {
	case ".gz":
		name, c = strings.TrimSuffix(name, ext), gzipped
	case ".zst":
		name, c = strings.TrimSuffix(name, ext), zstdded
	}
	if f == ByName {
		switch ext := filepath.Ext(name); strings.ToLower(ext) {
		case ".csv":
			f = CSV
		case "":
			f = standard
		case ".log":
			f = Log
		case ".jsonl", ".ndjson":
			f = JSONL
		case ".parquet":
			f = Parquet
		default:
			return 0, 0, fmt.Errorf("write %s: no format is known for names with %s: use .csv, .jsonl or .parquet, or --format", path, ext)
		}
	}
	if f == Parquet && c != plain {
		return 0, 0, fmt.Errorf("write %s: Parquet compresses by itself: leave out %s", path, filepath.Ext(path))
	}
	return f, c, nil
}
