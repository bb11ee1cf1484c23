package extract

import (
	"testing"

	"fm/extract/packet"
)

// TestMillis checks that times are rounded down to milliseconds, before 1970 too.
func TestMillis(t *testing.T) {
	d := dispatcher{view: packet.View{Millis: true}}
	for at, want := range map[int64]int64{0: 0, 1: 0, 1_999_999: 1_000_000, -1: -1_000_000, -1_000_000: -1_000_000, -1_000_001: -2_000_000} {
		if got := d.time(at); got != want {
			t.Errorf("%d ns is %d, want %d", at, got, want)
		}
	}
}
