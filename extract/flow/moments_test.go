package flow

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// slowStd computes the sample deviation with as many digits as it takes.
func slowStd(xs []uint64) float64 {
	n := big.NewRat(int64(len(xs)), 1)
	sum, sq := new(big.Rat), new(big.Rat)
	for _, x := range xs {
		r := new(big.Rat).SetInt(new(big.Int).SetUint64(x))
		sum.Add(sum, r)
		sq.Add(sq, new(big.Rat).Mul(r, r))
	}
	v := sq.Sub(sq, sum.Quo(new(big.Rat).Mul(sum, sum), n))
	v.Quo(v, new(big.Rat).Sub(n, big.NewRat(1, 1)))
	f := new(big.Float).SetPrec(200).SetRat(v)
	s, _ := f.Sqrt(f).Float64()
	return s
}

func TestMoments(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, top := range []uint64{2, 1500, 1 << 32, 1 << 41, 1 << 62} {
		for _, n := range []int{1, 2, 3, 10, 1000} {
			var a, b, all Moments
			var xs []uint64
			sum := uint64(0)
			for i := range n {
				x := rng.Uint64N(top)
				if i > 0 && top > 1500 && n == 10 {
					x = xs[0] + uint64(i) // nearly equal: a sum in float64 would cancel
				}
				if sum+x < sum {
					x = 0
				}
				sum += x
				xs = append(xs, x)
				all.Add(x)
				if i%3 == 0 {
					a.Add(x)
				} else {
					b.Add(x)
				}
			}
			a.Merge(&b)
			if a != all {
				t.Errorf("n %d below %d: merged %+v, want %+v", n, top, a, all)
			}
			if got, want := all.Mean(), float64(sum)/float64(n); got != want {
				t.Errorf("n %d below %d: mean %v, want %v", n, top, got, want)
			}
			if n < 2 {
				if !math.IsNaN(all.Std()) {
					t.Errorf("deviation of one number is %v", all.Std())
				}
				continue
			}
			if got, want := all.Std(), slowStd(xs); math.Abs(got-want) > 1e-14*want {
				t.Errorf("n %d below %d: deviation %v, want %v", n, top, got, want)
			}
		}
	}
	if m := (&Moments{}).Mean(); !math.IsNaN(m) {
		t.Errorf("mean of nothing is %v", m)
	}
}
