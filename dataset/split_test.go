package dataset

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// grouped makes a frame of groups: the class and size of each.
func grouped(classes []int32, sizes []int) *Frame {
	f := &Frame{Classes: []string{"benign", "malicious"}}
	for g, n := range sizes {
		f.Groups = append(f.Groups, string(rune('a'+g)))
		for i := range n {
			f.Y = append(f.Y, classes[g])
			f.Group = append(f.Group, int32(g))
			f.Pair = append(f.Pair, uint64(i%3))
		}
	}
	f.SetRows(len(f.Y))
	return f
}

func TestFoldsByHand(t *testing.T) {
	f := grouped([]int32{0, 0, 1, 1}, []int{5, 1, 2, 2})
	folds, err := Folds(f, 2, ByGroup, 1)
	if err != nil {
		t.Fatal(err)
	}
	// One benign and one malicious group in each of both: rows 0-4 with 6, 7 or 8, 9.
	for _, fold := range folds {
		if n := len(fold); n != 7 && n != 3 {
			t.Errorf("folds %v", folds)
		}
	}
	if rest := Rest(folds, 0); !slices.Equal(rest, folds[1]) {
		t.Errorf("rest of the first is %v, the second is %v", rest, folds[1])
	}
	f.Y[5] = -1
	if _, err := Folds(f, 2, ByGroup, 1); err == nil || err.Error() != `split rows: all rows of class "benign" are of one group` {
		t.Errorf("one benign group: %v", err)
	}
	if folds, err = Folds(f, 2, ByPair, 1); err != nil || len(folds[0])+len(folds[1]) != 9 {
		t.Errorf("by pair: %v, %v", folds, err)
	}
	for k, want := range map[int]string{1: "split rows: 1 parts asked for, at least 2 are needed", 99: "split rows: 99 parts asked for, there are 7 of the kind host pair"} {
		if _, err := Folds(f, k, ByPair, 1); err == nil || err.Error() != want {
			t.Errorf("%d folds: %v", k, err)
		}
	}
}

func TestFoldsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 24).Draw(t, "groups")
		sizes := rapid.SliceOfN(rapid.IntRange(1, 40), n, n).Draw(t, "sizes")
		classes := rapid.SliceOfN(rapid.Int32Range(-1, 1), n, n).Draw(t, "classes")
		classes[0], classes[1], classes[2], classes[3] = 0, 0, 1, 1
		k := rapid.IntRange(2, 4).Draw(t, "k")
		by := By(rapid.IntRange(0, 1).Draw(t, "by"))
		seed := rapid.Uint64().Draw(t, "seed")
		f := grouped(classes, sizes)
		folds, err := Folds(f, k, by, seed)
		if err != nil {
			return // too few units, said so
		}
		again, _ := Folds(f, k, by, seed)
		if !reflect.DeepEqual(folds, again) {
			t.Fatal("two calls, two results")
		}
		home := map[[2]uint64]int{}
		units := make([][2]map[[2]uint64]bool, k)
		seen := map[int]bool{}
		for i, fold := range folds {
			units[i] = [2]map[[2]uint64]bool{{}, {}}
			if !slices.IsSorted(fold) {
				t.Fatal("rows out of order")
			}
			for _, row := range fold {
				u := [2]uint64{uint64(f.Group[row]), 0}
				if by == ByPair {
					u[1] = f.Pair[row]
				}
				if h, ok := home[u]; ok && h != i {
					t.Fatalf("unit %v in the folds %d and %d", u, h, i)
				}
				if seen[row] || f.Y[row] < 0 {
					t.Fatalf("row %d twice, or without class", row)
				}
				home[u], seen[row] = i, true
				units[i][f.Y[row]][u] = true
			}
		}
		for row, y := range f.Y {
			if y >= 0 && !seen[row] {
				t.Fatalf("row %d is in no fold", row)
			}
		}
		for class := range 2 {
			low, high := 1<<30, 0
			for i := range units {
				low, high = min(low, len(units[i][class])), max(high, len(units[i][class]))
			}
			if high-low > 1 {
				t.Fatalf("class %d: %d units in one fold, %d in another", class, low, high)
			}
		}
	})
}
