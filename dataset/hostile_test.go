package dataset

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// Small files that want to be large stay within the bound of memory that fuzzing has.
func TestHostileTables(t *testing.T) {
	bomb := func(text string, times int) []byte {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		block := []byte(strings.Repeat(text, 1<<20/len(text)))
		for range times {
			z.Write(block)
		}
		z.Close()
		return b.Bytes()
	}
	var keys, late strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&keys, `%c"k%d":1`, "{,"[b2i(i > 0)], i)
	}
	for i := range 40000 {
		fmt.Fprintf(&late, `{"k%d":1}`+"\n", i)
	}
	for name, b := range map[string][]byte{
		"60000 columns":        []byte(strings.Repeat("a,", 60000) + "b\n" + strings.Repeat("1,", 60000) + "2\n"),
		"half a million names": []byte(strings.Repeat("a,", 1<<19)),
		"60000 keys":           []byte(keys.String() + "}\n"),
		"a key a line":         []byte(late.String()),
		"a long list":          []byte("l,a\n\"[" + strings.Repeat("1,", 1<<18) + "1]\",1\n"),
		"an open quote a line": []byte("a,b\n" + strings.Repeat("\"x,1\n", 1<<17)),
		"one quote":            []byte("a,b\n\"" + strings.Repeat("x\n", 1<<18)),
		"quotes":               []byte("a,b\n" + strings.Repeat("\"", 1<<19)),
		"bomb of one line":     bomb("x", 16),
		"bomb of commas":       bomb(",", 16),
		"bomb of lines":        bomb("1,2\n", 16),
		"bomb of quotes":       bomb("\"\n", 16),
		"#fields":              []byte("#fields" + strings.Repeat("\ta", 1<<18)),
		"set of a log":         []byte("#fields\ta\tb\n#types\tset[count]\tcount\n" + strings.Repeat("1,", 1<<18) + "1\t2\n"),
	} {
		t.Run(name, func(t *testing.T) { fuzzFile(t, b, TableOptions{SkipBad: true}) })
	}
}
