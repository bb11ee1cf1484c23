package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fm/extract/feature"
)

const readme = "../../README.md"

// transcript is a command of README.md and what is shown below it.
type transcript struct {
	command string
	shown   []string // "..." stands for any number of lines
	from    int      // line of the command, from 0
}

// transcripts finds the lines that begin with "$ fm" (or run fm through go) and what
// follows each, up to the next one or the end of the block.
func transcripts(lines []string) (found []transcript) {
	inside := false
	var now *transcript
	for i, l := range lines {
		if strings.HasPrefix(l, "```") {
			inside, now = !inside, nil
			continue
		}
		if !inside {
			continue
		}
		if c, ok := strings.CutPrefix(l, "$ "); ok {
			c = strings.Replace(c, "go run ./cmd/fm ", "fm ", 1)
			now = nil
			if strings.HasPrefix(c, "fm ") {
				found = append(found, transcript{command: c, from: i})
				now = &found[len(found)-1]
			}
			continue
		}
		if now != nil {
			now.shown = append(now.shown, l)
		}
	}
	return found
}

// elapsed is the only thing that differs from run to run.
var elapsed = regexp.MustCompile(`in \d+\.\d\d s$`)

func normal(l string) string { return elapsed.ReplaceAllString(strings.TrimRight(l, " "), "in N s") }

// The transcripts of README.md are true: each command ends well and prints what is shown,
// where "..." stands for any lines. go test ./cmd/fm -run README -update writes what
// commands print today around each "...".
func TestREADME(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the transcripts need a shell")
	}
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	if len(lines) > 200 {
		t.Errorf("%d lines, fewer than 200 are wanted", len(lines))
	}
	dir := t.TempDir()
	testdata, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(testdata, filepath.Join(dir, "testdata")); err != nil {
		t.Fatal(err)
	}
	all := transcripts(lines)
	if len(all) < 5 {
		t.Fatalf("only %d transcripts", len(all))
	}
	for i := range all {
		tr := &all[i]
		// Bash expands the ranges of a glob by the C locale's order everywhere.
		cmd := exec.Command("bash", "-c", tr.command)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "LC_ALL=C")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("README.md:%d: %s: %v\n%s", tr.from+1, tr.command, err, out)
			continue
		}
		got := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
		gap := slices.Index(tr.shown, "...")
		head, tail := len(tr.shown), 0
		if gap >= 0 {
			head, tail = gap, len(tr.shown)-gap-1
		}
		if *update && head+tail <= len(got) && (gap >= 0 || head == len(got)) {
			for k := range head {
				lines[tr.from+1+k] = strings.TrimRight(got[k], " ")
			}
			for k := range tail {
				lines[tr.from+1+gap+1+k] = strings.TrimRight(got[len(got)-tail+k], " ")
			}
			continue
		}
		if head+tail > len(got) || gap < 0 && head != len(got) {
			t.Errorf("README.md:%d: %s: %d lines, %d are shown:\n%s", tr.from+1, tr.command, len(got), head+tail, out)
			continue
		}
		same := func(shown, printed string) {
			if normal(shown) != normal(printed) {
				t.Errorf("README.md:%d: %s:\nshown   %q\nprinted %q", tr.from+1, tr.command, shown, printed)
			}
		}
		for k := range head {
			same(tr.shown[k], got[k])
		}
		for k := range tail {
			same(tr.shown[gap+1+k], got[len(got)-tail+k])
		}
	}
	if *update {
		if err := os.WriteFile(readme, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// README.md says of every command what its help says.
func TestREADMECommands(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if !strings.Contains(text, sentence) {
		t.Errorf("README.md lacks the sentence %q", sentence)
	}
	a := &app{ui: &ui{}}
	for _, c := range a.commands() {
		if line := "| `fm " + c.Name() + "` | " + c.Short + " |"; !strings.Contains(text, line) {
			t.Errorf("README.md lacks the line %q", line)
		}
	}
}

// README.md says of every set how near it comes to its tool: shares of rows and cells of the
// worst run in the page of figures, cut to two decimals.
func TestREADMEParity(t *testing.T) {
	data, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../testdata/PARITY.md")
	if err != nil {
		t.Fatal(err)
	}
	cut := func(part, whole int) float64 { return float64(10_000*part/whole) / 100 }
	rows, cells := map[string]float64{}, map[string]float64{}
	for line := range strings.Lines(string(page)) {
		c := strings.Split(line, " | ")
		if len(c) != 9 || strings.HasPrefix(c[1], "own") || !strings.HasPrefix(c[8], "9") && !strings.HasPrefix(c[8], "100") {
			continue
		}
		var n [9]int
		for i := 2; i < 8; i++ {
			if n[i], err = strconv.Atoi(c[i]); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		set := strings.TrimPrefix(c[0], "| ")
		if _, seen := rows[set]; !seen {
			rows[set], cells[set] = 100, 100
		}
		rows[set] = min(rows[set], cut(n[3], n[2]+n[5]))
		cells[set] = min(cells[set], cut(n[7], n[6]))
	}
	for _, d := range feature.Sets() {
		if d.Name == "fm" {
			continue
		}
		want := regexp.MustCompile(fmt.Sprintf("(?m)^\\| `%s` \\| .* \\| %v %%, %v %%", d.Name, rows[d.Name], cells[d.Name]))
		if !want.Match(data) {
			t.Errorf("README.md has no line like %s", want)
		}
	}
}

// Every command explains itself: what it does, each flag, and examples whose flags exist.
func TestHelp(t *testing.T) {
	a := &app{ui: &ui{}}
	for _, c := range a.commands() {
		var b strings.Builder
		root := a.root()
		cmd, _ := findCommand(root, []string{c.Name()})
		writeHelp(&b, cmd)
		help := b.String()
		if len(cmd.Long) < 60 || len(cmd.Example) == 0 {
			t.Errorf("%s: no explanation or no example", c.Name())
		}
		for l := range strings.Lines(help) {
			if n := len([]rune(strings.TrimRight(l, "\n"))); n > 110 {
				t.Errorf("%s: a line of %d characters: %s", c.Name(), n, l)
			}
		}
		for l := range strings.Lines(cmd.Example) {
			_, words, ok := strings.Cut(strings.TrimSpace(l), "fm ")
			if !ok {
				t.Errorf("%s: example %q runs no fm", c.Name(), l)
				continue
			}
			words = strings.ReplaceAll(words, "eth0", "nosuch0") // nothing is to be listened to
			words, _, _ = strings.Cut(words, " > ")
			run := exec.Command("bash", "-c", "fm "+words)
			run.Dir = t.TempDir()
			out, err := run.CombinedOutput()
			if run.ProcessState == nil || run.ProcessState.ExitCode() == exitUsage {
				t.Errorf("%s: example %q: %v\n%s", c.Name(), strings.TrimSpace(l), err, out)
			}
		}
	}
}
