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
	each := func(suffix string, unit dataset.Unit, doc string, value func(v *flow.View, i int) float64) {
		for i := range flow.EarlyPackets {
			b.add(fmt.Sprintf("early_%02d_%s", i+1, suffix), unit, fmt.Sprintf("Packet %d: ", i+1)+doc+"; missing if there is no such packet.", func(v *flow.View) float64 {
				if i >= v.Early.N {
					return missing()
				}
				return value(v, i)
			})
		}
	}
	each("size", dataset.Bytes, "its payload, negative if sent backward", func(v *flow.View, i int) float64 { return float64(v.Early.Size[i]) })
	each("gap", dataset.Millis, "time since the packet before, of either direction (0 for the first)", func(v *flow.View, i int) float64 { return millis(v.Early.Gap[i]) })
	each("flags", dataset.None, "its TCP flags as a number, FIN 1 to CWR 128, 0 for other protocols", func(v *flow.View, i int) float64 { return float64(v.Early.Flags[i]) })
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
	b.add(name+"length", dataset.Bytes, "Payload of the "+what+", by its headers; missing without it.", func(v *flow.View) float64 {
		if s := of(v.Payload); s != nil {
			return float64(s.Length)
		}
		return missing()
	})
	value := func(suffix string, unit dataset.Unit, doc string, value func(*flow.Sample) float64) {
		b.add(name+suffix, unit, doc+" in the bytes looked at of the "+what+" (within the first 104 of the outermost IP packet); missing without any.", func(v *flow.View) float64 {
			if s := of(v.Payload); s != nil && s.Bytes > 0 {
				return value(s)
			}
			return missing()
		})
	}
	value("entropy", dataset.Bits, "Shannon entropy of the byte values", func(s *flow.Sample) float64 { return float64(s.Entropy) / 1e6 })
	value("distinct", dataset.Count, "Number of different byte values", func(s *flow.Sample) float64 { return float64(s.Distinct) })
	part := func(suffix, doc string, n func(*flow.Sample) uint8) {
		value(suffix, dataset.None, doc, func(s *flow.Sample) float64 { return share(uint64(n(s)), uint64(s.Bytes)) })
	}
	part("printable", "Share of printable bytes (0x20 to 0x7e, tab, line feed, carriage return)", func(s *flow.Sample) uint8 { return s.Printable })
	part("zero", "Share of zero bytes", func(s *flow.Sample) uint8 { return s.Zero })
	part("high", "Share of bytes from 0x80 up", func(s *flow.Sample) uint8 { return s.High })
	part("repeated", "Share of bytes equal to the byte before them", func(s *flow.Sample) uint8 { return s.Repeated })
	value("run", dataset.Bytes, "Longest run of printable bytes", func(s *flow.Sample) float64 { return float64(s.Run) })
}

// application: what the first client bytes look like.
func application() []Column {
	b := builder{group: "application", needs: flow.NeedPayload}
	for _, a := range []struct {
		app       flow.App
		name, doc string
	}{
		{flow.TLS, "tls", "a TLS or SSL hello"}, {flow.HTTP, "http", "HTTP"}, {flow.SSH, "ssh", "the version line of SSH"},
		{flow.DNS, "dns", "a DNS message with one question"}, {flow.SMTP, "smtp", "a command of SMTP"}, {flow.FTP, "ftp", "a log-in command of FTP"},
		{flow.SMB, "smb", "SMB or a NetBIOS session request"}, {flow.RDP, "rdp", "a connection request of RDP (X.224)"}, {flow.MQTT, "mqtt", "CONNECT of MQTT"},
		{flow.Random, "random", "none of these, but encrypted or compressed bytes"}, {flow.Text, "text", "none of these, but text"},
		{flow.Binary, "binary", "none of these, but other binary data"},
	} {
		b.add("looks_"+a.name, dataset.None, "1 if the first forward payload looks like "+a.doc+", by its bytes alone, else 0; missing without any.", func(v *flow.View) float64 {
			if v.Payload.Looks == flow.NoApp {
				return missing()
			}
			return mark(v.Payload.Looks == a.app)
		})
	}
	return b.columns
}
