package feature

import (
	"fm/dataset"
	"fm/extract/flow"
)

// ofTCP makes a value missing for flows without a TCP packet.
func ofTCP(value func(*flow.View) float64) func(*flow.View) float64 {
	return func(v *flow.View) float64 {
		if v.TCP.Packets == 0 {
			return missing()
		}
		return value(v)
	}
}

// tcp: how connections were made, went and ended. All are missing for other protocols.
func tcp() []Column {
	b := builder{group: "tcp", needs: flow.NeedTCP | flow.NeedSizes}
	flags := [...]string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"}
	counters := [...]entry{
		{"retransmissions", dataset.Count, "whose bytes had all been seen"},
		{"out_of_order", dataset.Count, "that filled the last hole left in the sequence"},
		{"keep_alives", dataset.Count, "that repeat the last byte acknowledged, as keep-alive probes do"},
		{"zero_windows", dataset.Count, "that offer no window, SYN and RST left out"},
	}
	for _, w := range ways[:2] {
		var entries []entry
		for _, name := range flags {
			entries = append(entries, entry{w.prefix + name, dataset.Count, "Number of " + w.word + " with this TCP flag; missing without TCP."})
		}
		for _, c := range counters {
			entries = append(entries, entry{w.prefix + c.name, c.unit, "Number of " + w.word + " " + c.doc + "; missing without TCP."})
		}
		d := w.dir
		b.run(entries, func(dst []float64, v *flow.View) {
			t := v.TCP
			if t.Packets == 0 {
				allMissing(dst)
				return
			}
			for i, n := range t.Flags[d] {
				dst[i] = float64(n)
			}
			rest := dst[len(flags):]
			rest[0], rest[1], rest[2], rest[3] = float64(t.Retransmit[d]), float64(t.OutOfOrder[d]), float64(t.KeepAlive[d]), float64(t.ZeroWindow[d])
		})
	}
	b.add("syn_synack_time", dataset.Millis, "Time from the initiator's first SYN to the first SYN-ACK; missing without both.", func(v *flow.View) float64 {
		if ns, ok := v.TCP.SYNACK(); ok {
			return millis(ns)
		}
		return missing()
	})
	b.add("synack_ack_time", dataset.Millis, "Time from the first SYN-ACK to the initiator's first ACK after it; missing without both.", func(v *flow.View) float64 {
		if ns, ok := v.TCP.ACK(); ok {
			return millis(ns)
		}
		return missing()
	})
	b.add("half_closed", dataset.None, "1 if a side sent payload after the other's FIN and before its own, else 0; missing without TCP.", ofTCP(func(v *flow.View) float64 { return mark(v.TCP.HalfClosed()) }))
	for _, w := range ways[:2] {
		d := w.dir
		b.add(w.prefix+"closed", dataset.None, "1 if the first FIN or RST is among "+w.word+", else 0; missing without TCP.", ofTCP(func(v *flow.View) float64 { return mark(v.TCP.ClosedBy(d)) }))
	}
	b.add("one_sided", dataset.None, "1 if one direction is not in the capture although the other acknowledges its bytes, else 0; missing without TCP.", ofTCP(func(v *flow.View) float64 {
		return mark(v.Sizes.IP[1].N == 0 && v.TCP.Acks(0) || v.Sizes.IP[0].N == 0 && v.TCP.Acks(1))
	}))
	return b.columns
}

// states: the connection state in Zeek's words, one column each.
func states() []Column {
	b := builder{group: "state"}
	docs := [...]string{
		flow.S0: "attempt without reply", flow.S1: "established, not closed", flow.SF: "established and closed by both sides",
		flow.REJ: "attempt rejected", flow.S2: "established, closed by the originator alone", flow.S3: "established, closed by the responder alone",
		flow.RSTO: "established, reset by the originator", flow.RSTR: "reset by the responder", flow.RSTOS0: "SYN and RST of the originator without SYN-ACK",
		flow.RSTRH: "SYN-ACK and RST of the responder without SYN", flow.SH: "SYN and FIN of the originator without SYN-ACK",
		flow.SHR: "SYN-ACK and FIN of the responder without SYN", flow.OTH: "no SYN seen",
	}
	var entries []entry
	for s := flow.S0; s <= flow.OTH; s++ {
		entries = append(entries, entry{"state_" + lower(s.String()), dataset.None,
			"1 if the connection state is " + s.String() + " in the words of Zeek's conn.log (" + docs[s] + "), else 0; missing without TCP."})
	}
	b.run(entries, func(dst []float64, v *flow.View) {
		if v.State == flow.NoState {
			allMissing(dst)
			return
		}
		clear(dst)
		dst[v.State-flow.S0] = 1
	})
	return b.columns
}
