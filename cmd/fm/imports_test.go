package main

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// floor says what each package may import from this module: these and nothing else.
var floor = map[string]string{
	"dataset":              "",
	"extract/packet":       "",
	"extract/flow":         "extract/packet",
	"extract/feature":      "extract/flow extract/packet dataset",
	"extract":              "extract/feature extract/flow extract/packet dataset",
	"extract/capture":      "extract/packet",
	"extract/capture/veth": "",
	"extract/flowtest":     "extract extract/feature extract/flow extract/packet extract/output dataset",
	"extract/output":       "extract extract/feature extract/flow extract/packet dataset",
	"model":                "dataset",
	"model/tree":           "model dataset",
	"model/forest":         "model/tree model dataset",
	"model/boost":          "model/tree model dataset",
	"model/golearn":        "model/tree model dataset",
	"model/logistic":       "model dataset",
	"model/eval":           "",
	"model/foreign":        "model/tree model",
	"model/fit":            "model model/eval dataset",
	"model/kinds":          "model model/tree model/forest model/boost model/golearn model/logistic model/foreign dataset",
	"model/modeltest":      "model dataset",
	"classify":             "extract model dataset",
	"models":               "",
	"cmd/fm":               "*",
}

// parties says who may reach a package of others, directly or not, and why nobody else.
var parties = []struct {
	prefix string
	who    string // packages that may import it themselves
	reach  string // packages that may have it below them
	why    string
}{
	{"github.com/google/gopacket", "extract/capture", "extract/capture cmd/fm", "only rare link layers and libpcap go through gopacket, and both are the business of capture"},
	{"github.com/sjwhitworth/golearn", "model/golearn", "model/golearn model/kinds cmd/fm", "golearn is one trainer among others; nothing else may lean on it"},
	{"github.com/dmitryikh/leaves", "model/foreign", "model/foreign model/kinds cmd/fm", "leaves trusts its input: only what our reader took may reach it"},
	{"github.com/spf13/", "cmd/fm", "cmd/fm", "flags belong to the command"},
	{"github.com/schollz/progressbar", "cmd/fm", "cmd/fm", "only the command writes to stderr"},
	{"github.com/parquet-go/", "dataset extract/output", "dataset extract extract/output extract/feature classify model *", "files of rows belong to dataset and output"},
	{"golang.org/x/crypto", "extract/output", "*", "only what rows tell is hidden by a key"},
	{"golang.org/x/sys", "extract/capture extract/capture/veth extract/output model/tree cmd/fm", "*", "system calls belong to capture; scoring asks what the processor can"},
}

// far says which packages of this module must not lie below which others, and why.
var far = []struct{ from, to, why string }{
	{"model", "extract", "training must not link packet code"},
	{"dataset", "extract", "tables know no packets"},
	{"dataset", "model", "tables know no models"},
	{"extract", "model", "extraction must run without a model"},
	{"extract/flow", "dataset", "flows know no column names"},
	{"extract/packet", "extract/flow", "packets know no flows"},
	{"extract/capture", "extract/flow", "readers know no flows"},
}

// pkg is a package as "go list" shows it; the paths of this module are without "fm/".
type pkg struct {
	name          string
	imports, deps []string
}

func listPackages(t *testing.T) []pkg {
	t.Helper()
	const form = `{{.ImportPath}}|{{join .Imports " "}}|{{join .Deps " "}}`
	cmd := exec.Command("go", "list", "-f", form, "fm/...")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []pkg
	for l := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(l), "|")
		all = append(all, pkg{strings.TrimPrefix(f[0], "fm/"), strings.Fields(f[1]), strings.Fields(f[2])})
	}
	if len(all) < 5 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

func allowed(list, name string) bool {
	words := strings.Fields(list)
	return slices.Contains(words, name) || slices.Contains(words, "*")
}

// The floor plan: who imports whom. Change the plan in CONTRIBUTING.md first.
func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		may, known := floor[p.name]
		if !known {
			t.Errorf("package %s is not in the floor plan: give it a row in %s", p.name, path.Base("cmd/fm/imports_test.go"))
			continue
		}
		for _, i := range p.imports {
			if own, ok := strings.CutPrefix(i, "fm/"); ok && !allowed(may, own) {
				t.Errorf("%s imports %s: the floor plan lets it import only [%s]", p.name, own, may)
			}
			for _, x := range parties {
				if strings.HasPrefix(i, x.prefix) && !allowed(x.who, p.name) {
					t.Errorf("%s imports %s: %s", p.name, i, x.why)
				}
			}
		}
		for _, d := range p.deps {
			for _, x := range parties {
				if strings.HasPrefix(d, x.prefix) && !allowed(x.reach, p.name) {
					t.Errorf("%s reaches %s: %s", p.name, d, x.why)
				}
			}
			own, ok := strings.CutPrefix(d, "fm/")
			for _, x := range far {
				if ok && below(p.name, x.from) && below(own, x.to) {
					t.Errorf("%s reaches %s: %s", p.name, own, x.why)
				}
			}
		}
	}
}

// below tells whether name is the package dir or lies below it.
func below(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }
