package modeltest

import (
	"archive/zip"
	"cmp"
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fm/dataset"
	"fm/model"
)

// Reference is a public table that trainers are compared on, as the reference tables lay
// it out: rows to train on, and rows of another file or every so many rows to test on.
type Reference struct {
	Name  string
	train []string // file, or archive:member
	test  []string // nil: of train, by row
	label string
	bare  bool // no header: columns are f0, f1, …
	drop  []string
	held  func(row int) bool // rows of train that are tested on, from 0
}

// References are the tables whose results are published or measured with other libraries.
func References() []Reference {
	third := func(row int) bool { return row%10 < 3 }
	return []Reference{
		{Name: "NSL-KDD", train: []string{"nsl_kdd.zip:KDDTrain+.txt"}, test: []string{"nsl_kdd.zip:KDDTest+.txt"}, label: "f41", bare: true, drop: []string{"f42"}},
		{Name: "KDD99", train: []string{"kddcup99_10_percent.gz"}, test: []string{"kddcup99_corrected.gz"}, label: "f41", bare: true},
		{Name: "UNSW-NB15", train: []string{"unsw_nb15_82332.zip:UNSW_NB15_training-set.csv"}, label: "label", held: func(row int) bool { return (row+1)%5 == 0 }},
		{Name: "HIGGS", train: []string{"higgs7k_binary.train.tsv"}, test: []string{"higgs7k_binary.test.tsv"}, label: "f0", bare: true},
		{Name: "NF-BoT-IoT", train: []string{"nf_bot_iot_v2_sample.csv.gz"}, label: "Label", drop: []string{"L4_DST_PORT", "Dataset"}, held: third},
		{Name: "CICIDS2017", train: []string{"cicids2017_improved/*.csv.gz"}, label: "Label", held: third},
	}
}

// Load reads the table from dir, the folder of the reference tables: a frame with all of
// its rows, the indexes of those to train on, and the frame and indexes to test on. Words
// of the latter that are not in the former are missing.
func (r Reference) Load(t testing.TB, dir string) (f *dataset.Frame, train []int, g *dataset.Frame, test []int) {
	t.Helper()
	f = r.read(t, dir, r.train, dataset.ReadOptions{Label: r.label, Drop: r.drop})
	if r.test == nil {
		for i := range f.Rows() {
			if r.held(i) {
				test = append(test, i)
			} else {
				train = append(train, i)
			}
		}
		return f, train, f, test
	}
	o := dataset.ReadOptions{Label: r.label}
	for c := range f.Cols {
		o.Want = append(o.Want, dataset.Wanted{Name: f.Schema.Columns[c].Name, Words: f.Cols[c].Words})
	}
	g = r.read(t, dir, r.test, o)
	return f, All(f), g, All(g)
}

func (r Reference) read(t testing.TB, dir string, names []string, o dataset.ReadOptions) *dataset.Frame {
	t.Helper()
	var files []dataset.TableFile
	for _, name := range names {
		found, err := filepath.Glob(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if found == nil {
			found = []string{filepath.Join(dir, name)}
		}
		for _, path := range found {
			files = append(files, dataset.TableFile{Path: path})
		}
	}
	open := func(path string) (*dataset.Table, error) {
		options := dataset.TableOptions{NoHeader: r.bare}
		archive, member, ok := strings.Cut(path, ":")
		if !ok {
			return options.Open(path)
		}
		z, err := zip.OpenReader(archive)
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { z.Close() })
		m, err := z.Open(member)
		if err != nil {
			return nil, err
		}
		return options.ReadText(m, path, nil)
	}
	f, _, err := dataset.ReadTables(context.Background(), files, open, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d rows, %d columns; left out %s", r.Name, f.Rows(), len(f.Cols), dataset.LeftString(f.Left))
	return f
}

// Judge returns AUC and log loss of s on rows of f: of the probability that a row is not benign.
func Judge(s model.Scorer, f *dataset.Frame, rows []int) (auc, loss float64) {
	w, p := len(f.Cols), make([]float64, len(rows))
	flat := make([]float64, len(rows)*w)
	for i, r := range rows {
		f.Row(flat[i*w:(i+1)*w], r)
	}
	s.Margins(p, flat)
	s.Link(p, p)
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	rank, positive := 0.0, 0.0
	for i := 0; i < len(order); { // the mean rank of equal scores (Mann and Whitney)
		end := i
		for end < len(order) && p[order[end]] == p[order[i]] {
			end++
		}
		for _, k := range order[i:end] {
			if f.Y[rows[k]] == 1 {
				rank += float64(i+end+1) / 2
				positive++
			}
		}
		i = end
	}
	for k, v := range p {
		if f.Y[rows[k]] == 0 {
			v = 1 - v
		}
		loss -= math.Log(max(v, 1e-15))
	}
	n := float64(len(rows))
	return (rank - positive*(positive+1)/2) / (positive * (n - positive)), loss / n
}
