package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/packet"
)

// errTime is the cause of an end that --duration asked for.
var errTime = errors.New("the time is over")

// metering is how the commands run packets through a set: the same for all of them.
type metering struct {
	set    *feature.Set
	stages []extract.Stage
	bounds meterFlags
	lists  bool // records carry the lists of the set
	// Of commands that read a stream.
	count, countFlows int
	duration, every   time.Duration
	onScreen          bool // rows go to a terminal

	runs  int           // so far
	total extract.Stats // of all of them
	seen  capture.Counters
	cuts  []error // what was wrong with the inputs
	ended bool    // --count or --count-flows is reached
}

// meter runs one input through m's set into sink. It returns errors of the sink, and of
// a live input; what is wrong with files is kept in m.cuts, and an interrupt is left to
// the caller to see.
func (a *app) meter(m *metering, in *input, sink extract.Sink) error {
	meter := extract.Meter{Set: m.set, Stages: m.stages, Lists: m.lists, Workers: m.bounds.workers, MaxFlows: m.bounds.maxFlows, MaxMemory: m.bounds.maxMemory}
	if m.count > 0 {
		meter.Count = uint64(m.count) - m.total.Packets
	}
	if m.countFlows > 0 {
		meter.CountFlows = uint64(m.countFlows) - m.total.Records
	}
	ctx := a.stop.ctx
	var src extract.Source = in
	if l, ok := in.Source.(extract.Live); ok {
		src = live{in, l}
		if m.duration > 0 { // a silent line has a clock too
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(ctx, m.duration, errTime)
			defer cancel()
		}
	} else {
		meter.Duration = m.duration
	}
	bar := a.progress(in, m.onScreen)
	defer bar.close()
	a.watch(&meter, m.every, bar)

	stats, err := meter.Run(ctx, src, guarded{sink, a.stop.hard})
	for i := range stats.UnknownLinks {
		u := &stats.UnknownLinks[i]
		u.Path = a.anon.name(u.Path)
	}
	m.runs++
	m.add(&stats)
	if in.files != nil {
		c, cuts := in.noticed()
		m.seen.Shortened += c.Shortened
		m.seen.Timeless += c.Timeless
		m.seen.Clamped += c.Clamped
		m.seen.Located += c.Located
		m.seen.ShortWire += c.ShortWire
		for _, c := range cuts {
			m.cuts = append(m.cuts, a.anon.error(c))
		}
	}
	m.ended = m.count > 0 && m.total.Packets >= uint64(m.count) || m.countFlows > 0 && m.total.Records >= uint64(m.countFlows)
	var interrupted *extract.Interrupted
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errGivenUp):
		return context.Canceled
	case errors.As(err, &interrupted):
		return nil
	case in.failed(err) && in.files != nil:
		return nil // in m.cuts
	}
	return err
}

// add sums the counters of several runs; clock, workers and memory are those of one.
func (m *metering) add(s *extract.Stats) {
	t := &m.total
	t.Elapsed += s.Elapsed
	t.Frames += s.Frames
	for i, n := range s.Outcomes {
		t.Outcomes[i] += n
	}
	for i, n := range s.Ended {
		t.Ended[i] += n
	}
	t.Notes = sumNotes(t.Notes, s.Notes)
	t.Packets += s.Packets
	t.Dropped += s.Dropped
	t.Epochs += s.Epochs
	t.Started += s.Started
	t.Open += s.Open
	t.LeftOut += s.LeftOut
	t.Records += s.Records
	t.Regressions += s.Regressions
	t.Unlisted += s.Unlisted
	t.Forgotten += s.Forgotten
	t.Ignored += s.Ignored
	t.Inputs = append(t.Inputs, s.Inputs...)
	t.UnknownLinks = append(t.UnknownLinks, s.UnknownLinks...)
}

// watch has meter report to the progress bar and, every so often, as JSON on stderr.
func (a *app) watch(meter *extract.Meter, every time.Duration, bar *bar) {
	if every == 0 && bar == nil {
		return
	}
	next := time.Now().Add(every)
	meter.Every = 200 * time.Millisecond
	if bar == nil || every > 0 && every < meter.Every {
		meter.Every = every
	}
	meter.OnStats = func(s extract.Stats) {
		bar.show(&s)
		if now := time.Now(); every > 0 && !now.Before(next) {
			a.ui.raw(statsLine(&s))
			next = next.Add(every)
			if next.Before(now) {
				next = now.Add(every)
			}
		}
	}
}

// statsLine is the line of --stats-every.
func statsLine(s *extract.Stats) []byte {
	type flows struct {
		Started uint64            `json:"started"`
		Open    int               `json:"open"`
		Ended   map[string]uint64 `json:"ended"`
	}
	line, _ := json.Marshal(struct { // numbers and strings only: no error
		Seconds  float64           `json:"seconds"`
		Frames   uint64            `json:"frames"`
		Packets  uint64            `json:"packets"`
		Dropped  uint64            `json:"dropped"`
		Outcomes map[string]uint64 `json:"outcomes"`
		Flows    flows             `json:"flows"`
		Records  uint64            `json:"records"`
		Workers  []uint64          `json:"worker_packets"`
	}{s.Elapsed.Round(time.Millisecond).Seconds(), s.Frames, s.Packets, s.Dropped, outcomes(s),
		flows{s.Started, s.Open, reasons(s)}, s.Records, s.Workers})
	return line
}

// outcomes are the frames by outcome that are not zero.
func outcomes(s *extract.Stats) map[string]uint64 {
	m := map[string]uint64{}
	for i, n := range s.Outcomes {
		if n > 0 {
			m[packet.Outcome(i).String()] = n
		}
	}
	return m
}

// reasons are the flows over by reason that are not zero.
func reasons(s *extract.Stats) map[string]uint64 {
	m := map[string]uint64{}
	for i, n := range s.Ended {
		if n > 0 {
			m[flow.Reason(i).String()] = n
		}
	}
	return m
}

// counted is a number with its word.
type counted struct {
	n    uint64
	word string
}

// listCounts joins what is not zero.
func listCounts(all []counted) string {
	var parts []string
	for _, c := range all {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	return strings.Join(parts, ", ")
}

// notes are what was met and is no outcome.
func (m *metering) notes() []counted {
	n, t := &m.total.Notes, &m.total
	return []counted{
		{n.Tunnelled, "packets from inside a tunnel"}, {n.Closed, "tunnelled packets that could not be opened"},
		{n.Fragments, "fragments"}, {n.Credited, "fragments credited to the flow of their first"}, {n.LostFirsts, "first fragments or datagrams that the full table gave up"},
		{n.CutTransport, "transport headers cut"}, {n.BadTransport, "transport headers damaged"}, {n.BadOptions, "TCP options damaged"}, {n.Checksums, "wrong checksums of TCP, UDP or ICMP"},
		{n.ZeroLength, "IP lengths of 0 taken from the wire"}, {n.LongIP, "IP lengths beyond their frame"}, {n.WireShort + m.seen.ShortWire, "wire lengths below the captured ones"},
		{n.Subframes, "frames with more than one packet, of which the first is used"},
		{m.seen.Located, "frames of rare link types"}, {m.seen.Timeless, "frames without a time of their own"}, {m.seen.Clamped, "times outside 1970 to 2116"},
		{m.seen.Shortened, "frames above 256 KiB, shortened"},
		{t.Regressions, "packets older than their flow's last"}, {t.Ignored, "packets that belong to no flow by the set's rules"},
	}
}

// outcome names what became of frames, and whose rule leaves them out.
func (m *metering) outcome(o packet.Outcome) string {
	if o == packet.LeftOut && m.set.Tool != "" {
		return "left out as " + m.set.Tool + " does"
	}
	return o.String()
}

// report prints how a run over packets went, and its warnings.
func (a *app) report(m *metering) {
	t := &m.total
	inputs := len(t.Inputs)
	a.ui.say("%s, %s, %s from %s in %.2f s", plural64(t.Frames, "frame"), plural64(t.Packets, "packet"), plural64(t.Records, "flow"),
		plural(inputs, "input"), t.Elapsed.Seconds())
	var frames, ended []counted
	for i, n := range t.Outcomes {
		if packet.Outcome(i) != packet.Admitted {
			frames = append(frames, counted{n, m.outcome(packet.Outcome(i))})
		}
	}
	for i, n := range t.Ended {
		ended = append(ended, counted{n, flow.Reason(i).String()})
	}
	ended = append(ended, counted{t.LeftOut, m.outcome(packet.LeftOut)})
	if s := listCounts(frames); s != "" {
		a.ui.say("frames that are no packets of a flow: %s", s)
	}
	if s := listCounts(m.notes()); s != "" {
		a.ui.say("noted: %s", s)
	}
	if s := listCounts(ended); s != "" {
		a.ui.say("flows ended by: %s", s)
	}
	a.caveats(m)
}

// caveats prints what makes the rows less than the input deserves.
func (a *app) caveats(m *metering) {
	for _, w := range m.total.Warnings() {
		a.ui.warn("%v", w)
	}
	if why := m.empty(); why != "" {
		a.ui.warn("no flows: %s", why)
	}
	for _, c := range m.cuts {
		a.ui.warn("%v", c)
	}
}

// empty says why there are no rows, "" if there are some.
func (m *metering) empty() string {
	t := &m.total
	switch {
	case t.Records > 0:
	case t.Frames == 0:
		return "the input has no frames"
	case t.Packets > 0 && t.LeftOut > 0:
		return "all of them are " + m.outcome(packet.LeftOut)
	case t.Packets > 0:
	case t.Outcomes[packet.UnknownLink] == t.Frames:
		return "no link type of the input is known"
	case t.Outcomes[packet.LeftOut] == t.Frames && m.set.Tool != "":
		return "all frames are " + m.outcome(packet.LeftOut) + " (--set-option faithful=false reads what fm can)"
	case t.Outcomes[packet.LeftOut] > 0:
		return "no frame holds an IP packet that is not " + m.outcome(packet.LeftOut)
	default:
		return "no frame holds an IP packet"
	}
	return ""
}

// errCut ends a run whose inputs were not whole.
func errCut(m *metering) error {
	if len(m.cuts) == 0 {
		return nil
	}
	return fmt.Errorf("%s not whole: what came before the damage was used", plural(len(m.cuts), "input"))
}

func sumNotes(a, b packet.Notes) packet.Notes {
	return packet.Notes{WireShort: a.WireShort + b.WireShort, ZeroLength: a.ZeroLength + b.ZeroLength, LongIP: a.LongIP + b.LongIP,
		CutTransport: a.CutTransport + b.CutTransport, BadTransport: a.BadTransport + b.BadTransport, BadOptions: a.BadOptions + b.BadOptions, Checksums: a.Checksums + b.Checksums,
		Fragments: a.Fragments + b.Fragments, Credited: a.Credited + b.Credited, Tunnelled: a.Tunnelled + b.Tunnelled,
		Closed: a.Closed + b.Closed, Subframes: a.Subframes + b.Subframes, LostFirsts: a.LostFirsts + b.LostFirsts}
}

func plural(n int, word string) string { return plural64(uint64(n), word) }

func plural64(n uint64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
