package flow_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
)

// The rules of the native life, one script each.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.script")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) { flowtest.Run(t, path, nativeSet) })
	}
}

// nativeSet is a set without columns of its own.
func nativeSet(name string, options map[string]string) (*feature.Set, error) {
	if name != "native" {
		return nil, fmt.Errorf("no set %q", name)
	}
	var timeouts [2]time.Duration
	for i, k := range []string{"idle", "active"} {
		if v, ok := options[k]; ok {
			var err error
			if timeouts[i], err = time.ParseDuration(v); err != nil {
				return nil, err
			}
		}
	}
	return &feature.Set{Name: name, Life: flow.NewNative(int64(timeouts[0]), int64(timeouts[1]))}, nil
}
