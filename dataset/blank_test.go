package dataset

import (
	"io"
	"math"
	"strings"
	"testing"
)

// allNumbersOf reads all rows of t.
func allNumbersOf(t *testing.T, table *Table) (out [][]float64) {
	t.Helper()
	row := make([]float64, len(table.Schema.Columns))
	for {
		err := table.Next(row)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append([]float64(nil), row...))
	}
}

// What a tool writes for no value is missing: infinities, and the filler of a column.
func TestClear(t *testing.T) {
	table, err := ReadText(strings.NewReader("a,b,c\n-1,-1,Infinity\n2,3,-Infinity\n-3,-1,0\n"), "x.csv", nil)
	if err != nil {
		t.Fatal(err)
	}
	table.Blank(func(column string) float64 {
		if column == "b" {
			return -1
		}
		return 0
	})
	nan := math.NaN()
	for i, want := range [][]float64{{-1, nan, nan}, {2, 3, nan}, {-3, nan, 0}} {
		if i == 0 {
			table.Take([]Wanted{{Name: "a"}, {Name: "b"}, {Name: "c"}})
		}
		row := make([]float64, 3)
		if err := table.Next(row); err != nil {
			t.Fatal(err)
		}
		for c := range want {
			if row[c] != want[c] && !(row[c] != row[c] && want[c] != want[c]) {
				t.Errorf("row %d column %d is %v, want %v", i, c, row[c], want[c])
			}
		}
		if i == 1 { // other columns, other fillers
			table.Take([]Wanted{{Name: "a"}, {Name: "b"}, {Name: "c"}})
		}
	}
}

// A card that knows numbered columns finds them in a list.
func TestUnfold(t *testing.T) {
	card := &Card{Rows: 2, Schema: &Schema{Set: "x", Version: 1, Columns: []Column{{Name: "n"}, {Name: "s_0"}, {Name: "s_1"}, {Name: "whole"}, {Name: "gone_0"}}}}
	table, err := ReadText(strings.NewReader("n,s,whole\n1,\"[4, 5]\",6\n2,\"[7]\",8\n"), "x.csv", card)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(table.Schema.names(), " "); got != "n s_0 s_1 whole" {
		t.Fatalf("columns %s", got)
	}
	rows := allNumbersOf(t, table)
	if len(rows) != 2 || rows[0][1] != 4 || rows[0][2] != 5 || rows[0][3] != 6 || rows[1][1] != 7 || rows[1][2] == rows[1][2] {
		t.Errorf("rows %v", rows)
	}
}
