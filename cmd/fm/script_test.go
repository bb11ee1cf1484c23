package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata/script")

// TestMain makes this test binary be fm where it is called by that name.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"fm": main}) }

// TestScript runs testdata/script/*.txtar: each is a shell-like story about one command.
//
//	status N fm ARGS       runs fm and wants exit status N
//	udp FILE FLOWS         makes a capture of so many flows of one packet
//	cut FROM BYTES TO      copies the first bytes of a file
//	link FILE NUMBER TO    copies a capture under another link type
//	pack FROM TO           compresses with gzip
//	bundle TO FROM...      puts files into a zip
//	lines FILE N           wants N lines in a file (or stdout)
//	label TO NAME=FILE...  joins tables into one with a column Label, without cards
//	sums FILE WHAT         wants contributions in a CSV file to sum to the score or its log-odds
func TestScript(t *testing.T) {
	captures, err := filepath.Abs("../../testdata/captures")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("CAPTURES", captures)
			e.Setenv("MODELS", filepath.Join(filepath.Dir(filepath.Dir(captures)), "model", "foreign", "testdata"))
			e.Setenv("PARAMETERS", filepath.Join(filepath.Dir(filepath.Dir(captures)), "cmd", "fm", "testdata", "deepfence"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "udp": makeUDP, "cut": cut, "link": link, "pack": pack, "bundle": bundle, "lines": lines, "sums": sums, "table": makeTable, "label": labelTables,
		},
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N program args")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// udpCapture is a pcap (µs, little endian, Ethernet) with one UDP packet a flow, a millisecond apart.
func udpCapture(flows int) []byte { return udpCaptureFrom(0, flows) }

// udpCaptureFrom is udpCapture with the flows from number first on.
func udpCaptureFrom(first, flows int) []byte {
	var b bytes.Buffer
	le := binary.LittleEndian
	head := le.AppendUint32(nil, 0xa1b2c3d4)
	head = le.AppendUint16(le.AppendUint16(head, 2), 4)
	head = append(head, make([]byte, 8)...)
	head = le.AppendUint32(le.AppendUint32(head, 65535), 1)
	b.Write(head)
	for i := first; i < first+flows; i++ {
		frame := make([]byte, 14+20+8+4)
		frame[12] = 8
		ip := frame[14:]
		ip[0], ip[3], ip[8], ip[9] = 0x45, 32, 64, 17
		copy(ip[12:], []byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		copy(ip[16:], []byte{192, 0, 2, 1})
		binary.BigEndian.PutUint16(ip[20:], 40000)
		binary.BigEndian.PutUint16(ip[22:], 9)
		binary.BigEndian.PutUint16(ip[24:], 12)
		rec := le.AppendUint32(nil, uint32(1700000000+(i-first)/1000))
		rec = le.AppendUint32(rec, uint32((i-first)%1000*1000))
		rec = le.AppendUint32(le.AppendUint32(rec, uint32(len(frame))), uint32(len(frame)))
		b.Write(rec)
		b.Write(frame)
	}
	return b.Bytes()
}

func makeUDP(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), udpCapture(n), 0o666))
}

// makeTable writes a table of so many rows as other tools make them: two columns that tell
// attacks, two that do not, and columns that are not to be trained on.
func makeTable(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b bytes.Buffer
	b.WriteString("Flow ID,Src IP,number,seen,service,bytes,rate,noise,attack_cat,Label\n")
	for i := range n {
		attack := i % 2
		service := []string{"dns", "ssh", "http"}[(i/2%8+5*attack)%8/3]
		fmt.Fprintf(&b, "f%d,10.0.0.%d,%d,%d,%s,%d,%v,%d,%s,%d\n", i, i%250, i+7, 1_700_000_000+i*7919%1000, service,
			i*31%500+400*attack, float64(i*17%100)/8, i*i%13, []string{"Normal", "DoS", "Normal", "Scan"}[i%4], attack)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// labelTables joins CSV tables of one header into one with a column Label.
func labelTables(ts *testscript.TestScript, _ bool, args []string) {
	var b strings.Builder
	for i, arg := range args[1:] {
		name, file, _ := strings.Cut(arg, "=")
		lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(ts.ReadFile(file), "\r", "")), "\n")
		if i == 0 {
			b.WriteString(lines[0] + ",Label\n")
		}
		for _, l := range lines[1:] {
			b.WriteString(l + "," + name + "\n")
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o666))
}

func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	data := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(data)[:n], 0o666))
}

func link(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	data := []byte(ts.ReadFile(args[0]))
	binary.LittleEndian.PutUint32(data[20:], uint32(n))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), data, 0o666))
}

func pack(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), b.Bytes(), 0o666))
}

func bundle(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range args[1:] {
		w, err := z.Create(name)
		ts.Check(err)
		_, err = w.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

func lines(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); got != want {
		ts.Fatalf("%s has %d lines, want %d", args[0], got, want)
	}
}
