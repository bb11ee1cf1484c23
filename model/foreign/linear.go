package foreign

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"fm/model"
	"fm/model/tree"
)

// Linear is XGBoost's gblinear. Margin g of a row is bias g plus base g, plus the sum over
// the inputs, in order, of value times weight, all in float32; missing values add nothing.
type Linear struct {
	Bias, Base []float32      // one an output
	Weights    []float32      // input × output
	Transform  tree.Transform // from margins to predictions
	Predicts   model.Prediction
	task       model.Task
}

var _ model.Predictor = (*Linear)(nil)

// Inputs is the number of values of a row.
func (l *Linear) Inputs() int { return len(l.Weights) / len(l.Bias) }

// Outputs is the number of margins of a row.
func (l *Linear) Outputs() int { return len(l.Bias) }

// Task says what the outputs mean.
func (l *Linear) Task() model.Task { return l.task }

// Prediction implements [model.Predictor].
func (l *Linear) Prediction() model.Prediction { return l.Predicts }

// Margins implements [model.Scorer].
func (l *Linear) Margins(dst, rows []float64) {
	inputs, outputs := l.Inputs(), l.Outputs()
	for n := 0; (n+1)*inputs <= len(rows); n++ {
		row := rows[n*inputs : (n+1)*inputs]
		for g := range outputs {
			sum := l.Bias[g] + l.Base[g]
			for i, v := range row {
				if v == v {
					sum += float32(float32(v) * l.Weights[i*outputs+g]) // never fused: the same bits on every CPU
				}
			}
			dst[n*outputs+g] = float64(sum)
		}
	}
}

// Link implements [model.Scorer].
func (l *Linear) Link(dst, margins []float64) {
	tree.Link32(l.Transform, dst, margins, len(l.Bias))
}

func (l *Linear) validate() error {
	outputs := len(l.Bias)
	if outputs < 1 || len(l.Base) != outputs || len(l.Weights) < outputs || len(l.Weights)%outputs != 0 {
		return fmt.Errorf("%d weights, %d biases and %d bases", len(l.Weights), outputs, len(l.Base))
	}
	if l.Transform > tree.Step && l.Transform != tree.BoundedLogistic || l.Predicts > model.Index || l.task > model.Regression || l.task == model.Binary && outputs != 1 {
		return fmt.Errorf("task %d with transform %d, prediction %d and %d outputs", l.task, l.Transform, l.Predicts, outputs)
	}
	for _, part := range [][]float32{l.Bias, l.Base, l.Weights} {
		for _, w := range part {
			if w-w != 0 {
				return errors.New("a weight is not finite")
			}
		}
	}
	return nil
}

// LinearCodec writes a [Linear] as inputs, outputs, task, transform and prediction
// (unsigned varints), then 4 bytes little endian each: biases, bases, weights.
type LinearCodec struct{}

var _ model.Codec = LinearCodec{}

// Append implements [model.Codec].
func (LinearCodec) Append(dst []byte, s model.Scorer) ([]byte, error) {
	l, ok := s.(*Linear)
	if !ok {
		return nil, fmt.Errorf("encode linear model: a %T is none", s)
	}
	if err := l.validate(); err != nil {
		return nil, fmt.Errorf("encode linear model: %w", err)
	}
	for _, v := range []int{l.Inputs(), l.Outputs(), int(l.task), int(l.Transform), int(l.Predicts)} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	for _, part := range [][]float32{l.Bias, l.Base, l.Weights} {
		for _, w := range part {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(w))
		}
	}
	return dst, nil
}

// Decode implements [model.Codec].
func (LinearCodec) Decode(payload []byte) (model.Scorer, error) {
	var head [5]int // inputs, outputs, task, transform, prediction
	for i := range head {
		v, n := binary.Uvarint(payload)
		if n <= 0 || v > maxInputs {
			return nil, errors.New("decode linear model: bad head")
		}
		head[i], payload = int(v), payload[n:]
	}
	inputs, outputs := head[0], head[1]
	if inputs < 1 || outputs < 1 || outputs > maxOutputs || len(payload) != 4*outputs*(inputs+2) {
		return nil, fmt.Errorf("decode linear model: %d inputs and %d outputs in %d bytes", inputs, outputs, len(payload))
	}
	take := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = math.Float32frombits(binary.LittleEndian.Uint32(payload[4*i:]))
		}
		payload = payload[4*n:]
		return v
	}
	l := &Linear{
		Bias: take(outputs), Base: take(outputs), Weights: take(inputs * outputs),
		task: model.Task(head[2]), Transform: tree.Transform(head[3]), Predicts: model.Prediction(head[4]),
	}
	if head[2] > int(model.Regression) || head[3] > int(tree.BoundedLogistic) || head[4] > int(model.Index) {
		return nil, errors.New("decode linear model: bad head")
	}
	if err := l.validate(); err != nil {
		return nil, fmt.Errorf("decode linear model: %w", err)
	}
	return l, nil
}
