package foreign

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"github.com/dmitryikh/leaves"

	"fm/model/tree"
)

// ErrNotCompared is the cause when [Compare] has nothing to say: the second opinion does
// not know the format, or something in the model.
var ErrNotCompared = errors.New("not compared")

// maxCompared bounds the text that is handed to the second reader, which holds it several
// times over.
const maxCompared = 256 << 20

// Compare scores probe rows with the model that [Read] made of r, a LightGBM text model,
// and with the reader of github.com/dmitryikh/leaves, which shares no code with ours. It
// returns the number of rows compared and the largest difference between margins; leaf
// numbers must agree too. Where leaves can't tell, the error is [ErrNotCompared] with the
// reason. leaves trusts its input: only a file that Read took may come here.
func Compare(r io.Reader, m *Model) (rows int, largest float64, err error) {
	e, ok := m.Scorer.(*tree.Ensemble)
	if !ok || m.Library != "lightgbm" {
		return 0, 0, fmt.Errorf("%w: leaves does not know the rules of XGBoost's files", ErrNotCompared)
	}
	for t := range e.Trees {
		if e.Trees[t].Linear != nil {
			return 0, 0, fmt.Errorf("%w: leaves does not know linear leaves", ErrNotCompared)
		}
	}
	switch {
	case len(e.Trees) == 0:
		return 0, 0, fmt.Errorf("%w: the model has no trees", ErrNotCompared)
	case e.Inputs() == 1:
		return 0, 0, fmt.Errorf("%w: leaves does not know models of one feature", ErrNotCompared)
	}
	in, done, err := decompressed(r)
	if err != nil {
		return 0, 0, err
	}
	defer done()
	text, err := io.ReadAll(io.LimitReader(in, maxCompared+1))
	if err != nil {
		return 0, 0, err
	}
	if len(text) > maxCompared {
		return 0, 0, fmt.Errorf("%w: the model is longer than %d bytes", ErrNotCompared, maxCompared)
	}
	return compare(text, e)
}

func compare(text []byte, e *tree.Ensemble) (rows int, largest float64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: leaves panics: %v", ErrNotCompared, p)
		}
	}()
	other, err := leaves.LGEnsembleFromReader(bufio.NewReader(bytes.NewReader(asVersion3(text))), false)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: leaves: %v", ErrNotCompared, err)
	}
	inputs, outputs := e.Inputs(), e.Outputs()
	if other.NFeatures() != inputs || other.NRawOutputGroups() != outputs || other.NEstimators() != len(e.Trees)/outputs {
		return 0, 0, fmt.Errorf("leaves reads %d features, %d outputs and %d rounds, fm %d, %d and %d", other.NFeatures(), other.NRawOutputGroups(), other.NEstimators(), inputs, outputs, len(e.Trees)/outputs)
	}
	places := other.EnsembleWithLeafPredictions()
	probe := probeRows(e)
	rows = len(probe) / inputs
	ours, theirs, numbers := make([]float64, rows*outputs), make([]float64, outputs), make([]float64, len(e.Trees))
	e.Margins(ours, probe)
	for r := range rows {
		row := probe[r*inputs : (r+1)*inputs]
		if err := places.Predict(row, 0, numbers); err != nil {
			return 0, 0, fmt.Errorf("%w: leaves: %v", ErrNotCompared, err)
		}
		for t := range e.Trees {
			ours := e.Trees[t].LeafNames[e.Trees[t].Leaf(row)]
			// It lists the leaves output by output.
			if theirs := numbers[t%outputs*(len(e.Trees)/outputs)+t/outputs]; float64(ours) != theirs {
				return 0, 0, fmt.Errorf("probe row %d falls into leaf %d of tree %d, with leaves into %v", r, ours, t, theirs)
			}
		}
		if err := other.Predict(row, 0, theirs); err != nil {
			return 0, 0, fmt.Errorf("%w: leaves: %v", ErrNotCompared, err)
		}
		for o, v := range theirs {
			m := ours[r*outputs+o]
			if e.Divisor != 0 {
				m /= e.Divisor // of random forests it gives the average, each value times 1/n before the sum
			}
			d := math.Abs(m - v)
			largest = max(largest, d)
			if !(d == 0 || e.Divisor != 0 && d <= 1e-12*max(1, math.Abs(m))) {
				return 0, 0, fmt.Errorf("probe row %d has margin %v, with leaves %v", r, m, v)
			}
		}
	}
	return rows, largest, nil
}

// asVersion3 is a text model as leaves knows it: version 4 is version 3 but for what stands
// behind the trees, and a name with "=" in it is too much for leaves.
func asVersion3(text []byte) []byte {
	text = bytes.Replace(text, []byte("\nversion=v4\n"), []byte("\nversion=v3\n"), 1)
	begin := bytes.Index(text, []byte("\nfeature_names="))
	if begin < 0 {
		return text
	}
	end := begin + 1 + bytes.IndexByte(text[begin+1:], '\n')
	return append(text[:begin:begin], text[end:]...)
}

// probeCount is the number of rows of [probeRows], of fewer for models of so many inputs
// that they would hold more than maxProbe values.
const (
	probeCount = 500
	maxProbe   = 1 << 22
)

// probeRows makes rows whose values are thresholds of e, the numbers next to them, zero
// and missing, and codes about the categories of its sets; in the range where all readers
// of LightGBM models agree what they mean. The same model gives the same rows.
func probeRows(e *tree.Ensemble) []float64 {
	inputs := e.Inputs()
	values := make([][]float64, inputs)
	words, zero := make([]bool, inputs), make([]bool, inputs)
	for t := range e.Trees {
		for i := range e.Trees[t].Nodes {
			n := &e.Trees[t].Nodes[i]
			f := n.Feature
			zero[f] = zero[f] || n.Kind == tree.ZeroMissing
			if n.Kind == tree.Categorical {
				if !words[f] {
					words[f], values[f] = true, nil
				}
				values[f] = append(values[f], float64(64*len(e.Trees[t].Sets[n.Set].Bits)))
			} else if !words[f] {
				values[f] = append(values[f], n.Threshold)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	rows := make([]float64, min(probeCount, max(1, maxProbe/inputs))*inputs)
	for i := range rows {
		f := i % inputs
		v := 0.0
		if n := len(values[f]); n > 0 {
			v = values[f][r.IntN(n)]
			switch kind := r.IntN(8); {
			case words[f]:
				v = float64(r.IntN(int(v) + 2)) // missing categories are read in two ways
			case kind == 0:
				v = math.NaN()
			case kind == 1:
				v = 0
			case kind < 4:
				v = math.Nextafter(v, math.Inf(1))
			case kind < 6:
				v = math.Nextafter(v, math.Inf(-1))
			}
		}
		if zero[f] && math.Abs(v) < 2*tree.ZeroBound {
			v = 0 // where zero ends is read in two ways
		}
		rows[i] = v
	}
	return rows
}
