package capture

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"fm/extract/packet"
)

// Stdin is the path that means standard input.
const Stdin = "-"

// Options of [Open]. The zero value is usable.
type Options struct {
	Hash bool // compute packet.Input.SHA256
}

// Files reads captures one after the other as one stream of frames; it satisfies
// extract.Source. A file is open only while its frames are read.
type Files struct {
	found   []Found
	skipped []Skipped
	sum     bool

	next    int // in found
	in      *input
	counts  Counters
	cuts    []error
	done    atomic.Int64
	total   int64
	mu      sync.Mutex // guards inputs
	inputs  []packet.Input
	stopped error
}

// Open finds the captures that paths name (files, folders, "-"; see [List]) and makes one
// stream of them. A path that does not exist, a file that is no capture, and a folder
// without captures are errors. The files are opened when [Files.Fill] comes to them.
func Open(paths []string, opts Options) (*Files, error) {
	found, skipped, err := List(paths)
	if err != nil {
		return nil, err
	}
	f := &Files{found: found, skipped: skipped, sum: opts.Hash}
	for _, c := range found {
		if f.total += c.Size; c.Size < 0 {
			f.total = -1
			break
		}
	}
	return f, nil
}

// Fill reads frames of one file into the empty batch b, none if a pipe (or standard input)
// is silent for a moment, so that the caller may look whether to go on. Where a file is cut or damaged, its
// frames before the cut are delivered and the next file follows; once all are read Fill
// returns what was wrong (errors.Join of *CutError), or io.EOF when nothing was. Every
// cut is also in [Files.Warnings].
func (f *Files) Fill(b *packet.Batch) error {
	for {
		if f.in == nil {
			if err := f.open(); err != nil {
				return err
			}
		}
		err := f.in.fill(b, &f.counts)
		f.count(b)
		if err != nil {
			f.finish(err)
		}
		if len(b.Frames) > 0 || err == nil && f.in.w.ready != nil {
			return nil
		}
		b.Reset()
	}
}

// open begins the next file, or returns what ends the source.
func (f *Files) open() error {
	for f.stopped == nil && f.next < len(f.found) {
		path := f.found[f.next].Path
		f.next++
		f.mu.Lock()
		f.inputs = append(f.inputs, packet.Input{Path: path})
		f.mu.Unlock()
		in, err := start(path, uint32(len(f.inputs)-1), f.sum, &f.done)
		if err == nil {
			f.in = in
			return nil
		}
		f.cuts = append(f.cuts, err)
	}
	if f.stopped == nil {
		if f.stopped = errors.Join(f.cuts...); f.stopped == nil {
			f.stopped = io.EOF
		}
	}
	return f.stopped
}

// finish closes the file in hand.
func (f *Files) finish(err error) {
	if err != io.EOF {
		f.cuts = append(f.cuts, err)
	}
	sum, err := f.in.raw.sum()
	if err != nil {
		f.cuts = append(f.cuts, err)
	}
	f.mu.Lock()
	f.inputs[len(f.inputs)-1].SHA256 = sum
	f.mu.Unlock()
	f.in.close()
	f.in = nil
}

func (f *Files) count(b *packet.Batch) {
	var bytes uint64
	for i := range b.Frames {
		bytes += uint64(b.Frames[i].Data.Len)
	}
	f.mu.Lock()
	in := &f.inputs[len(f.inputs)-1]
	in.Frames += uint64(len(b.Frames))
	in.Bytes += bytes
	f.mu.Unlock()
}

// Inputs lists the files begun so far. It may be called while Fill runs.
func (f *Files) Inputs() []packet.Input {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]packet.Input(nil), f.inputs...)
}

// Warnings lists what was wrong with the files read so far.
func (f *Files) Warnings() []error { return f.cuts }

// Skipped lists the files below the folders that are no captures.
func (f *Files) Skipped() []Skipped { return f.skipped }

// Found lists the captures in the order in which they are read; an input's number is its
// index. The slice belongs to f.
func (f *Files) Found() []Found { return f.found }

// Counters says what else was noticed so far.
func (f *Files) Counters() Counters { return f.counts }

// Progress is how many bytes of how many were read, as the files lie on disk; total is -1
// if an input has no size. It may be called while Fill runs.
func (f *Files) Progress() (done, total int64) { return f.done.Load(), f.total }

// Close ends the source. Fill then returns io.EOF.
func (f *Files) Close() error {
	if f.stopped == nil {
		f.stopped = io.EOF
	}
	if f.in == nil {
		return nil
	}
	err := f.in.close()
	f.in = nil
	return err
}
