package model

// Prediction says what the library that made a model predicts for a row.
type Prediction uint8

// Predictions.
const (
	Linked Prediction = iota // what Link gives
	Raw                      // the margins themselves: XGBoost's binary:logitraw
	Index                    // one number a row, the first output with the largest margin: XGBoost's multi:softmax
)

// A Predictor is the scorer of a model from another library, which may predict something
// else than what verdicts need.
type Predictor interface {
	Scorer
	Prediction() Prediction
}

// Predictions is how many numbers s's own library predicts for a row.
func Predictions(s Scorer) int {
	if p, ok := s.(Predictor); ok && p.Prediction() == Index {
		return 1
	}
	return s.Outputs()
}

// Predict writes to dst what s's own library predicts for the rows of these margins, rows ×
// [Predictions] numbers, and returns them. dst has room for all margins and may be them.
func Predict(s Scorer, dst, margins []float64) []float64 {
	dst = dst[:len(margins)]
	kind := Linked
	if p, ok := s.(Predictor); ok {
		kind = p.Prediction()
	}
	switch kind {
	case Raw:
		copy(dst, margins)
	case Index:
		outputs := s.Outputs()
		n := len(margins) / outputs
		for i := range n {
			best := 0
			for o, m := range margins[i*outputs : (i+1)*outputs] {
				if m > margins[i*outputs+best] {
					best = o
				}
			}
			dst[i] = float64(best)
		}
		return dst[:n]
	default:
		s.Link(dst, margins)
	}
	return dst
}
