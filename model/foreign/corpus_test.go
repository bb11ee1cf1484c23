package foreign

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// modelsDir holds the reference models, of which testdata is a small image of our own.
var modelsDir = flag.String("models", "", "directory of the reference models")

// corpora are the directories of models to test: testdata, and the reference models if given.
func corpora(t testing.TB) []string {
	t.Helper()
	dirs := []string{"testdata"}
	if *modelsDir != "" {
		if _, err := os.Stat(filepath.Join(*modelsDir, "rows")); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, *modelsDir)
	}
	return dirs
}

// corpusCase is one directory LIBRARY-VERSION/CASE: a model in one or several formats and
// what its library made of the rows.
type corpusCase struct {
	Library    string              `json:"library"`
	Version    string              `json:"version"`
	Case       string              `json:"case"`
	RowsFile   string              `json:"rows_file"`
	Features   int                 `json:"features"`
	Names      []string            `json:"feature_names"`
	Types      []string            `json:"feature_types"`
	Categories map[string][]string `json:"categories"`
	Attributes map[string]string   `json:"attributes"`
	Params     map[string]any      `json:"params"`

	dir    string   // of the case
	models []string // paths of the model files
	rows   *corpusRows
	status []string             // of each row
	want   map[string][]float64 // columns of expected.csv.gz by name; see isEmpty
}

// corpusRows are the rows of a file, row-major.
type corpusRows struct {
	kind   []string
	inputs int
	values []float64
}

// corpusCases loads the cases of library below dir, by version and name.
func corpusCases(t testing.TB, dir, library string) []*corpusCase {
	t.Helper()
	metas, err := filepath.Glob(filepath.Join(dir, library+"-*", "*", "meta.json"))
	if err != nil || len(metas) == 0 {
		t.Fatalf("no cases of %s in %s: %v", library, dir, err)
	}
	shared := map[string]*corpusRows{}
	var cases []*corpusCase
	for _, path := range metas {
		c := &corpusCase{dir: filepath.Dir(path)}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, c); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if c.models, err = filepath.Glob(filepath.Join(c.dir, "model*.*")); err != nil || len(c.models) == 0 {
			t.Fatalf("%s: no model", c.dir)
		}
		c.models = slices.DeleteFunc(c.models, func(path string) bool { return strings.Contains(path, ".dump.") })
		if shared[c.RowsFile] == nil {
			shared[c.RowsFile] = readCorpusRows(t, filepath.Join(dir, c.RowsFile))
		}
		c.rows = shared[c.RowsFile]
		c.readExpected(t)
		cases = append(cases, c)
	}
	return cases
}

// bits is the precision of the numbers that the library of c writes.
func (c *corpusCase) bits() int {
	if c.Library == "xgboost" {
		return 32
	}
	return 64
}

func (c *corpusCase) readExpected(t testing.TB) {
	head, lines := readTable(t, filepath.Join(c.dir, "expected.csv.gz"))
	c.want = map[string][]float64{}
	for i, name := range head {
		values := make([]float64, len(lines))
		for r, line := range lines {
			if name == "status" {
				c.status = append(c.status, line[i])
				continue
			}
			values[r] = readNumber(t, line[i], c.bits())
		}
		c.want[name] = values
	}
	if len(c.status) != len(c.rows.kind) {
		t.Fatalf("%s: %d expected rows for %d rows", c.dir, len(c.status), len(c.rows.kind))
	}
}

// outputs is the number of columns NAME0, NAME1 … of expected.csv.gz.
func (c *corpusCase) outputs(name string) int {
	n := 0
	for c.want[name+strconv.Itoa(n)] != nil {
		n++
	}
	return n
}

// numbered reads a file of c whose first column is a row's number, as contribs.csv.gz and
// newest.csv.gz; it returns nothing if there is no such file.
func (c *corpusCase) numbered(t testing.TB, file string) (rows []int, head []string, values [][]float64) {
	t.Helper()
	path := filepath.Join(c.dir, file)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return nil, nil, nil
	}
	head, lines := readTable(t, path)
	for _, line := range lines {
		r, err := strconv.Atoi(line[0])
		if err != nil || r < 0 || r >= len(c.status) {
			t.Fatalf("%s: row %q", path, line[0])
		}
		v := make([]float64, len(line)-1)
		for i := range v {
			v[i] = readNumber(t, line[i+1], c.bits())
		}
		rows, values = append(rows, r), append(values, v)
	}
	return rows, head[1:], values
}

func readCorpusRows(t testing.TB, path string) *corpusRows {
	head, lines := readTable(t, path)
	rows := &corpusRows{inputs: len(head) - 1}
	for _, line := range lines {
		rows.kind = append(rows.kind, line[0])
		for _, cell := range line[1:] {
			rows.values = append(rows.values, readNumber(t, cell, 64))
		}
	}
	return rows
}

// empty stands for a cell that holds nothing: a NaN that no cell spells.
const empty = 0x7ff8_0000_0000_e317

func isEmpty(v float64) bool { return math.Float64bits(v) == empty }

// readNumber reads a number of bits.
func readNumber(t testing.TB, cell string, bits int) float64 {
	if cell == "" {
		return math.Float64frombits(empty)
	}
	v, err := strconv.ParseFloat(cell, bits)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readTable(t testing.TB, path string) (head []string, lines [][]string) {
	t.Helper()
	f := openCorpusFile(t, path)
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) < 1 {
		t.Fatalf("%s: %d lines, %v", path, len(lines), err)
	}
	return lines[0], lines[1:]
}

// openCorpusFile opens a file of the corpus, unpacked if it ends in .gz.
func openCorpusFile(t testing.TB, path string) io.Reader {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(path, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// refusal is one line of refuse/LIST.tsv.
type refusal struct {
	path           string
	refuse, accept bool // which of the two is right
}

// refusals lists the damaged files of the reference models.
func refusals(t testing.TB) []refusal {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(*modelsDir, "refuse", "LIST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []refusal
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		cells := strings.Split(line, "\t")
		wanted := strings.Split(cells[1], " or ")
		out = append(out, refusal{filepath.Join(*modelsDir, "refuse", cells[0]), slices.Contains(wanted, "refuse"), slices.Contains(wanted, "load")})
	}
	return out
}
