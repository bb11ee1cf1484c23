package output

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
)

// wide is a schema of 250 columns and a record as flows of so many packets make it:
// one packet: 60 small whole numbers, 20 decimals of ms, the rest missing; more: half
// whole numbers, a quarter ms with decimals, an eighth each of quotients and missing.
func wide(packets int) (*dataset.Schema, extract.Record) {
	s := &dataset.Schema{Set: "fm", Version: 1}
	k, a := testKey(6, netip.MustParseAddrPort("192.168.17.120:34855"), netip.MustParseAddrPort("66.35.250.204:443"))
	r := extract.Record{Flow: flow.Flow{Key: k, FromA: a, Start: 1700000000_123456789, Last: 1700000001_987654321, FirstFrame: 123456, Seen: [2]uint32{uint32(packets), 0}, Reason: flow.Fin, State: flow.SF}}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 250 {
		s.Columns = append(s.Columns, dataset.Column{Name: fmt.Sprintf("column_%d", i)})
		v := math.NaN()
		switch {
		case packets == 1 && i < 60:
			v = float64(rnd.IntN(100) * (i % 3))
		case packets == 1 && i < 80:
			v = float64(rnd.IntN(1e6)) / 1000
		case packets > 1 && i%2 == 0:
			v = float64(rnd.IntN(1500))
		case packets > 1 && i%4 == 1:
			v = float64(rnd.IntN(1e8)) / 1e6
		case packets > 1 && i%8 == 3:
			v = rnd.Float64() * 1000
		}
		r.Row = append(r.Row, v)
	}
	return s, r
}

func BenchmarkRow(b *testing.B) {
	for _, packets := range []int{1, 30} {
		for _, format := range []Format{CSV, JSONL} {
			b.Run(fmt.Sprintf("%v/%d", format, packets), func(b *testing.B) {
				schema, r := wide(packets)
				opts := Options{Schema: schema}
				p, err := opts.plan("-", format, plain, nil)
				if err != nil {
					b.Fatal(err)
				}
				text := p.text
				buf := make([]byte, 0, 1<<16)
				b.ReportAllocs()
				for b.Loop() {
					buf = text.Append(buf[:0], &r, nil)
				}
				b.SetBytes(int64(len(buf)))
			})
		}
	}
}

func BenchmarkParquet(b *testing.B) {
	schema, r := wide(30)
	l, err := (&Options{Schema: schema}).layout(Parquet)
	if err != nil {
		b.Fatal(err)
	}
	recs := make([]extract.Record, 1000)
	for i := range recs {
		recs[i] = r
		recs[i].Row = make([]float64, len(r.Row))
		for c, v := range r.Row {
			recs[i].Row[c] = v * float64(i%97)
		}
	}
	p := newParquet(discard{}, l, 0)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.write(recs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(recs))/b.Elapsed().Seconds(), "rows/s")
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
