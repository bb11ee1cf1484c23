package foreign

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// ErrNoWords is the cause when a library can't have the words of a model.
var ErrNoWords = errors.New("XGBoost takes words of ASCII only")

// xgboostWords checks that frames with these words find them. XGBoost 3.2 takes the number
// of characters of a word in a frame for that of its bytes.
func xgboostWords(words []string) error {
	for _, w := range words {
		for i := range len(w) {
			if w[i] >= 0x80 {
				return fmt.Errorf("word %.40q: %w", w, ErrNoWords)
			}
		}
	}
	return nil
}

// words writes the labels of categorical inputs, the counterpart of [categoryLabels]: each
// list in the order of its codes, and, for all inputs together, where each begins and the
// codes in ascending order of the labels.
func (j *xgboostWriter) words(all [][]string) {
	if !slices.ContainsFunc(all, func(w []string) bool { return w != nil }) {
		return
	}
	j.text(`,"cats":{"enc":[`)
	for i, words := range all {
		if i > 0 {
			j.WriteByte(',')
		}
		j.labels(words)
	}
	j.text(`],"feature_segments":[0`)
	n := 0
	for _, words := range all {
		n += len(words)
		fmt.Fprintf(j, ",%d", n)
	}
	j.text(`],"sorted_idx":[`)
	n = 0
	for _, words := range all {
		for _, code := range sortedCodes(words) {
			if n++; n > 1 {
				j.WriteByte(',')
			}
			j.text(strconv.Itoa(code))
		}
	}
	j.text(`]}`)
}

// labels writes those of one input: integers as they are, others as the bytes of all of
// them and the offset of each; an input of numbers has none.
func (j *xgboostWriter) labels(words []string) {
	if _, ok := integers(words); ok {
		const int64Type = "15" // XGBoost's number for it
		j.text(`{"type":` + int64Type + `,"values":[`)
		for i, w := range words {
			if i > 0 {
				j.WriteByte(',')
			}
			j.text(w)
		}
		j.text(`]}`)
		return
	}
	j.text(`{"offsets":[`)
	at := 0
	for i, w := range words {
		if i == 0 {
			j.WriteByte('0')
		}
		at += len(w)
		fmt.Fprintf(j, ",%d", at)
	}
	j.text(`],"values":[`)
	at = 0
	for _, w := range words {
		for i := range len(w) {
			if at++; at > 1 {
				j.WriteByte(',')
			}
			j.text(strconv.Itoa(int(w[i])))
		}
	}
	j.text(`]}`)
}

// integers are the labels where all of them are whole numbers, as pandas has them.
func integers(words []string) (values []int64, ok bool) {
	for _, w := range words {
		v, err := strconv.ParseInt(w, 10, 64)
		if err != nil || strconv.FormatInt(v, 10) != w {
			return nil, false
		}
		values = append(values, v)
	}
	return values, len(values) > 0
}

func sortedCodes(words []string) []int {
	codes := make([]int, len(words))
	for i := range codes {
		codes[i] = i
	}
	if values, ok := integers(words); ok {
		slices.SortFunc(codes, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	} else {
		slices.SortFunc(codes, func(a, b int) int { return cmp.Compare(words[a], words[b]) })
	}
	return codes
}
