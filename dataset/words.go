package dataset

import (
	"math"
	"slices"
)

const (
	// MaxWords is the largest number of words that a column may hold. A column of more is
	// text and left out.
	MaxWords = 1<<16 - 1
	// MostWords is the number of words of a column that are kept apart, the most frequent
	// ones. Rarer ones count as missing, as words do that training has not seen.
	MostWords = 255

	maxWord  = 256       // bytes of a word
	wordRoom = 256 << 20 // bytes of all words of a table, before further columns are text
	wordCost = 96        // bytes that a word takes beside its own
)

// vocabulary numbers the words of a column in the order in which they come, or knows
// those given and no others.
type vocabulary struct {
	number map[string]int32
	list   []string
	counts []int // rows counted of each word
	fixed  bool
	unseen int    // rows with a word that is not known
	room   *int   // what is left of wordRoom
	text   bool   // there are too many, or too long ones: none is known any more
	why    string // and what the column seems to hold
}

// known is the vocabulary of the given words.
func known(words []string) *vocabulary {
	v := &vocabulary{number: make(map[string]int32, len(words)), list: words, fixed: true}
	for i, w := range words {
		v.number[w] = int32(i)
	}
	return v
}

// learned is an empty vocabulary that takes its memory out of room.
func learned(room *int) *vocabulary { return &vocabulary{number: map[string]int32{}, room: room} }

// value is the number of the word in cell, NaN for a missing one and one not known.
func (v *vocabulary) value(cell []byte) float64 {
	i, ok := v.number[string(cell)]
	switch {
	case ok:
	case IsMissing(cell) || v.text:
		return math.NaN()
	case v.fixed:
		v.unseen++
		return math.NaN()
	case len(v.list) == MaxWords || len(cell) > maxWord || *v.room < len(cell)+wordCost:
		for _, w := range v.list {
			*v.room += len(w) + wordCost
		}
		if v.why = whyWords(v.list, v.rows()); v.why == "" {
			v.why = LeftText
		}
		v.number, v.list, v.counts, v.text = nil, nil, nil, true
		return math.NaN()
	default:
		i = int32(len(v.list))
		w := string(cell)
		*v.room -= len(w) + wordCost
		v.list, v.counts = append(v.list, w), append(v.counts, 0)
		v.number[w] = i
	}
	return float64(i)
}

// count counts numbers that value gave: those of rows that are kept.
func (v *vocabulary) count(values []float64) {
	for _, w := range values {
		if w == w && !v.text {
			v.counts[int(w)]++
		}
	}
}

// rows is the number of rows with a word.
func (v *vocabulary) rows() int {
	n := 0
	for _, c := range v.counts {
		n += c
	}
	return n
}

// final are the at most [MostWords] words that are kept apart, sorted, nil if there are
// none, and for each word learned its place there, or -1. Of equally frequent ones the
// smaller word is kept.
func (v *vocabulary) final() (words []string, place []int32) {
	order := make([]int32, 0, len(v.list))
	for i, n := range v.counts {
		if n > 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(x, y int32) int {
		if d := v.counts[y] - v.counts[x]; d != 0 {
			return d
		}
		if v.list[x] < v.list[y] {
			return -1
		}
		return 1
	})
	for _, i := range order[:min(len(order), MostWords)] {
		words = append(words, v.list[i])
	}
	slices.Sort(words)
	place = make([]int32, len(v.list))
	for i, w := range v.list {
		place[i] = -1 // also of words of rows that are not kept
		if k, ok := slices.BinarySearch(words, w); ok {
			place[i] = int32(k)
		}
	}
	return words, place
}
