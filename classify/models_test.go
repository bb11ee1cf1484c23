package classify_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fm/classify"
	"fm/extract"
	"fm/extract/capture"
	"fm/extract/feature"
	"fm/model"
	"fm/model/kinds"
	"fm/models"
)

var update = flag.Bool("update", false, "write the scores that the models give today to testdata")

// kept are the captures whose flows are scored, and how many of each.
var kept = []string{"benign_dns_dns_bulk-mail.pcap", "benign_web_web_slow-send.pcap", "malicious_dos_flood_syn-ports.pcap", "malicious_scan_scan_connect-v6.pcapng"}

const flowsOfEach = 25

// lines keeps what the model says of each record.
type lines struct {
	capture string
	out     *strings.Builder
}

func (l lines) Renderer() extract.Renderer { return nil }

func (l lines) Write(recs []extract.Record) error {
	for i := range recs {
		r := &recs[i]
		if !r.Scored {
			return fmt.Errorf("%s: frame %d has no score", l.capture, r.Flow.FirstFrame)
		}
		fmt.Fprintf(l.out, "%s\t%d\t%v\t%v\t%d\n", l.capture, r.Flow.FirstFrame, r.Score, r.Verdict, r.Class)
	}
	return nil
}

// Every file in models/ binds to the set of today and gives the scores that it gave when
// it was made, on every processor: a changed column cannot break a model unseen. After
// retraining a model, or a change that is meant: go test ./classify -run TestModels -update.
func TestModels(t *testing.T) {
	names := models.Names()
	if len(names) == 0 {
		t.Fatal("no models")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			data, err := models.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(data) > 4<<20 {
				t.Errorf("%d bytes, at most 4 MiB are wanted", len(data))
			}
			m, err := model.Read(bytes.NewReader(data), kinds.Codec)
			if err != nil {
				t.Fatal(err)
			}
			set, err := feature.FromSchema(&m.Schema)
			if err != nil {
				t.Fatal(err)
			}
			c, err := classify.New(m, set.Schema(), classify.Options{})
			if err != nil {
				t.Fatalf("%v: retrain it as models/README.md says", err)
			}
			var got strings.Builder
			for _, file := range kept {
				src, err := capture.Open([]string{filepath.Join("../testdata/captures", file)}, capture.Options{})
				if err != nil {
					t.Fatal(err)
				}
				meter := extract.Meter{Set: set, Workers: 2, CountFlows: flowsOfEach, Stages: []extract.Stage{classify.NewStage(c)}}
				_, err = meter.Run(context.Background(), src, lines{file, &got})
				src.Close()
				if err != nil {
					t.Fatal(err)
				}
			}
			stored := filepath.Join("testdata", strings.TrimSuffix(name, ".fm")+".tsv")
			if *update {
				if err := os.WriteFile(stored, []byte(got.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(stored)
			if err != nil {
				t.Fatal(err)
			}
			a, b := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
			if len(a) != len(b) || len(a) < 50 {
				t.Fatalf("%d lines, %s has %d", len(a), stored, len(b))
			}
			for i := range a {
				if a[i] != b[i] {
					t.Errorf("line %d: %q, stored %q", i+1, a[i], b[i])
				}
			}
		})
	}
}
