package capture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync/atomic"

	"fm/extract/packet"
)

// counters are what the formats count beside frames.
type counters = Counters

// Counters are what a source noticed and does not show in its frames.
type Counters struct {
	Shortened uint64 // frames above packet.MaxFrame, of which the first MaxFrame bytes were handed on
	Timeless  uint64 // frames without a time of their own (pcapng simple packets): the time of the frame before
	Clamped   uint64 // times before 1970 or after 2116, moved to that limit
}

// input is one file while it is read.
type input struct {
	path   string
	index  uint32
	raw    *tally
	free   func()
	w      window
	format format
}

// tally counts, and when asked hashes, the bytes of a file as they are read.
type tally struct {
	f    io.ReadCloser
	done *atomic.Int64
	hash hash.Hash
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.f.Read(p)
	t.done.Add(int64(n))
	if t.hash != nil {
		t.hash.Write(p[:n])
	}
	return n, err
}

// sum reads what is left of the file and returns its hash in hex, "" if none was asked for.
func (t *tally) sum() (string, error) {
	if t.hash == nil {
		return "", nil
	}
	if _, err := io.Copy(io.Discard, t); err != nil {
		return "", err
	}
	return hex.EncodeToString(t.hash.Sum(nil)), nil
}

// start opens path ("-" is standard input) up to its first record. done is advanced by the bytes read.
func start(path string, index uint32, sum bool, done *atomic.Int64) (*input, error) {
	f := os.Stdin
	if path != Stdin {
		var err error
		if f, err = os.Open(path); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, cause(err))
		}
	}
	t := &tally{f: f, done: done}
	if path == Stdin {
		t.f = io.NopCloser(f)
	}
	if sum {
		t.hash = sha256.New()
	}
	in := &input{path: path, index: index, raw: t}
	if err := in.recognise(); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

// recognise unpacks the file. Content decides what it is, never its name.
func (in *input) recognise() error {
	in.free = func() {}
	head, err := peek(in.raw, 16)
	if err != nil {
		return fmt.Errorf("read %s: %w", in.path, cause(err))
	}
	var r io.Reader = in.raw
	p := packingOf(head)
	if p == plain {
		in.w.carry = head
	} else {
		r, in.free, err = unpack(io.MultiReader(bytes.NewReader(head), in.raw), p)
		if err != nil {
			return &FormatError{in.path, err.Error()}
		}
		head, err = peek(r, 16)
		if len(head) < 4 && err != nil {
			return &FormatError{in.path, err.Error()}
		}
		in.w.err, in.w.carry = err, head
		if len(head) == 0 {
			return &FormatError{in.path, p.String() + " of nothing"}
		}
	}
	in.w.r, in.w.mean = r, 128
	if len(head) >= 4 {
		if _, _, ok := isPcap(head); ok {
			in.format = &pcap{}
			return nil
		}
	}
	what := stranger(head)
	if p != plain {
		what = p.String() + " of something that is no capture: " + what
	}
	return &FormatError{in.path, what}
}

// fill appends frames to the empty batch b. It returns nil when b is full, io.EOF at the
// end of the file and *CutError where it is cut.
func (in *input) fill(b *packet.Batch, counts *counters) error {
	in.w.begin(b)
	err := in.parse(b, counts)
	at := in.w.at()
	in.w.end(b)
	if err == nil || err == io.EOF {
		return err
	}
	var next uint64 = 1
	if p, ok := in.format.(*pcap); ok {
		next = p.number + 1
	}
	return &CutError{Path: in.path, Offset: at, Frame: next, Err: err}
}

func (in *input) parse(b *packet.Batch, counts *counters) error {
	if p, ok := in.format.(*pcap); ok && p.order == nil {
		p, err := openPcap(b, &in.w, in.index, counts)
		if err != nil {
			return err
		}
		in.format = p
	}
	return in.format.fill(b, &in.w)
}

func (in *input) close() error {
	in.free()
	return in.raw.f.Close()
}

// peek reads up to n bytes. A clean end before them is no error.
func peek(r io.Reader, n int) ([]byte, error) {
	head := make([]byte, n)
	k, err := io.ReadFull(r, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:k], err
}

// cause strips the path and the call from an error of package os, for messages that name both themselves.
func cause(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
