package foreign

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"fm/model"
)

// DeepfenceInputs is how many numbers of a flow Deepfence FlowMeter's model reads.
const DeepfenceInputs = 39

// deepfenceNames are the names of these numbers, in the order of the parameter files. The
// last six are the tool's model's alone, the others columns of its table too.
var deepfenceNames = [DeepfenceInputs]string{
	"flowDuration", "flowLength", "fwdFlowLength", "bwdFlowLength",
	"packetSizeTotal", "packetSizeMean", "packetSizeStd", "packetSizeMin", "packetSizeMax",
	"fwdPacketSizeTotal", "bwdPacketSizeTotal", "fwdPacketSizeMean", "bwdPacketSizeMean", "fwdPacketSizeStd", "bwdPacketSizeStd",
	"fwdPacketSizeMin", "bwdPacketSizeMin", "fwdPacketSizeMax", "bwdPacketSizeMax",
	"IATMean", "IATStd", "IATMin", "IATMax",
	"fwdIATTotal", "bwdIATTotal", "fwdIATMean", "bwdIATMean", "fwdIATStd", "bwdIATStd",
	"fwdIATMin", "bwdIATMin", "fwdIATMax", "bwdIATMax",
	"flowLengthPerTime", "fwdFlowLengthPerTime", "bwdFlowLengthPerTime",
	"packetSizeTotalPerTime", "fwdPacketSizeTotalPerTime", "bwdPacketSizeTotalPerTime",
}

// Deepfence is the logistic regression of Deepfence FlowMeter: the sum over the inputs, in
// order, of weight times standardised value, plus an intercept. As the tool does, it computes
// in 64 bits with parameters rounded to 32.
//
// A flow without duration has no rates: the tool's are infinite or not a number, so that its
// probability is no number either and its verdict benign. Here the margin of a row that lacks
// a value is the lowest number there is, and its probability 0.
type Deepfence struct {
	Mean, Std, Weight [DeepfenceInputs]float64
	Intercept         float64
}

var (
	_ model.Scorer    = (*Deepfence)(nil)
	_ model.Explainer = (*Deepfence)(nil)
)

// Inputs is the number of values of a row.
func (d *Deepfence) Inputs() int { return DeepfenceInputs }

// Outputs is the number of margins of a row.
func (d *Deepfence) Outputs() int { return 1 }

// Task says what the output means.
func (d *Deepfence) Task() model.Task { return model.Binary }

// term is what a value adds to the margin.
func (d *Deepfence) term(i int, v float64) float64 {
	return round32(d.Weight[i]) * ((v - round32(d.Mean[i])) / round32(d.Std[i]))
}

func round32(v float64) float64 { return float64(float32(v)) }

// Margins implements [model.Scorer].
func (d *Deepfence) Margins(dst, rows []float64) {
	for n := 0; (n+1)*DeepfenceInputs <= len(rows); n++ {
		sum := 0.0
		for i, v := range rows[n*DeepfenceInputs : (n+1)*DeepfenceInputs] {
			sum += float64(d.term(i, v)) // no fused operation: the same bits on every CPU
		}
		if sum += round32(d.Intercept); sum != sum {
			sum = -math.MaxFloat64
		}
		dst[n] = sum
	}
}

// Link implements [model.Scorer] in the tool's own words, which differ from those of
// [model.Sigmoid] in the last bits.
func (d *Deepfence) Link(dst, margins []float64) {
	for i, m := range margins {
		dst[i] = 1 / (1 + math.Exp(-m))
	}
}

// Explain implements [model.Explainer]: an input adds its term, the bias is the intercept; of
// a row that lacks values the first of them takes the margin down.
func (d *Deepfence) Explain() (model.Contributions, error) { return d.contributions, nil }

func (d *Deepfence) contributions(dst, row []float64, output int) {
	if len(dst) != DeepfenceInputs+1 || len(row) != DeepfenceInputs || output != 0 {
		panic("foreign: contributions: slices do not match")
	}
	for i, v := range row {
		if v != v {
			clear(dst)
			dst[i] = -math.MaxFloat64
			return
		}
		dst[i] = d.term(i, v)
	}
	dst[DeepfenceInputs] = round32(d.Intercept)
}

// parameters are all numbers, in the order of the files.
func (d *Deepfence) parameters() [4][]float64 {
	return [4][]float64{d.Mean[:], d.Std[:], d.Weight[:], {d.Intercept}}
}

// validate says which number can't be one of the tool's.
func (d *Deepfence) validate() error {
	for k, numbers := range d.parameters() {
		for i, v := range numbers {
			if why := unfit32(v); why != "" {
				return fmt.Errorf("%s number %d: %s", deepfenceFileNames[k], i+1, why)
			}
		}
	}
	for i, v := range d.Std {
		if float32(v) == 0 {
			return fmt.Errorf("%s number %d: a standard deviation of 0 in 32 bits", deepfenceFileNames[1], i+1)
		}
	}
	return nil
}

func unfit32(v float64) string {
	switch {
	case v-v != 0:
		return "it is not finite"
	case math.IsInf(round32(v), 0):
		return "it does not fit into 32 bits"
	}
	return ""
}

// DeepfenceCodec writes a [Deepfence] as its numbers in the order of the files mean, std,
// weights and intercept, 8 bytes little endian each.
type DeepfenceCodec struct{}

var _ model.Codec = DeepfenceCodec{}

// Append implements [model.Codec].
func (DeepfenceCodec) Append(dst []byte, s model.Scorer) ([]byte, error) {
	d, ok := s.(*Deepfence)
	if !ok {
		return nil, fmt.Errorf("encode model of Deepfence FlowMeter: a %T is none", s)
	}
	if err := d.validate(); err != nil {
		return nil, fmt.Errorf("encode model of Deepfence FlowMeter: %w", err)
	}
	for _, numbers := range d.parameters() {
		for _, v := range numbers {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
		}
	}
	return dst, nil
}

// Decode implements [model.Codec].
func (DeepfenceCodec) Decode(payload []byte) (model.Scorer, error) {
	if len(payload) != 8*(3*DeepfenceInputs+1) {
		return nil, errors.New("decode model of Deepfence FlowMeter: wrong length")
	}
	next := func() float64 {
		v := math.Float64frombits(binary.LittleEndian.Uint64(payload))
		payload = payload[8:]
		return v
	}
	d := &Deepfence{}
	for _, part := range []*[DeepfenceInputs]float64{&d.Mean, &d.Std, &d.Weight} {
		for i := range part {
			part[i] = next()
		}
	}
	d.Intercept = next()
	if err := d.validate(); err != nil {
		return nil, fmt.Errorf("decode model of Deepfence FlowMeter: %w", err)
	}
	return d, nil
}
