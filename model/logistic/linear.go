package logistic

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"fm/model"
)

// Linear is a fitted logistic regression. The margin of output o is its bias plus, over
// the inputs, weight times the standardised value, clipped to ±10 deviations; for a
// missing value it is the input's missing weight instead. Of an input of words each word
// has a weight, and a word that training did not see is missing.
type Linear struct {
	bias        []float64
	mean, scale []float64
	weight      []float64   // input × output
	missing     []float64   // input × output
	words       [][]float64 // of an input of words: word × output
	notes       []error
	warnings    []error
}

var _ model.Scorer = (*Linear)(nil)

// Inputs is the number of values of a row.
func (l *Linear) Inputs() int { return len(l.mean) }

// Outputs is 1 for two classes, where the margin is the log-odds, else one a class.
func (l *Linear) Outputs() int { return len(l.bias) }

// Task says what the outputs mean.
func (l *Linear) Task() model.Task {
	if len(l.bias) == 1 {
		return model.Binary
	}
	return model.Classes
}

// Plane is what the model is made of where it has one output and no words: each input adds
// (value − mean) × scale, clipped, times its weight. What a missing value adds is left out.
func (l *Linear) Plane() (bias float64, mean, scale, weight []float64, ok bool) {
	if len(l.bias) != 1 || slices.ContainsFunc(l.words, func(w []float64) bool { return w != nil }) {
		return 0, nil, nil, nil, false
	}
	return l.bias[0], l.mean, l.scale, l.weight, true
}

// Notes are what training has to say about the result; they are not saved.
func (l *Linear) Notes() []error { return l.notes }

// Warnings are notes that a user must see before trusting the result.
func (l *Linear) Warnings() []error { return l.warnings }

// Margins implements [model.Scorer].
func (l *Linear) Margins(dst, rows []float64) {
	inputs, outputs := len(l.mean), len(l.bias)
	for n := 0; n*inputs < len(rows); n++ {
		row, out := rows[n*inputs:(n+1)*inputs], dst[n*outputs:(n+1)*outputs]
		copy(out, l.bias)
		for i, v := range row {
			z, w := l.term(i, v)
			for o := range out {
				out[o] += float64(z * w[o]) // no fused operation: the same bits on every CPU
			}
		}
	}
}

// term is what input i with value v adds to the outputs: z times w.
func (l *Linear) term(i int, v float64) (z float64, w []float64) {
	outputs := len(l.bias)
	switch {
	case v != v:
	case l.words[i] == nil:
		return scaled(v, l.mean[i], l.scale[i]), l.weight[i*outputs : (i+1)*outputs]
	case v >= 0 && v < float64(len(l.words[i])/outputs):
		k := int(v)
		return 1, l.words[i][k*outputs : (k+1)*outputs]
	}
	return 1, l.missing[i*outputs : (i+1)*outputs]
}

// Link implements [model.Scorer].
func (l *Linear) Link(dst, margins []float64) {
	if len(l.bias) == 1 {
		model.Sigmoid(dst, margins)
	} else {
		model.Softmax(dst, margins, len(l.bias))
	}
}

// Codec writes a Linear as inputs and outputs (unsigned varints), then 8 bytes little
// endian each: the biases, and for every input mean, scale, weights and missing weights.
// Where inputs are words there follow, as varints, how many inputs are, and for each its
// number and how many words it has, and the words' weights.
type Codec struct{}

var _ model.Codec = Codec{}

// Append implements [model.Codec].
func (Codec) Append(dst []byte, s model.Scorer) ([]byte, error) {
	l, ok := s.(*Linear)
	if !ok {
		return nil, fmt.Errorf("encode logistic: a %T is none", s)
	}
	outputs := len(l.bias)
	dst = binary.AppendUvarint(dst, uint64(len(l.mean)))
	dst = binary.AppendUvarint(dst, uint64(outputs))
	dst = appendFloats(dst, l.bias...)
	for i := range l.mean {
		dst = appendFloats(dst, l.mean[i], l.scale[i])
		dst = appendFloats(dst, l.weight[i*outputs:(i+1)*outputs]...)
		dst = appendFloats(dst, l.missing[i*outputs:(i+1)*outputs]...)
	}
	n := 0
	for _, w := range l.words {
		if w != nil {
			n++
		}
	}
	if n == 0 {
		return dst, nil
	}
	dst = binary.AppendUvarint(dst, uint64(n))
	for i, w := range l.words {
		if w != nil {
			dst = binary.AppendUvarint(dst, uint64(i))
			dst = binary.AppendUvarint(dst, uint64(len(w)/outputs))
			dst = appendFloats(dst, w...)
		}
	}
	return dst, nil
}

func appendFloats(dst []byte, values ...float64) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
	}
	return dst
}

// Decode implements [model.Codec].
func (Codec) Decode(payload []byte) (model.Scorer, error) {
	r := reader{left: payload}
	inputs, outputs := r.number(), r.number()
	const most = 1 << 20
	if r.err == nil && (inputs < 1 || outputs < 1 || inputs > most || outputs > most || len(r.left) < 8*(outputs+inputs*(2+2*outputs))) {
		r.err = fmt.Errorf("%d inputs and %d outputs in %d bytes", inputs, outputs, len(r.left))
	}
	if r.err != nil {
		return nil, fmt.Errorf("decode logistic: %w", r.err)
	}
	l := &Linear{words: make([][]float64, inputs)}
	l.bias = r.floats(nil, outputs)
	for range inputs {
		l.mean, l.scale = r.floats(l.mean, 1), r.floats(l.scale, 1)
		l.weight, l.missing = r.floats(l.weight, outputs), r.floats(l.missing, outputs)
	}
	if len(r.left) > 0 {
		n, last := r.number(), -1
		if n < 1 && r.err == nil {
			r.err = errors.New("bytes behind the end")
		}
		for range n {
			i, words := r.number(), r.number()
			if r.err == nil && (i <= last || i >= inputs || words > most) {
				r.err = fmt.Errorf("input %d of %d has %d words", i, inputs, words)
			}
			if r.err != nil {
				break
			}
			l.words[i] = r.floats([]float64{}, words*outputs)
			last = i
		}
		if r.err == nil && len(r.left) > 0 {
			r.err = errors.New("bytes behind the end")
		}
	}
	if r.err != nil {
		return nil, fmt.Errorf("decode logistic: %w", r.err)
	}
	return l, nil
}

// reader takes a payload apart. After an error it gives zeros.
type reader struct {
	left []byte
	err  error
}

var errShort = errors.New("payload ends too early")

func (r *reader) number() int {
	v, n := binary.Uvarint(r.left)
	if r.err == nil && (n <= 0 || v > math.MaxInt32) {
		r.err = errShort
	}
	if r.err != nil {
		return 0
	}
	r.left = r.left[n:]
	return int(v)
}

// floats appends n finite numbers to dst.
func (r *reader) floats(dst []float64, n int) []float64 {
	if r.err == nil && len(r.left)/8 < n {
		r.err = errShort
	}
	if r.err != nil {
		return dst
	}
	for range n {
		v := math.Float64frombits(binary.LittleEndian.Uint64(r.left))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			r.err = errors.New("a number is not finite")
		}
		dst, r.left = append(dst, v), r.left[8:]
	}
	return dst
}
