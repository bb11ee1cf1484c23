package capture

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"sync/atomic"
	"time"

	"fm/extract/packet"
)

// pipeSilence is how long a pipe may be silent before Fill returns without a frame.
const pipeSilence = 100 * time.Millisecond

// input is one file while it is read.
type input struct {
	path   string
	index  uint32
	raw    *tally
	free   func() // what the decompressor holds
	w      window
	block  bool   // pcapng, not pcap
	format format // nil until the file header is read
}

// start opens path ("-" is standard input) and recognises what it is. done is advanced by
// the bytes read.
func start(path string, index uint32, sum bool, done *atomic.Int64) (*input, error) {
	t := &tally{f: os.Stdin, done: done}
	if path != Stdin {
		f, err := os.Open(path)
		if err != nil {
			return nil, &os.PathError{Op: "read", Path: path, Err: cause(err)}
		}
		t.f = f
	}
	if sum {
		t.hash = sha256.New()
	}
	in := &input{path: path, index: index, raw: t, free: func() {}}
	if err := in.recognise(); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

// recognise unpacks the file. Content decides what it is, never its name.
func (in *input) recognise() error {
	var r io.Reader = in.raw
	head, err := peek(r)
	p := packingOf(head)
	if p != plain {
		r, in.free, err = unpack(io.MultiReader(bytes.NewReader(head), in.raw), p)
		if err != nil {
			return &FormatError{in.path, err.Error()}
		}
		head, err = peek(r)
	}
	if err != nil && err != io.EOF && len(head) < 4 {
		if p != plain {
			return &FormatError{in.path, err.Error()}
		}
		return &os.PathError{Op: "read", Path: in.path, Err: cause(err)}
	}
	in.w = window{r: r, carry: head, err: err, size: bufferSize, limit: packet.BatchPackets, mean: 128}
	if p == plain {
		in.w.ready = in.raw.ready()
	}
	if len(head) >= 4 {
		if _, _, ok := isPcap(head); ok {
			return nil
		}
		if in.block = binary.BigEndian.Uint32(head) == blockSection; in.block {
			return nil
		}
	}
	what := stranger(head)
	switch {
	case p != plain && len(head) == 0:
		what = p.String() + " around nothing"
	case p != plain:
		what = p.String() + " around what is " + what
	}
	return &FormatError{in.path, what}
}

// fill appends frames to the empty batch b. It returns nil when b is full, io.EOF at the
// end of the file and *CutError where it is cut.
func (in *input) fill(b *packet.Batch, counts *Counters) error {
	in.w.begin(b)
	err := in.parse(b, counts)
	at := in.w.at()
	in.w.end(b)
	locate(b, counts)
	if _, other := err.(*FormatError); other || err == nil || err == io.EOF {
		return err
	}
	next := uint64(1)
	if in.format != nil {
		next += in.format.frames()
	}
	return &CutError{Path: in.path, Offset: at, Frame: next, Err: err}
}

func (in *input) parse(b *packet.Batch, counts *Counters) error {
	if in.format == nil {
		if in.block {
			in.format = openPcapng(in.index, counts)
		} else {
			if !in.w.need(b, pcapHeader) {
				return ended(in.w.err, "inside the file header")
			}
			p, err := openPcap(&in.w, in.index, counts)
			if err != nil {
				return &FormatError{in.path, err.Error()}
			}
			in.format = p
		}
	}
	return in.format.fill(b, &in.w)
}

func (in *input) close() error {
	in.free()
	if in.path == Stdin {
		return nil
	}
	return in.raw.f.Close()
}

// peek reads what the formats are recognised by. It returns less, and why, where the stream
// ends before.
func peek(r io.Reader) ([]byte, error) {
	head := make([]byte, 16)
	k, err := io.ReadFull(r, head)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
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

// tally counts, and when asked hashes, the bytes of a file as they are read.
type tally struct {
	f    *os.File
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

// ready is window.ready for this file.
func (t *tally) ready() func(bool) bool {
	if info, err := t.f.Stat(); err == nil && info.Mode().IsRegular() {
		return nil
	}
	return func(wait bool) bool {
		if wait {
			return readable(t.f, pipeSilence)
		}
		return readable(t.f, 0)
	}
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
