package boost

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"fm/dataset"
)

// inner is a run with 40 columns of random codes, ready to grow a tree.
func inner(rows int) *run {
	rng := rand.New(rand.NewPCG(1, 2))
	d := &data{rows: rows}
	for c := range 40 {
		codes := make([]uint8, rows)
		for i := range codes {
			codes[i] = uint8(rng.IntN(200))
		}
		col := column{feature: int32(c), lane: int32(c), bins: bins(codes, 200)}
		d.columns = append(d.columns, col)
		d.lanes = append(d.lanes, lane{codes: codes, columns: []int32{int32(c)}})
	}
	l := &loss{y: make([]int32, rows), outputs: 1}
	for i := range l.y {
		l.y[i] = int32(rng.IntN(2))
	}
	r := newRun(Trainer{Workers: 1, Patience: -1}.WithDefaults(), d, l)
	r.start(nil)
	r.loss.slopes(r.slopes, r.margins, nil, 0, 0, rows)
	r.draw(rng, 0)
	r.pack()
	return r
}

// Filling histograms, finding splits and dividing rows allocate nothing.
func TestInnerLoopsDoNotAllocate(t *testing.T) {
	r := inner(5000)
	h := make([]histogram, r.words.stride)
	l := leaf{hi: 5000, least: math.Inf(-1), most: math.Inf(1), hist: h}
	for _, s := range r.sums {
		l.total += s
	}
	var left set
	for k := range 100 {
		left.add(uint8(k))
	}
	r.whole = false
	n := r.terms.node(&l)
	for name, do := range map[string]func(){
		"fill":    func() { r.fill(h, 0, len(h), r.rows, 0, len(r.rows)) },
		"scan":    func() { b := split{gain: n.own}; n.scan(&h[0][0], 199, &b) },
		"bounded": func() { b := split{gain: n.own}; n.scanBounded(&h[0][0], 199, 1, &b) },
		"words":   func() { b := split{gain: n.own}; n.scanWords(&h[0][0], 200, &b) },
		"part":    func() { r.partition(&l, r.d.columns[0].bins.Codes, &left) },
		"slopes":  func() { r.loss.slopes(r.slopes, r.margins, nil, 0, 0, 5000) },
	} {
		if a := testing.AllocsPerRun(20, do); a != 0 {
			t.Errorf("%s allocates %v times", name, a)
		}
	}
}

// The fast sums are those of a plain loop, for any rows and any number of goroutines.
func TestHistograms(t *testing.T) {
	r := inner(50000)
	r.rows = r.rows[:0]
	for i := range 50000 {
		if i%3 > 0 {
			r.rows = append(r.rows, int32(i))
		}
	}
	r.whole = false
	l := leaf{hi: int32(len(r.rows))}
	want := make([][256]pair, len(r.d.lanes))
	for c := range want {
		for _, i := range r.rows {
			want[c][r.d.lanes[c].codes[i]] += r.sums[i]
		}
	}
	for _, workers := range []int{1, 2, 3, 16} {
		r.t.Workers = workers
		h := r.histograms(&l)
		for c := range want {
			if h[c/lanes][c%lanes] != want[c] {
				t.Errorf("%d workers: other sums of lane %d", workers, c)
			}
		}
	}
}

// Divided by several goroutines, rows are in the order of one.
func TestPartition(t *testing.T) {
	r := inner(100000)
	var left set
	for k := range 256 {
		if k%3 == 0 {
			left.add(uint8(k))
		}
	}
	codes := r.d.columns[5].bins.Codes
	var a, b []int32
	for _, i := range r.rows {
		if left.has(codes[i]) {
			a = append(a, i)
		} else {
			b = append(b, i)
		}
	}
	for _, workers := range []int{1, 3} {
		for i := range r.rows {
			r.rows[i] = int32(i)
		}
		r.t.Workers = workers
		l := leaf{hi: 100000}
		if mid := r.partition(&l, codes, &left); int(mid) != len(a) {
			t.Fatalf("%d rows go left, want %d", mid, len(a))
		}
		for i, want := range append(a[:len(a):len(a)], b...) {
			if r.rows[i] != want {
				t.Fatalf("%d workers: place %d has row %d, want %d", workers, i, r.rows[i], want)
			}
		}
	}
}

// exp and log against 80 digits: below one unit in the last place, and a half for log.
func TestExpLog(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	ulps := func(got float64, want *big.Float) float64 {
		d := new(big.Float).Sub(big.NewFloat(got), want)
		v, _ := d.Float64()
		return math.Abs(v) / (math.Nextafter(math.Abs(got), math.Inf(1)) - math.Abs(got))
	}
	for range 3000 {
		x := rng.Float64()*80 - 40
		e := bigExp(x)
		if u := ulps(exp(x), e); u > 1.5 {
			t.Fatalf("exp(%v) is %v units off", x, u)
		}
		f, _ := e.Float64()
		// log(f) is x + (f - e^x)/e^x to the first order.
		d := new(big.Float).Sub(big.NewFloat(f), e)
		d.Quo(d, e)
		if u := ulps(log(f), d.Add(d, big.NewFloat(x))); u > 1.5 {
			t.Fatalf("log(%v) is %v units off", f, u)
		}
	}
	for x, want := range map[float64]float64{0: 1, 1000: math.Inf(1), -1000: 0} {
		if exp(x) != want {
			t.Errorf("exp(%v) = %v, want %v", x, exp(x), want)
		}
	}
	if log(1) != 0 || exp(math.NaN()) == exp(math.NaN()) {
		t.Errorf("log(1) = %v, exp(NaN) = %v", log(1), exp(math.NaN()))
	}
}

func bigExp(x float64) *big.Float {
	const precision = 300
	y := new(big.Float).SetPrec(precision).SetFloat64(x / 1024)
	sum, term := big.NewFloat(1).SetPrec(precision), big.NewFloat(1).SetPrec(precision)
	for k := 1; k < 40; k++ {
		term.Mul(term, y)
		term.Quo(term, big.NewFloat(float64(k)))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}

func BenchmarkHistogram(b *testing.B) {
	for name, step := range map[string]int{"all": 1, "third": 3} {
		b.Run(name, func(b *testing.B) {
			r := inner(500000)
			r.rows = r.rows[:0]
			for i := 0; i < 500000; i += step {
				r.rows = append(r.rows, int32(i))
			}
			r.whole = step == 1
			h := make([]histogram, r.words.stride)
			for b.Loop() {
				r.fill(h, 0, len(h), r.rows, 0, len(r.rows))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(r.rows)*40), "ns/add")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	r := inner(50000)
	l := leaf{hi: 50000, least: math.Inf(-1), most: math.Inf(1), parent: -1}
	for _, s := range r.sums {
		l.total += s
	}
	l.hist = r.histograms(&l)
	for b.Loop() {
		r.search(&l)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(40*200), "ns/bin")
}

func bins(codes []uint8, n int) *dataset.Bins {
	b := &dataset.Bins{Codes: codes}
	for k := range n - 1 {
		b.Cuts = append(b.Cuts, float64(k))
	}
	return b
}
