package feature

import (
	"fmt"
	"strings"

	"fm/dataset"
	"fm/extract/flow"
)

func lower(s string) string { return strings.ToLower(s) }

// early: the first packets one by one.
func early() []Column {
	b := builder{group: "early", needs: flow.NeedEarly}
	var entries []entry
	for _, e := range []entry{
		{"size", dataset.Bytes, "its payload, negative if sent backward"},
		{"gap", dataset.Millis, "time since the packet before, of either direction"},
		{"flags", dataset.None, "its TCP flags as a number, FIN 1 to CWR 128"},
	} {
		for i := range flow.EarlyPackets {
			if e.name == "gap" && i == 0 {
				continue
			}
			missing := "there is no such packet"
			if e.name == "flags" {
				missing += " or it is not TCP"
			}
			entries = append(entries, entry{fmt.Sprintf("early_%02d_%s", i+1, e.name), e.unit, fmt.Sprintf("Packet %d: %s; missing if %s.", i+1, e.doc, missing)})
		}
	}
	b.run(entries, func(dst []float64, v *flow.View) {
		const k = flow.EarlyPackets
		n := v.Early.N
		sizes, gaps, flags := dst[:k], dst[k:2*k-1], dst[2*k-1:3*k-1]
		allMissing(dst)
		for i := range n {
			sizes[i] = float64(v.Early.Size[i])
		}
		for i := range max(n-1, 0) {
			gaps[i] = millis(v.Early.Gap[i+1])
		}
		if v.Key.Proto != 6 {
			n = 0
		}
		for i := range n {
			flags[i] = float64(v.Early.Flags[i])
		}
	})
	return b.columns
}

// payload: what the first packets with payload carry.
func payload() []Column {
	b := builder{group: "payload", needs: flow.NeedPayload}
	b.sample("first", "first packet with payload", func(p *flow.Payload) *flow.Sample {
		if p.N[0]+p.N[1] == 0 {
			return nil
		}
		return &p.Samples[p.First&1][0]
	})
	for d, word := range [2]string{"fwd", "bwd"} {
		for i := range flow.PayloadSamples {
			b.sample(fmt.Sprintf("%s%d", word, i+1), fmt.Sprintf("packet %d with payload among %s", i+1, ways[d].word), func(p *flow.Payload) *flow.Sample {
				if i >= int(p.N[d]) {
					return nil
				}
				return &p.Samples[d][i]
			})
		}
	}
	return b.columns
}

// sample adds the columns of one packet; of gives nil without it.
func (b *builder) sample(name, what string, of func(*flow.Payload) *flow.Sample) {
	name = "payload_" + name + "_"
	entries := []entry{{name + "length", dataset.Bytes, "Payload of the " + what + ", by its headers; missing without it."}}
	for _, e := range []entry{
		{"entropy", dataset.Bits, "Shannon entropy of the byte values"},
		{"distinct", dataset.Count, "Number of different byte values"},
		{"printable", dataset.None, "Share of printable bytes (0x20 to 0x7e, tab, line feed, carriage return)"},
		{"zero", dataset.None, "Share of zero bytes"},
		{"high", dataset.None, "Share of bytes from 0x80 up"},
		{"repeated", dataset.None, "Share of bytes equal to the byte before them"},
		{"run", dataset.Bytes, "Longest run of printable bytes"},
	} {
		entries = append(entries, entry{name + e.name, e.unit, e.doc + " among the first 32 payload bytes of the " + what + ", as far as they lie within the first 104 bytes of the outermost IP packet and 128 of the frame; missing without any."})
	}
	b.run(entries, func(dst []float64, v *flow.View) {
		s := of(v.Payload)
		if s == nil {
			allMissing(dst)
			return
		}
		dst[0] = float64(s.Length)
		if s.Bytes == 0 {
			allMissing(dst[1:])
			return
		}
		n := float64(s.Bytes)
		dst[1], dst[2] = float64(s.Entropy)/1e6, float64(s.Distinct)
		dst[3], dst[4], dst[5], dst[6] = grid(float64(s.Printable)/n), grid(float64(s.Zero)/n), grid(float64(s.High)/n), grid(float64(s.Repeated)/n)
		dst[7] = float64(s.Run)
	})
}

// application: what the first client bytes look like.
func application() []Column {
	b := builder{group: "application", needs: flow.NeedPayload}
	docs := [...]struct{ name, doc string }{
		flow.TLS: {"tls", "a TLS or SSL hello"}, flow.HTTP: {"http", "HTTP"}, flow.SSH: {"ssh", "the version line of SSH"},
		flow.DNS: {"dns", "a DNS message with one question"}, flow.SMTP: {"smtp", "a command of SMTP"}, flow.FTP: {"ftp", "a log-in command of FTP"},
		flow.SMB: {"smb", "SMB or a NetBIOS session request"}, flow.RDP: {"rdp", "a connection request of RDP (X.224)"}, flow.MQTT: {"mqtt", "CONNECT of MQTT"},
		flow.Random: {"random", "none of these, but encrypted or compressed bytes"}, flow.Text: {"text", "none of these, but text"},
		flow.Binary: {"binary", "none of these, but other binary data"},
	}
	var entries []entry
	for _, d := range docs[flow.TLS:] {
		entries = append(entries, entry{"looks_" + d.name, dataset.None, "1 if the first forward payload looks like " + d.doc + ", by its bytes alone, else 0; missing without any."})
	}
	b.run(entries, func(dst []float64, v *flow.View) {
		if v.Payload.Looks == flow.NoApp {
			allMissing(dst)
			return
		}
		clear(dst)
		dst[v.Payload.Looks-flow.TLS] = 1
	})
	return b.columns
}
