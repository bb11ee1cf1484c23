package flow

import (
	"math"
	"testing"

	"fm/extract/packet"
)

// microseconds are whole microseconds below 17 s as seconds, drawn as the comment of
// [TestNumpy] says.
func microseconds(n int) []float64 {
	var out []float64
	for s := uint64(12345); len(out) < n; {
		s = s*6364136223846793005 + 1442695040888963407
		out = append(out, float64(s>>40)/1e6)
	}
	return out
}

// TestNumpy holds the sums against numpy 2.5.5 and Python 3.12.1: mean, standard deviation
// and sum() of the first n of s = s*6364136223846793005 + 1442695040888963407 mod 2^64, from
// 12345 on, of each (s >> 40) / 1e6.
func TestNumpy(t *testing.T) {
	for _, c := range []struct {
		n              int
		mean, std, sum float64
	}{
		{1, 1.838423, 0, 1.838423},
		{2, 3.1454245, 1.3070015000000001, 6.290849},
		{7, 9.050821142857144, 4.822695371369578, 63.355748},
		{8, 8.740490625, 4.5853273630783695, 69.923925},
		{9, 9.288929444444443, 4.59296982351243, 83.600365},
		{17, 9.47764676470588, 4.941289581654601, 161.119995},
		{127, 8.440168433070868, 5.039462591535951, 1071.901391},
		{128, 8.3929932265625, 5.047812798035111, 1074.303133},
		{129, 8.432809023255812, 5.048347210306361, 1087.832364},
		{200, 8.299878605, 4.926875937610815, 1659.975721},
		{257, 8.289431112840468, 4.969557949258482, 2130.383796},
		{1000, 8.570797731999999, 4.88858317497616, 8570.797731999999},
		{1024, 8.614421758789064, 4.898437846680438, 8821.167881},
		{5000, 8.439177989400001, 4.855967960764732, 42195.889947},
		{9000, 8.422024311333333, 4.838469493148622, 75798.218802},
	} {
		s := CICPyStats{x: microseconds(c.n)}
		if got := neumaier(s.x); got != c.sum {
			t.Errorf("sum of %d: %v, want %v", c.n, got, c.sum)
		}
		mean := pairwise(s.x) / float64(c.n)
		if mean != c.mean {
			t.Errorf("mean of %d: %v, want %v", c.n, mean, c.mean)
		}
		if got := math.Sqrt(s.spread(mean)); got != c.std {
			t.Errorf("standard deviation of %d: %v, want %v", c.n, got, c.std)
		}
	}
}

// cicpyStats are the statistics of a flow of a thousand packets with so many of them listed.
func cicpyStats(listed uint32) CICPyStats {
	g := newGroups(NeedSequence | NeedCICPy)
	g.pool.most = listed
	slot := g.obtain()
	f := &Flow{Life: cicpyState{4, 1e9}}
	for i, gap := range microseconds(1000) {
		p := &packet.Packet{Time: f.Last + int64(math.Round(gap*1e6))*1000, IPHeader: 20}
		dir := i / 3 % 2
		if i == 0 {
			p.Time, f.Start, f.Last = 1e18, 1e18, 1e18
		}
		in := In{Flow: f, P: p, C: &packet.Cold{}, Dir: dir, Time: p.Time, N: f.Packets(), Size: uint32(60 + i*i%1400)}
		g.add(slot, &in)
		f.Seen[dir]++
		f.Last = p.Time
	}
	v := View{Flow: f}
	g.view(slot, &v)
	return *v.CICPyStats
}

// A flow that is too long for its list is worked out of sums: the same but for last digits.
func TestCICPyWithoutList(t *testing.T) {
	want, got := cicpyStats(1000), cicpyStats(100)
	near := func(what string, a, b float64) {
		if math.Abs(a-b) > 1e-9*math.Abs(b) {
			t.Errorf("%s: %v without the list, %v with it", what, a, b)
		}
	}
	for i := range want.Sizes {
		a, b := got.Sizes[i], want.Sizes[i]
		near("variance", a.Var, b.Var)
		near("deviation", a.Std, b.Std)
		if a.Var, a.Std = b.Var, b.Std; a != b {
			t.Errorf("sizes %+v without the list, %+v with it", a, b)
		}
		c, d := got.Gaps[i], want.Gaps[i]
		near("total", c.Total, d.Total)
		near("mean", c.Mean, d.Mean)
		near("deviation", c.Std, d.Std)
		near("largest", c.Max, d.Max)
		near("smallest", c.Min, d.Min)
		if c.N != d.N || d.N < 498 {
			t.Errorf("%d gaps without the list, %d with it", c.N, d.N)
		}
	}
	if want.Sizes[Both].N != 1001 || want.Gaps[Both].N != 1000 || want.Gaps[Both].Min != 0 {
		t.Errorf("%+v, want the first packet twice", want)
	}
}

// Flows beside each other have numbers, of which there is a last one.
func TestCICPyBeside(t *testing.T) {
	l := &CICPyLife{Expired: 1e9, Every: 1000}
	p := packet.Packet{Time: 1e18}
	for number, want := range map[uint16]Do{0: Beside, 1: Beside, math.MaxUint16 - 1: Beside, math.MaxUint16: Keep} {
		if a := l.Before(&Flow{Key: packet.Key{VLAN: number}}, &p, nil); a.Do != want {
			t.Errorf("behind number %d: %v, want %v", number, a.Do, want)
		}
	}
}
