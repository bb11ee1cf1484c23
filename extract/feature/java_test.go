package feature

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestAppendJava holds appendJava against what Java 17 printed: testdata/java17.txt, which
// says how it was made.
func TestAppendJava(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "java17.txt"))
	if err != nil {
		t.Fatal(err)
	}
	n, longer := 0, 0
	for line := range strings.Lines(string(text)) {
		bits, want, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || bits[0] == '#' {
			continue
		}
		b, err := strconv.ParseUint(bits, 16, 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		x := math.Float64frombits(b)
		if got := string(appendJava(nil, x)); got != want {
			t.Errorf("%s: %s, want %s", bits, got, want)
		}
		n++
		if significant(want) > significant(strconv.FormatFloat(x, 'e', -1, 64)) {
			longer++
		}
	}
	if n < 500 || longer < 20 {
		t.Errorf("%d numbers, %d of them longer than need be", n, longer)
	}
}

// significant counts the digits of a number without the zeros at both ends.
func significant(text string) int {
	digits, _, _ := strings.Cut(strings.ToLower(text), "e")
	return len(strings.Trim(strings.ReplaceAll(digits, ".", ""), "-0"))
}
