package extract

import (
	"fm/extract/flow"
	"fm/extract/packet"
)

// Record is a finished flow on its way to the sink. It, its Row, Lists and
// Text are valid only during the call that hands it over.
type Record struct {
	Flow  flow.Flow // identity, times, reason, state; Key and FromA give the endpoints
	EndAt int64     // clock at which it was over: what records are ordered by, ns
	Epoch uint32
	Row   []float64   // one value per column of the schema, feature stages included
	Lists [][]float64 // one for each list of the set; nil unless [Meter.Lists]
	Text  []byte      // what the sink's renderer made of it in the worker; nil without one

	Label string // class known from the capture or a rule; "" unknown

	Scored  bool
	Score   float64   // 1 − P(benign)
	Scores  []float64 // per class with more than two, else nil
	Verdict bool      // malicious
	Class   int       // index of the likeliest class

	Reasons []Reason  // the largest contributions to the margin that counts, largest first; nil: not asked for
	Parts   []float64 // every contribution: of each output, the model's inputs and the bias; nil: not asked for
}

// Reason is what one input of a model adds to a margin.
type Reason struct {
	Input        int     // its number among the model's inputs
	Value        float64 // of the flow; NaN is missing
	Contribution float64
}

// Src returns the initiator's address and port as rows show them.
func (r *Record) Src() (addr [16]byte, port uint16) { return endpoint(&r.Flow.Key, r.Flow.FromA) }

// Dst returns the responder's address and port as rows show them.
func (r *Record) Dst() (addr [16]byte, port uint16) { return endpoint(&r.Flow.Key, !r.Flow.FromA) }

func endpoint(k *packet.Key, a bool) ([16]byte, uint16) {
	pa, pb := k.Ports()
	if a {
		return k.A, pa
	}
	return k.B, pb
}

// Renderer makes the text of a record; it is called by several workers at once.
type Renderer interface {
	// Append writes r's own columns to dst and returns it. v shows the flow and its
	// groups; it is valid during the call.
	Append(dst []byte, r *Record, v *flow.View) []byte
}

// Stage works on ordered records after the merge.
type Stage interface {
	// Process may change the records it is given. If Pure, several goroutines call it
	// on parts of the stream at once and the order among records is not its business.
	Process(recs []Record) error
	Pure() bool
}

// Sink takes the ordered records.
type Sink interface {
	// Renderer is what workers call to make Record.Text; nil for none.
	Renderer() Renderer
	// Write takes a run of records in order. They are valid during the call.
	Write(recs []Record) error
}

// Clocked is what a sink adds that wants to know how far time has come, rows or none.
type Clocked interface {
	// Passed says that all records that end before the time clock, ns since 1970, were
	// written. It is called between two calls of Write, for live sources only.
	Passed(clock int64) error
}
