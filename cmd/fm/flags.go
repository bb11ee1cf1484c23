package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// inputFlags say where packets come from and where they stop.
type inputFlags struct {
	read       []string
	iface      string
	perFile    bool
	count      int
	countFlows int
	duration   time.Duration
	statsEvery time.Duration
}

// add adds the flags of commands that read packets as a stream.
func (in *inputFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Input"}
	g.files(&in.read, "read", "r", "captures to read: `FILE...`, folders, or - for standard input; pcap and pcapng, also gzip or zstd")
	g.text(&in.iface, "interface", "i", "", "capture live on `IFACE`, or on any")
	g.yes(&in.perFile, "per-file", "end all flows at the end of each file (several files are one stream otherwise)")
	g.value(&count{&in.count, 1}, "count", "", "stop after `N` packets")
	g.value(&count{&in.countFlows, 1}, "count-flows", "", "stop after `N` flows")
	g.value(&span{&in.duration}, "duration", "", "stop after this time `D`: of the packets in files, of the clock live")
	g.value(&span{&in.statsEvery}, "stats-every", "", "a line of JSON counters on stderr every `D`")
}

// check enforces the rules among the flags.
func (in *inputFlags) check(cmd *cobra.Command) error {
	switch {
	case len(in.read) == 0 && in.iface == "":
		return withHint(usagef("no input: give -r FILE or -i IFACE"), cmd)
	case len(in.read) > 0 && in.iface != "":
		return withHint(usagef("-r and -i exclude each other"), cmd)
	case in.iface != "" && in.perFile:
		return withHint(usagef("--per-file is for files, not for -i"), cmd)
	}
	stdin := 0
	for _, r := range in.read {
		if r == "-" {
			stdin++
		}
	}
	if stdin > 1 {
		return withHint(usagef("standard input is named twice"), cmd)
	}
	return nil
}

// maxWorkers bounds --workers: each worker sees every batch, so more only wait for each other.
const maxWorkers = 256

// meterFlags bound the work and change no row.
type meterFlags struct {
	maxFlows  int
	maxMemory int64
	workers   int
}

func (m *meterFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Bounds"}
	g.value(&count{&m.maxFlows, 8}, "max-flows", "", "keep at most `N` flows; beyond, the longest silent one is written and dropped")
	g.value(&size{&m.maxMemory}, "max-memory", "", "keep flows within `SIZE`, such as 512M")
	g.value(&count{&m.workers, 1}, "workers", "", "use `N` workers (default: one a CPU); rows do not depend on it")
}

func (m *meterFlags) check(cmd *cobra.Command) error {
	if m.workers > maxWorkers {
		return withHint(usagef("--workers: at most %d", maxWorkers), cmd)
	}
	if m.maxFlows > 0 && m.maxMemory > 0 {
		return withHint(usagef("--max-flows and --max-memory exclude each other"), cmd)
	}
	return nil
}

// setFlags say how packets become rows. They are part of the schema.
type setFlags struct {
	set          string
	options      []string
	idle, active time.Duration
	first        int
	sequence     int
	with         []string
	without      []string
	outer        bool
	layout       string // of extract
	asTool       bool   // what is read was written by the set's tool itself
}

func (s *setFlags) add(fs *pflag.FlagSet) {
	g := flagGroup{fs, "Flows and columns"}
	g.text(&s.set, "set", "", defaultSet, "feature set `NAME`, see \"fm features\"")
	g.repeat(&s.options, "set-option", "option of the set, `NAME=VALUE`", func(v string) error {
		if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
			return usagef("not NAME=VALUE")
		}
		return nil
	})
	g.value(&span{&s.idle}, "idle", "", "a flow silent for longer than `D` is over")
	g.value(&span{&s.active}, "active", "", "a flow longer than `D` is cut")
	g.value(&count{&s.first, 1}, "first-packets", "", "only the first `N` packets of a flow enter its columns")
	g.value(&count{&s.sequence, 1}, "max-sequence", "", "lists of a flow hold at most its first `N` packets (set flowcontainer)")
	g.repeat(&s.with, "with", "add a `GROUP|COLUMN`", notEmpty)
	g.repeat(&s.without, "without", "leave out a `GROUP|COLUMN`", notEmpty)
	g.yes(&s.outer, "outer", "use the outer addresses and ports of tunnelled packets")
}

// given is the first flag of s that was given, but for those excepted; "" without.
func (s *setFlags) given(fs *pflag.FlagSet, except ...string) (name string) {
	for _, n := range []string{"set", "set-option", "idle", "active", "first-packets", "max-sequence", "with", "without", "outer"} {
		if fs.Changed(n) && !slices.Contains(except, n) {
			return n
		}
	}
	return ""
}
