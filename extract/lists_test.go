package extract_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"fm/extract"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
)

// listSink takes records with their lists, and has text made of these in the workers.
type listSink struct {
	text  bytes.Buffer
	lists [][][]float64
	most  int // bytes of lists in one call
}

func (s *listSink) Renderer() extract.Renderer { return s }

func (s *listSink) Append(dst []byte, r *extract.Record, _ *flow.View) []byte {
	return fmt.Appendf(dst, "%d %v %d\n", r.Flow.FirstFrame, r.Lists[0], len(r.Lists[1]))
}

func (s *listSink) Write(recs []extract.Record) error {
	bytes := 0
	for i := range recs {
		s.text.Write(recs[i].Text)
		var lists [][]float64
		for _, l := range recs[i].Lists {
			lists = append(lists, slices.Clone(l))
			bytes += 8 * len(l)
		}
		s.lists = append(s.lists, lists)
	}
	s.most = max(s.most, bytes)
	return nil
}

// Records carry their lists where they are asked for, the same for any number of workers;
// long ones do not wait for others in memory.
func TestLists(t *testing.T) {
	const flows, long = 600, 5_000
	set := nativeSet()
	set.Lists = []feature.List{
		{Name: "few", Append: func(dst []float64, v *flow.View) []float64 {
			for i := range v.FirstFrame % 3 {
				dst = append(dst, float64(v.FirstFrame+i))
			}
			return dst
		}},
		{Name: "many", Append: func(dst []float64, v *flow.View) []float64 {
			return append(dst, make([]float64, long+int(v.FirstFrame))...)
		}},
	}
	var packets []flowtest.Packet
	for i := range flows {
		packets = append(packets, flowtest.Packet{At: time.Duration(i) * time.Millisecond, Proto: 17, Src: addrPort("10.0.0.1:" + strconv.Itoa(1000+i)), Dst: addrPort("10.9.9.9:2000")})
	}
	var first *listSink
	for _, workers := range []int{1, 2, 3, 8} {
		var s listSink
		if _, err := (&extract.Meter{Set: set, Workers: workers, Lists: true}).Run(context.Background(), &flowtest.Source{Packets: packets}, &s); err != nil {
			t.Fatal(err)
		}
		if len(s.lists) != flows {
			t.Fatalf("%d records", len(s.lists))
		}
		for i, l := range s.lists {
			want := []float64{float64(i + 1), float64(i + 2)}[:(i+1)%3]
			if !slices.Equal(l[0], want) || len(l[1]) != long+i+1 {
				t.Fatalf("%d workers: record %d has %v and %d numbers", workers, i, l[0], len(l[1]))
			}
		}
		if s.most > 17<<20 {
			t.Errorf("%d workers: %d bytes of lists at once", workers, s.most)
		}
		if first == nil {
			first = &s
		} else if !bytes.Equal(s.text.Bytes(), first.text.Bytes()) {
			t.Errorf("%d workers: another text", workers)
		}
	}
	_, err := (&extract.Meter{Set: set}).Run(context.Background(), &flowtest.Source{Packets: packets[:3]}, sinkFunc(func(recs []extract.Record) error {
		for i := range recs {
			if recs[i].Lists != nil {
				t.Error("lists that nobody asked for")
			}
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// clockedSink notes what was passed and which records came late.
type clockedSink struct {
	t      *testing.T
	clocks []int64
	ends   int
}

func (s *clockedSink) Renderer() extract.Renderer { return nil }

func (s *clockedSink) Write(recs []extract.Record) error {
	for i := range recs {
		s.ends++
		if n := len(s.clocks); n > 0 && recs[i].Flow.Reason == flow.Idle && recs[i].EndAt < s.clocks[n-1] {
			s.t.Errorf("a record of %d behind the clock %d", recs[i].EndAt, s.clocks[n-1])
		}
	}
	return nil
}

func (s *clockedSink) Passed(clock int64) error {
	s.clocks = append(s.clocks, clock)
	return nil
}

// A sink hears the clock of a live line, also while it is silent, and no record comes that
// ended before; over files it hears nothing.
func TestClocked(t *testing.T) {
	packets := []flowtest.Packet{
		{At: 10 * time.Millisecond, Proto: 17, Src: addrPort("10.0.0.1:1000"), Dst: addrPort("10.9.9.9:2000")},
		{At: 20 * time.Second, Proto: 17, Src: addrPort("10.0.0.1:1001"), Dst: addrPort("10.9.9.9:2000")},
	}
	synctest.Test(t, func(t *testing.T) {
		line := &fakeLine{packets: packets, end: 250 * time.Second, start: time.Now()}
		s := clockedSink{t: t}
		if _, err := (&extract.Meter{Set: nativeSet(), Workers: 2}).Run(context.Background(), line, &s); err != nil {
			t.Fatal(err)
		}
		last := s.clocks[len(s.clocks)-1] - flowtest.Start
		if s.ends != 2 || len(s.clocks) < 1000 || !slices.IsSorted(s.clocks) || last < int64(249*time.Second) || last > int64(250*time.Second) {
			t.Errorf("%d records, %d clocks, the last %v", s.ends, len(s.clocks), time.Duration(last))
		}
	})
	s := clockedSink{t: t}
	if _, err := (&extract.Meter{Set: nativeSet()}).Run(context.Background(), &flowtest.Source{Packets: packets}, &s); err != nil || len(s.clocks) > 0 || s.ends != 2 {
		t.Errorf("a file: %v, %d clocks, %d records", err, len(s.clocks), s.ends)
	}
}
