package dataset

import "testing"

// A name tells one reason, always the same, so no list has one of another.
func TestLeftNamesOnce(t *testing.T) {
	seen := map[string]string{}
	for _, left := range leftNames {
		for _, n := range left.names {
			if first, twice := seen[n]; twice {
				t.Errorf("%q is among %s and %s", n, first, left.why)
			}
			seen[n] = left.why
		}
	}
	for name, want := range map[string]string{"Flow ID": LeftIdentifier, "Src_IP": LeftAddress, "src2dst_first_seen_ms": LeftTime, "Label": LeftLabel, "score": LeftResult, "bytes": ""} {
		if got := whyLeft(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
