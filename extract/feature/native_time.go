package feature

import (
	"fm/dataset"
	"fm/extract/flow"
)

// Rates divide by the duration, by a millisecond where that is shorter: clocks of
// captures differ below it, and a rate is then defined for every flow.
const leastDuration = 1_000_000

// perSecond is the rate of n over the flow's duration.
func perSecond(n uint64, v *flow.View) float64 {
	return grid(float64(n) / (float64(max(v.Times.Duration, leastDuration)) / 1e9))
}

// timing: when packets were sent.
func timing() []Column {
	b := builder{group: "time", needs: flow.NeedTimes | flow.NeedSizes}
	b.add("duration", dataset.Millis, "Time from the first to the last packet.", func(v *flow.View) float64 { return millis(v.Times.Duration) })
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"packet_rate", dataset.PerSec, "Number of "+w.word+" divided by the duration, which counts as at least 1 ms.", func(v *flow.View) float64 {
			return perSecond(v.Sizes.IP[d].N, v)
		})
	}
	for _, w := range ways {
		d := w.dir
		b.add(w.prefix+"ip_byte_rate", dataset.BPerSec, "IP bytes of "+w.word+" divided by the duration, which counts as at least 1 ms.", func(v *flow.View) float64 {
			return perSecond(v.Sizes.IP[d].Sum, v)
		})
	}
	for _, w := range ways {
		d := w.dir
		b.statistics(w.prefix+"gap", dataset.Millis, "time between neighbours among "+w.word,
			func(v *flow.View) *flow.Moments { return v.Times.Gap[d] }, func(v *flow.View) *[3]uint64 { return &v.Times.Quartiles[d] })
	}
	return b.columns
}

// activity: pauses, and what lies between them.
func activity() []Column {
	b := builder{group: "activity", needs: flow.NeedActivity | flow.NeedSizes}
	b.add("active_count", dataset.Count, "Phases of activity: at least two packets with no gap above 5 s.", func(v *flow.View) float64 {
		return float64(v.Activity.Active.N)
	})
	b.statistics("active", dataset.Millis, "length of a phase of activity, the last one included", func(v *flow.View) *flow.Moments { return &v.Activity.Active }, nil)
	b.add("idle_count", dataset.Count, "Gaps above 5 s between neighbouring packets.", func(v *flow.View) float64 { return float64(v.Activity.Idle.N) })
	b.statistics("idle", dataset.Millis, "gap above 5 s", func(v *flow.View) *flow.Moments { return &v.Activity.Idle }, nil)

	b.add("subflows", dataset.Count, "Subflows: 1 and the number of gaps above 1 s.", func(v *flow.View) float64 { return float64(v.Activity.Subflows) })
	for _, w := range ways[:2] {
		d := w.dir
		b.add("subflow_"+w.prefix+"packets", dataset.Count, "Number of "+w.word+" divided by the subflows.", func(v *flow.View) float64 {
			return share(v.Sizes.IP[d].N, v.Activity.Subflows)
		})
		b.add("subflow_"+w.prefix+"payload_bytes", dataset.Bytes, "Payload bytes of "+w.word+" divided by the subflows.", func(v *flow.View) float64 {
			return share(v.Sizes.Payload[d].Sum, v.Activity.Subflows)
		})
	}

	b.add("bursts", dataset.Count, "Bursts: 1 and the number of gaps above 100 ms.", func(v *flow.View) float64 { return float64(v.Activity.Bursts) })
	b.add("burst_packets_mean", dataset.Count, "Packets divided by the bursts.", func(v *flow.View) float64 { return share(v.Activity.Packets, v.Activity.Bursts) })
	b.add("burst_packets_max", dataset.Count, "Packets of the burst that has most.", func(v *flow.View) float64 { return float64(v.Activity.BurstPackets) })
	b.add("burst_payload_mean", dataset.Bytes, "Payload bytes divided by the bursts.", func(v *flow.View) float64 {
		return share(v.Sizes.Payload[flow.Both].Sum, v.Activity.Bursts)
	})
	b.add("burst_payload_max", dataset.Bytes, "Payload bytes of the burst that has most.", func(v *flow.View) float64 { return float64(v.Activity.BurstBytes) })
	return b.columns
}

// bulk: long runs of data in one direction.
func bulk() []Column {
	b := builder{group: "bulk", needs: flow.NeedBulk}
	const what = "a bulk is a run of at least 4 packets with payload of one direction without one of the other between, and no gap above 1 s"
	for _, w := range ways[:2] {
		d := w.dir
		b.add(w.prefix+"bulks", dataset.Count, "Bulks of "+w.word+": "+what+".", func(v *flow.View) float64 { return float64(v.Bulk.Done[d].N) })
		b.add(w.prefix+"bulk_packets_mean", dataset.Count, "Packets with payload of a bulk of "+w.word+", on average; missing without a bulk.", func(v *flow.View) float64 {
			r := &v.Bulk.Done[d]
			return share(r.Packets, r.N)
		})
		b.add(w.prefix+"bulk_bytes_mean", dataset.Bytes, "Payload of a bulk of "+w.word+", on average; missing without a bulk.", func(v *flow.View) float64 {
			r := &v.Bulk.Done[d]
			return share(r.Bytes, r.N)
		})
		b.add(w.prefix+"bulk_rate", dataset.BPerSec, "Payload in bulks of "+w.word+" divided by their time, which counts as at least 1 ms; missing without a bulk.", func(v *flow.View) float64 {
			r := &v.Bulk.Done[d]
			if r.N == 0 {
				return missing()
			}
			return grid(float64(r.Bytes) / (float64(max(r.Time, leastDuration)) / 1e9))
		})
	}
	return b.columns
}

// turns: who talks, in what pieces, and how long the other side takes to answer.
func turns() []Column {
	b := builder{group: "turn", needs: flow.NeedTurns | flow.NeedSizes}
	for _, w := range ways[:2] {
		d := w.dir
		b.add(w.prefix+"turns", dataset.Count, "Turns of "+w.word+": runs of packets with payload without one of the other direction between.", func(v *flow.View) float64 {
			return float64(v.Turns.N[d])
		})
		b.add(w.prefix+"data_packets", dataset.Count, "Number of "+w.word+" with payload.", func(v *flow.View) float64 { return float64(v.Turns.Data[d]) })
		b.add(w.prefix+"turn_first", dataset.Bytes, "Payload of the first turn of "+w.word+"; missing without one.", func(v *flow.View) float64 {
			if v.Turns.N[d] == 0 {
				return missing()
			}
			return float64(v.Turns.First[d])
		})
		b.add(w.prefix+"turn_mean", dataset.Bytes, "Payload of a turn of "+w.word+", on average; missing without one.", func(v *flow.View) float64 {
			return share(v.Sizes.Payload[d].Sum, v.Turns.N[d])
		})
		b.add(w.prefix+"turn_max", dataset.Bytes, "Payload of the largest turn of "+w.word+"; missing without one.", func(v *flow.View) float64 {
			if v.Turns.N[d] == 0 {
				return missing()
			}
			return float64(v.Turns.Max[d])
		})
		b.statistics(w.prefix+"wait", dataset.Millis, "time from the end of a turn of the other side to a turn of "+w.word,
			func(v *flow.View) *flow.Moments { return &v.Turns.Wait[d] }, nil)
	}
	b.add("response_time", dataset.Millis, "Time from the first forward packet with payload to the first backward one with payload after it; missing without both.", func(v *flow.View) float64 {
		if ns, ok := v.Turns.Response(); ok {
			return millis(ns)
		}
		return missing()
	})
	return b.columns
}
