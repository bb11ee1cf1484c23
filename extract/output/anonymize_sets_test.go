package output

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
)

// lineSink keeps the text that a renderer made of records.
type lineSink struct {
	shown extract.Renderer
	lines []string
}

func (s *lineSink) Renderer() extract.Renderer { return s.shown }

func (s *lineSink) Write(recs []extract.Record) error {
	for i := range recs {
		s.lines = append(s.lines, string(recs[i].Text))
	}
	return nil
}

// The rows of every tool are those of the same flows between other hosts: with the addresses
// replaced nothing differs, whichever end of a flow has the lower one then. Names that are
// made from addresses differ.
func TestHiddenRowsOfTools(t *testing.T) {
	h := newHiding(sampleKey)
	address := regexp.MustCompile(`\b(\d{1,3}\.){3}\d{1,3}\b`)
	uid := regexp.MustCompile(`\bC[0-9A-Za-z]{17}\b`)
	replaced := func(line string) string {
		return address.ReplaceAllStringFunc(line, func(a string) string { return hide(h, a) })
	}
	for _, d := range feature.Sets() {
		if d.Name == "fm" {
			continue
		}
		for _, faithful := range []string{"true", "false"} {
			set, err := feature.Build(d.Name, map[string]string{feature.Faithful: faithful})
			if err != nil {
				t.Fatal(err)
			}
			for l := set.Original; l != nil; l = l.Beside {
				run := func(hidden bool) []string {
					src, err := capture.Open([]string{"../../testdata/captures/benign_web_web_browse-plain.pcap", "../../testdata/captures/benign_dns_dns_browse-busy.pcap"}, capture.Options{})
					if err != nil {
						t.Fatal(err)
					}
					defer src.Close()
					sink := &lineSink{shown: newToolCSV(l, false)}
					if hidden {
						sink.shown = NewAnonymizer(sampleKey, Addresses).Renderer(sink.shown)
					}
					if _, err := (&extract.Meter{Set: set, Workers: 2}).Run(context.Background(), src, sink); err != nil {
						t.Fatal(err)
					}
					return sink.lines
				}
				plain, hidden := run(false), run(true)
				if len(plain) == 0 || len(plain) != len(hidden) {
					t.Fatalf("%s: %d rows, %d hidden", d.Name, len(plain), len(hidden))
				}
				for i := range plain {
					want, got := uid.ReplaceAllString(replaced(plain[i]), "C"), uid.ReplaceAllString(hidden[i], "C")
					if got != want {
						t.Errorf("%s faithful=%s log %q, row %d:\n%s\nhidden becomes\n%s, want\n%s", d.Name, faithful, l.Log, i, plain[i], strings.TrimSpace(got), want)
						break
					}
				}
			}
		}
	}
}
