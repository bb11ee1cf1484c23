package capture

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fm/extract/packet"
)

var capturesDir = flag.String("captures", "", "folder of the reference captures, with their INDEX.tsv")

func TestTry(t *testing.T) {
	dir := *capturesDir
	text, err := os.ReadFile(filepath.Join(dir, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var b packet.Batch
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if i == 0 {
			continue
		}
		field := strings.Split(line, "\t")
		want, _ := strconv.Atoi(field[2])
		f, err := Open([]string{filepath.Join(dir, field[0])}, Options{})
		if err != nil {
			t.Error(field[2], err)
			continue
		}
		n := 0
		for {
			b.Reset()
			err = f.Fill(&b)
			n += len(b.Frames)
			if err != nil {
				break
			}
		}
		if n != want || err != io.EOF {
			t.Errorf("%s: %d %d: %v %+v", field[0], n, want, err, f.counts)
		}
	}
}
