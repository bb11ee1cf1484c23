package flow

import (
	"math"
	"time"
)

// Deepfence is what Deepfence FlowMeter works out of the packets of a flow, in its own order
// of operations. It is made of the flow's [Sequence] when a row is written.
type Deepfence struct {
	Duration int64             // from the first to the last packet, ns; negative if their times descend
	Packets  [3]uint64         // forward, backward, both
	Sizes    [3]DeepfenceSizes // the same
	Gaps     [3]DeepfenceGaps  // the last of the forward gaps with the backward ones behind them
}

// DeepfenceSizes are of captured lengths, bytes. Std has the divisor n.
type DeepfenceSizes struct {
	Total, Min, Max int64
	Mean, Std       float64
}

// DeepfenceGaps are of gaps between packets, ns. Mean and Std are whole microseconds, and in
// the sum under Std the first gap is left out.
type DeepfenceGaps struct{ Total, Mean, Std, Min, Max int64 }

// derive fills d for the flow in hand.
func (d *Deepfence) derive(v *View) {
	*d = Deepfence{}
	steps := v.Steps
	if len(steps) == 0 {
		return
	}
	d.Duration = steps[len(steps)-1].Time - steps[0].Time
	if (*deepfenceState)(&v.Life).undirected() {
		d.Packets = [3]uint64{1, 0, v.Packets()} // of the others no list is kept
		steps = steps[:1]
	} else {
		d.Packets = [3]uint64{uint64(v.Seen[0]), uint64(v.Seen[1]), v.Packets()}
	}
	for i := range d.Sizes {
		d.Sizes[i].derive(steps, i)
	}
	if len(steps) == 1 && v.Packets() == 1 {
		for i := range d.Sizes[:2] {
			d.Sizes[i].Min, d.Sizes[i].Max = 0, 0
		}
	}
	for i := range d.Gaps {
		d.Gaps[i].derive(steps, i)
	}
}

// of tells whether a step is of direction dir, or both are wanted.
func (s *Step) of(dir int) bool { return dir == Both || s.Back == (dir == 1) }

func (d *DeepfenceSizes) derive(steps []Step, dir int) {
	n := 0
	for i := range steps {
		if !steps[i].of(dir) {
			continue
		}
		size := int64(steps[i].Size)
		if n == 0 {
			d.Min, d.Max = size, size
		}
		d.Min, d.Max = min(d.Min, size), max(d.Max, size)
		d.Total += size
		n++
	}
	if n == 0 {
		return
	}
	d.Mean = float64(d.Total) / float64(n)
	square := 0.0
	for i := range steps {
		if steps[i].of(dir) {
			x := float64(steps[i].Size) - d.Mean
			square += float64(x * x) // no fused multiply-add
		}
	}
	d.Std = math.Sqrt(square / float64(n))
}

func (d *DeepfenceGaps) derive(steps []Step, dir int) {
	n := int64(0)
	eachGap(steps, dir, func(gap int64) {
		if n == 0 {
			d.Min, d.Max = gap, gap
		}
		d.Min, d.Max = min(d.Min, gap), max(d.Max, gap)
		d.Total += gap
		n++
	})
	if n == 0 {
		return
	}
	const micro = int64(time.Microsecond)
	d.Mean = int64(float64(d.Total/micro)/float64(n)) * micro
	square, first := 0.0, true
	eachGap(steps, dir, func(gap int64) {
		if !first {
			x := float64((gap - d.Mean) / micro)
			square += float64(x * x)
		}
		first = false
	})
	d.Std = int64(math.Sqrt(square/float64(n))) * micro
}

// eachGap calls do with the gaps between consecutive packets of a direction, or with those
// of the forward and then of the backward ones.
func eachGap(steps []Step, dir int, do func(gap int64)) {
	for way := range 2 {
		if dir != Both && dir != way {
			continue
		}
		last := -1
		for i := range steps {
			if !steps[i].of(way) {
				continue
			}
			if last >= 0 {
				do(steps[i].Time - steps[last].Time)
			}
			last = i
		}
	}
}
