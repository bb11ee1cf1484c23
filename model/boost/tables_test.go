package boost_test

import (
	"archive/zip"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model/boost"
	"fm/model/modeltest"
)

var tables = flag.String("tables", "", "folder of the reference tables")

// The bars are the better of LightGBM 4.7.0 and XGBoost 3.2.0 with these settings (100
// trees of 31 leaves, rate 0.1, 255 bins), less what the two differ by. Words are numbers
// here, their place among the sorted words of the training rows, as for those two.
func TestTables(t *testing.T) {
	if *tables == "" {
		t.Skip("needs -tables")
	}
	for _, c := range []struct {
		name         string
		load         func(*testing.T) (train, test *grid)
		auc, logLoss float64 // at least, at most
		seeds        int
		seedsAUC     float64 // median over seeds with 80 % of the rows a tree
	}{
		{"NSL-KDD", nslKDD, 0.963, 0, 5, 0.965},
		{"KDD99 10 % to corrected", kdd99, 0.978, 0, 0, 0},
		{"UNSW-NB15", unsw, 0.9970, 0.065, 0, 0},
		{"HIGGS 7k", higgs, 0.826, 0, 0, 0},
		{"CICIDS2017 improved", cicids, 0.9995, 0, 0, 0},
		{"NF-BoT-IoT-v2", botIoT, 0.9995, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			train, test := c.load(t)
			for _, words := range []bool{false, true} {
				if words && !train.hasWords() {
					continue
				}
				f, g := frames(t, train, test, words)
				auc, loss := judge(t, boost.Trainer{}, f, g)
				as := "numbers"
				if words {
					as = "sets"
				}
				t.Logf("%d rows to %d, %d columns, words as %s: AUC %.4f, log loss %.4f", f.Rows(), g.Rows(), len(f.Cols), as, auc, loss)
				if words {
					continue
				}
				if auc < c.auc || c.logLoss > 0 && loss > c.logLoss {
					t.Errorf("AUC %.4f, want %v; log loss %.4f, want %v", auc, c.auc, loss, c.logLoss)
				}
				if c.seeds == 0 {
					continue
				}
				var all []float64
				for seed := range c.seeds {
					auc, _ := judge(t, boost.Trainer{Rows: 0.8, Seed: uint64(seed)}, f, g)
					all = append(all, auc)
				}
				t.Logf("AUC with 80 %% of the rows a tree, by seed: %.4f", all)
				slices.Sort(all)
				if m := all[len(all)/2]; m < c.seedsAUC {
					t.Errorf("median AUC %.4f, want %v", m, c.seedsAUC)
				}
			}
		})
	}
}

// judge trains on f and returns AUC and log loss on g.
func judge(t *testing.T, tr boost.Trainer, f, g *dataset.Frame) (auc, loss float64) {
	s, err := tr.Train(context.Background(), f, modeltest.All(f))
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float64, g.Rows())
	s.Margins(p, modeltest.Flat(g))
	order := modeltest.All(g)
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	rank, positive := 0.0, 0.0
	for i := 0; i < len(order); { // the mean rank of equal scores (Mann and Whitney)
		end := i
		for end < len(order) && p[order[end]] == p[order[i]] {
			end++
		}
		for _, r := range order[i:end] {
			if g.Y[r] == 1 {
				rank += float64(i+end+1) / 2
				positive++
			}
		}
		i = end
	}
	auc = (rank - positive*(positive+1)/2) / (positive * (float64(len(order)) - positive))
	s.Link(p, p)
	for i, v := range p {
		if g.Y[i] == 0 {
			v = 1 - v
		}
		loss -= math.Log(max(v, 1e-15))
	}
	return auc, loss / float64(len(p))
}

// grid is a table as text.
type grid struct {
	names []string // nil: columns have numbers only
	rows  [][]string
	y     []int32
	words []bool
}

func (g *grid) hasWords() bool { return slices.Contains(g.words, true) }

// frames makes frames of two grids with the words of the first: as sets of words, or as
// numbers with -1 for a word that it does not have.
func frames(t *testing.T, train, test *grid, sets bool) (a, b *dataset.Frame) {
	a, b = &dataset.Frame{Y: train.y}, &dataset.Frame{Y: test.y}
	a.SetRows(len(train.y))
	b.SetRows(len(test.y))
	a.Classes, b.Classes = []string{"benign", "malicious"}, []string{"benign", "malicious"}
	for c := range train.rows[0] {
		var words []string
		if train.words[c] {
			for _, r := range train.rows {
				words = append(words, r[c])
			}
			slices.Sort(words)
			words = slices.Compact(words)
		}
		for _, side := range []struct {
			g *grid
			f *dataset.Frame
		}{{train, a}, {test, b}} {
			col := dataset.Col{Values: make([]float64, len(side.g.rows))}
			for i, r := range side.g.rows {
				switch {
				case words == nil:
					col.Values[i] = number(t, r[c])
				default:
					k, found := slices.BinarySearch(words, r[c])
					col.Values[i] = float64(k)
					if !found {
						col.Values[i] = -1
						if sets {
							col.Values[i] = math.NaN()
						}
					}
				}
			}
			if sets {
				col.Words = words
			}
			side.f.Cols = append(side.f.Cols, col)
		}
	}
	return a, b
}

func number(t *testing.T, s string) float64 {
	if s == "" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && math.Abs(v) < math.MaxFloat64 {
		t.Fatal(err)
	}
	return v
}

// read reads a table; the names of its columns are in the first line if header is set.
func read(t *testing.T, r io.Reader, comma rune, header bool) *grid {
	c := csv.NewReader(r)
	c.Comma, c.FieldsPerRecord = comma, 0
	rows, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	g := &grid{rows: rows}
	if header {
		g.names, g.rows = rows[0], rows[1:]
		g.names[0] = strings.TrimPrefix(g.names[0], "\ufeff")
	}
	return g
}

// label takes column label as the class, benign being its value for class 0, and drops it
// and the others given.
func (g *grid) label(label int, benign string, drop ...int) *grid {
	drop = append(drop, label)
	for i, r := range g.rows {
		class := int32(1)
		if r[label] == benign {
			class = 0
		}
		g.y = append(g.y, class)
		var kept []string
		for c, v := range r {
			if !slices.Contains(drop, c) {
				kept = append(kept, v)
			}
		}
		g.rows[i] = kept
	}
	g.words = make([]bool, len(g.rows[0]))
	for c := range g.words {
		g.words[c] = slices.ContainsFunc(g.rows, func(r []string) bool {
			_, err := strconv.ParseFloat(r[c], 64)
			return err != nil && r[c] != "" && !strings.Contains(err.Error(), "range")
		})
	}
	return g
}

func (g *grid) columns(names ...string) (at []int) {
	for _, n := range names {
		at = append(at, slices.Index(g.names, n))
	}
	return at
}

// part deals rows into those to train on and those to test on.
func (g *grid) part(isTest func(i int) bool) (train, test *grid) {
	train, test = &grid{words: g.words}, &grid{words: g.words}
	for i, r := range g.rows {
		to := train
		if isTest(i) {
			to = test
		}
		to.rows, to.y = append(to.rows, r), append(to.y, g.y[i])
	}
	return train, test
}

func nslKDD(t *testing.T) (train, test *grid) {
	z := archive(t, "nsl_kdd.zip")
	return read(t, member(t, z, "KDDTrain+.txt"), ',', false).label(41, "normal", 42),
		read(t, member(t, z, "KDDTest+.txt"), ',', false).label(41, "normal", 42)
}

func kdd99(t *testing.T) (train, test *grid) {
	return read(t, unzipped(t, "kddcup99_10_percent.gz"), ',', false).label(41, "normal."),
		read(t, unzipped(t, "kddcup99_corrected.gz"), ',', false).label(41, "normal.")
}

func unsw(t *testing.T) (train, test *grid) {
	g := read(t, member(t, archive(t, "unsw_nb15_82332.zip"), "UNSW_NB15_training-set.csv"), ',', true)
	id := g.columns("id")[0]
	var ids []string
	for _, r := range g.rows {
		ids = append(ids, r[id])
	}
	g.label(g.columns("label")[0], "0", g.columns("id", "attack_cat")...)
	return g.part(func(i int) bool { return int(number(t, ids[i]))%5 == 0 })
}

func higgs(t *testing.T) (train, test *grid) {
	open := func(name string) io.Reader {
		b, err := os.Open(filepath.Join(*tables, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		return b
	}
	return read(t, open("higgs7k_binary.train.tsv"), '\t', false).label(0, "0"), read(t, open("higgs7k_binary.test.tsv"), '\t', false).label(0, "0")
}

func cicids(t *testing.T) (train, test *grid) {
	files, err := filepath.Glob(filepath.Join(*tables, "cicids2017_improved", "*.csv.gz"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files of cicids2017_improved", err)
	}
	all := &grid{}
	for _, name := range files {
		g := read(t, unzipped(t, filepath.Join("cicids2017_improved", filepath.Base(name))), ',', true)
		all.names, all.rows = g.names, append(all.rows, g.rows...)
	}
	all.label(all.columns("Label")[0], "BENIGN", all.columns("id", "Flow ID", "Src IP", "Dst IP", "Src Port", "Timestamp", "Attempted Category")...)
	return all.part(func(i int) bool { return i%10 < 3 })
}

func botIoT(t *testing.T) (train, test *grid) {
	g := read(t, unzipped(t, "nf_bot_iot_v2_sample.csv.gz"), ',', true)
	g.label(g.columns("Label")[0], "0", g.columns("IPV4_SRC_ADDR", "IPV4_DST_ADDR", "L4_SRC_PORT", "L4_DST_PORT", "Attack", "Dataset")...)
	return g.part(func(i int) bool { return i%10 < 3 })
}

func archive(t *testing.T, name string) *zip.ReadCloser {
	z, err := zip.OpenReader(filepath.Join(*tables, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { z.Close() })
	return z
}

func member(t *testing.T, z *zip.ReadCloser, name string) io.Reader {
	r, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func unzipped(t *testing.T, name string) io.Reader {
	file, err := os.Open(filepath.Join(*tables, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
