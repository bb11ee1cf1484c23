package extract_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/packet"
)

// jumpy gives frames times at and around the limits of what a source hands on.
type jumpy struct {
	extract.Source
	random *rand.Rand
}

func (j *jumpy) Fill(b *packet.Batch) error {
	err := j.Source.Fill(b)
	limits := [...]int64{0, 1, 999, 1 << 31 * 1e9, 1<<32*1e9 - 1, packet.FirstWrapped, packet.FirstWrapped - 1, packet.WrappedTime - 1000, packet.WrappedTime - 1e15}
	for i := range b.Frames {
		f := &b.Frames[i]
		if j.random.IntN(4) == 0 {
			f.Time = limits[j.random.IntN(len(limits))]
		}
		f.Signed = j.random.IntN(2) == 0
	}
	return err
}

// finite is a sink that looks at rows.
type finite struct {
	t    *testing.T
	set  *feature.Set
	show original
	rows int
}

func (s *finite) Renderer() extract.Renderer {
	if s.set.Original == nil {
		return nil
	}
	return &s.show
}

func (s *finite) Write(recs []extract.Record) error {
	for i := range recs {
		s.rows++
		for c, v := range recs[i].Row {
			if math.IsInf(v, 0) {
				s.t.Errorf("%s: %s is %v", s.set.Name, s.set.Columns[c].Name, v)
			}
		}
	}
	return nil
}

// Times at the limits of what there can be, in any order, hang nothing and make no row infinite.
func TestTimesAtTheLimits(t *testing.T) {
	for _, exact := range []bool{true, false} {
		for _, set := range tools(t, exact) {
			for seed := range uint64(3) {
				src, err := capture.Open([]string{"../testdata/captures/benign_web_web_browse-plain.pcap", "../testdata/captures/benign_dns_dns_browse-busy.pcap"}, capture.Options{})
				if err != nil {
					t.Fatal(err)
				}
				sink := &finite{t: t, set: set, show: original{layout: set.Original}}
				ctx, stop := context.WithTimeout(context.Background(), time.Minute)
				_, err = (&extract.Meter{Set: set, Workers: 2, Lists: true}).Run(ctx, &jumpy{src, rand.New(rand.NewPCG(seed, 1))}, sink)
				stop()
				src.Close()
				if err != nil || sink.rows == 0 {
					t.Errorf("%s: %d rows, %v", set.Name, sink.rows, err)
				}
			}
		}
	}
}
