package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Words up to the next flag belong to a flag that takes files.
func TestExpandWords(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{"-r a b c", "--read=a --read=b --read=c", ""},
		{"-r a -q b", "--read=a -q b", ""},
		{"-ra b", "--read=a --read=b", ""},
		{"-r=a b", "--read=a --read=b", ""},
		{"-qr a b", "-q --read=a --read=b", ""},
		{"-qra b", "-q --read=a --read=b", ""},
		{"-r - b", "--read=- --read=b", ""},
		{"--benign a b --seed 3 --benign=c d", "--benign=a --benign=b --seed 3 --benign=c --benign=d", ""},
		{"m.fm --benign a -- b", "m.fm --benign=a -- b", ""},
		{"--class x=a b --class y=c", "--class=x=a --class=x=b --class=y=c", ""},
		{"--class x=a y=b c", "--class=x=a --class=y=b --class=y=c", ""},
		{"--seed -3 a", "--seed -3 a", ""},
		{"--nosuch a", "--nosuch a", ""},
		{"-r", "", "--read needs a value"},
		{"-r -q", "", "--read needs a value"},
		{"--benign --malicious x", "", "--benign needs a value"},
		{"--seed", "", "--seed needs a value"},
	} {
		fs := pflag.NewFlagSet("x", pflag.ContinueOnError)
		fs.StringArrayP("read", "r", nil, "")
		fs.StringArray("benign", nil, "")
		fs.StringArray("malicious", nil, "")
		fs.StringArray("class", nil, "")
		for _, n := range []string{"read", "benign", "malicious", "class"} {
			fs.SetAnnotation(n, noteWords, []string{"yes"})
		}
		fs.Int("seed", 0, "")
		fs.BoolP("quiet", "q", false, "")
		got, err := expandWords(fs, strings.Fields(c.in))
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: error %v, want %q", c.in, err, c.err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %q, %v, want %q", c.in, got, err, c.want)
		}
	}
}
