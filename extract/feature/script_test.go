package feature_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"fm/extract/feature"
	"fm/extract/flowtest"
)

// TestScripts checks columns against values worked out by hand: the packets, the
// expected cells and how they come about are in testdata.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.script")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	worked := map[string]bool{"snap_length": true} // see TestSnapLength: scripts have no snapshot length
	value := regexp.MustCompile(`\b([a-z0-9_]+)=(\S+)`)
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) { flowtest.Run(t, path, feature.Build) })
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range value.FindAllStringSubmatch(string(text), -1) {
			if m[2] != "none" {
				worked[m[1]] = true
			}
		}
	}
	set, err := feature.Build("fm", map[string]string{"with": "port,environment"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range set.Columns {
		if !worked[c.Name] {
			t.Errorf("no script states a value of column %s", c.Name)
		}
	}
}
