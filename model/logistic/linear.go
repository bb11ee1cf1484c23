package logistic

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"fm/model"
)

// Linear is a fitted logistic regression. The margin of output o is its bias plus, over
// the inputs, weight times the standardised value, clipped to ±10 deviations; for a
// missing value it is the input's missing weight instead.
type Linear struct {
	bias        []float64
	mean, scale []float64
	weight      []float64 // input × output
	missing     []float64 // input × output
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
			w := l.weight[i*outputs : (i+1)*outputs]
			z := 1.0
			if v == v {
				z = scaled(v, l.mean[i], l.scale[i])
			} else {
				w = l.missing[i*outputs : (i+1)*outputs]
			}
			for o := range out {
				out[o] += float64(z * w[o]) // no fused operation: the same bits on every CPU
			}
		}
	}
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
	inputs, n := binary.Uvarint(payload)
	if n <= 0 {
		return nil, errors.New("decode logistic: payload ends too early")
	}
	payload = payload[n:]
	outputs, n := binary.Uvarint(payload)
	if n <= 0 {
		return nil, errors.New("decode logistic: payload ends too early")
	}
	payload = payload[n:]
	const most = 1 << 20
	if inputs < 1 || outputs < 1 || inputs > most || outputs > most || uint64(len(payload)) != 8*(outputs+inputs*(2+2*outputs)) {
		return nil, fmt.Errorf("decode logistic: %d inputs and %d outputs in %d bytes", inputs, outputs, len(payload))
	}
	next := func() float64 {
		v := math.Float64frombits(binary.LittleEndian.Uint64(payload))
		payload = payload[8:]
		return v
	}
	l := &Linear{bias: make([]float64, outputs)}
	finite := true
	take := func(dst []float64, count uint64) []float64 {
		for range count {
			v := next()
			finite = finite && !math.IsNaN(v) && !math.IsInf(v, 0)
			dst = append(dst, v)
		}
		return dst
	}
	l.bias = take(l.bias[:0], outputs)
	for range inputs {
		l.mean, l.scale = take(l.mean, 1), take(l.scale, 1)
		l.weight, l.missing = take(l.weight, outputs), take(l.missing, outputs)
	}
	if !finite {
		return nil, errors.New("decode logistic: a number is not finite")
	}
	return l, nil
}
