package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"fm/dataset"
	"fm/extract"
	"fm/extract/flow"
)

// Rotation says when a file of rows ends and the next one begins. The zero value is one
// file; at most one of Rows, Bytes and Every is above 0.
//
// Files are called like the one asked for, with a time and a number behind the stem:
// flows-20260131T120000Z-0001.csv. The number counts the files of the run and passes over
// names that are taken: nothing is overwritten. The time is that of the file's first row or,
// with Every, the start of its span. A row's time is the clock at which its flow was over,
// which is the order of rows; of a flow that the end of the input ended, the time of the
// row before or its own last packet, if later.
type Rotation struct {
	Rows  uint64        // a file has so many rows
	Bytes int64         // a file ends with the row that fills it; compressed forms and Parquet are only measured from time to time
	Every time.Duration // a file holds the rows of a span so long; spans count from 1970 on, so an hour is that of the clock in UTC
	Keep  int           // complete files kept; older ones of this run are removed. 0: all

	// Card makes the card of a file that is complete before the run is: nil for none. What
	// is known only in the end stands in the last one.
	Card func() *dataset.Card
}

func (r *Rotation) on() bool { return r.Rows > 0 || r.Bytes > 0 || r.Every > 0 }

// ParseRotation reads the word of --rotate: rows as in 1000000rows, a size as in 100MB
// (of 1024 x 1024), a time as in 1h.
func ParseRotation(s string) (Rotation, error) {
	bad := errors.New("not rows, a size or a time such as 1000000rows, 100MB or 1h")
	if rows, ok := strings.CutSuffix(strings.TrimSuffix(s, "s"), "row"); ok {
		n, err := strconv.ParseUint(rows, 10, 63)
		if err != nil || n == 0 {
			return Rotation{}, bad
		}
		return Rotation{Rows: n}, nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		if d < time.Second {
			return Rotation{}, errors.New("a span is a second or longer")
		}
		return Rotation{Every: d}, nil
	}
	number, ok := strings.CutSuffix(strings.ToUpper(s), "B")
	unit := int64(1)
	if n := len(number); n > 0 {
		if i := strings.IndexByte("KMGT", number[n-1]); i >= 0 {
			number, unit, ok = number[:n-1], 1<<(10*(i+1)), true
		}
	}
	x, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(x*float64(unit) >= 1 && x*float64(unit) < 1<<60) {
		return Rotation{}, bad
	}
	return Rotation{Bytes: int64(x * float64(unit))}, nil
}

// String is the word that [ParseRotation] reads, "" without rotation.
func (r Rotation) String() string {
	switch {
	case r.Rows > 0:
		return strconv.FormatUint(r.Rows, 10) + "rows"
	case r.Bytes > 0:
		return strconv.FormatInt(r.Bytes, 10) + "B"
	case r.Every > 0:
		return r.Every.String()
	}
	return ""
}

// rotation is where a writer stands in its files.
type rotation struct {
	Rotation
	number int
	span   int64 // of the files in hand
	at     int64 // the time in their names
	clock  int64 // time of the row before
	done   [][]finished
}

// finished is a file of this run that has its name.
type finished struct {
	path   string
	info   fs.FileInfo
	beside bool // a card lies beside
}

// turn writes records in rotation.
func (w *Writer) turn(recs []extract.Record) error {
	t := w.rotate
	for len(recs) > 0 {
		now := t.time(&recs[0])
		span := t.spanOf(now)
		if w.filled() && (span != t.span || w.full()) {
			if err := w.next(t.early()); err != nil {
				return err
			}
		}
		if w.parts == nil {
			if err := w.start(); err != nil {
				return err
			}
		}
		if !w.filled() {
			t.span, t.at = span, now
			if t.Every > 0 {
				t.at = span * int64(t.Every)
			}
			w.name()
		}
		n := t.run(recs, w.parts[0].rows)
		if err := w.put(recs[:n]); err != nil {
			return err
		}
		recs = recs[n:]
	}
	return nil
}

// Passed tells a writer in rotation that all rows before the time clock are written: a
// span that is over by then makes its file complete, though no row came since. Live
// inputs tell it, on a silent line too.
func (w *Writer) Passed(clock int64) error {
	t := w.rotate
	if w.err != nil || t == nil || t.Every == 0 {
		return w.err
	}
	if t.clock = max(t.clock, clock); w.filled() && t.spanOf(clock) > t.span {
		w.err = w.next(t.early())
	}
	return w.err
}

// early is the card of a file that is complete before the run is.
func (t *rotation) early() *dataset.Card {
	if t.Card == nil {
		return nil
	}
	return t.Card()
}

// filled tells whether the files in hand have rows.
func (w *Writer) filled() bool { return w.parts != nil && w.parts[0].rows > 0 }

// full tells whether the files in hand take no more rows.
func (w *Writer) full() bool {
	t := w.rotate
	if t.Rows > 0 {
		return w.parts[0].rows >= t.Rows
	}
	return t.Bytes > 0 && slices.ContainsFunc(w.parts, func(p *part) bool { return p.size() >= t.Bytes })
}

// run is how many of recs go to the files in hand, which have so many rows: at least one.
func (t *rotation) run(recs []extract.Record, rows uint64) int {
	most := len(recs)
	switch {
	case t.Rows > 0:
		most = int(min(uint64(most), t.Rows-rows))
	case t.Bytes > 0:
		most = 1
	}
	for n := range recs[:most] {
		now := t.time(&recs[n])
		if t.spanOf(now) != t.span {
			return n
		}
		t.clock = now
	}
	return most
}

// time is the time of a record, see [Rotation].
func (t *rotation) time(r *extract.Record) int64 {
	if r.Flow.Reason == flow.Input || r.EndAt == flow.Never {
		return max(t.clock, r.Flow.Last)
	}
	return r.EndAt
}

// spanOf is the number of the span that a time lies in.
func (t *rotation) spanOf(now int64) int64 {
	every := int64(t.Every)
	if every == 0 {
		return 0
	}
	n := now / every
	if now%every < 0 {
		n--
	}
	return n
}

// next completes the files in hand and removes those that are not kept.
func (w *Writer) next(card *dataset.Card) error {
	if slices.ContainsFunc(w.parts, func(p *part) bool { return taken(p.file.target) }) { // since they were named
		w.name()
	}
	parts := w.parts
	if err := w.complete(card); err != nil {
		return err
	}
	return w.rotate.forget(parts)
}

// forget remembers the files of parts and removes the oldest beyond those to keep, but none
// that is not the run's own any more: somebody may have moved it away.
func (t *rotation) forget(parts []*part) error {
	if t.Keep == 0 {
		return nil
	}
	var done []finished
	for _, p := range parts {
		if info, err := os.Lstat(p.file.target); err == nil {
			done = append(done, finished{p.file.target, info, !p.form.carries()})
		}
	}
	t.done = append(t.done, done)
	for len(t.done) > t.Keep {
		for _, f := range t.done[0] {
			info, err := os.Lstat(f.path)
			if err != nil || !os.SameFile(info, f.info) {
				continue
			}
			err = os.Remove(f.path)
			if err == nil && f.beside {
				err = os.Remove(f.path + dataset.CardSuffix)
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove %s, which is not kept: %w", f.path, cause(err))
			}
		}
		t.done = t.done[1:]
	}
	return nil
}

// name gives the files in hand the next names that are not taken.
func (w *Writer) name() {
	t := w.rotate
	for free := false; !free; {
		t.number++
		free = true
		for _, p := range w.parts {
			p.file.path = rotated(p.plan.path, t.at, t.number)
			p.file.target = p.file.path
			free = free && !taken(p.file.path)
		}
	}
}

// taken tells whether a file, or a card without one, has the name.
func taken(path string) bool {
	_, err := os.Lstat(path)
	_, card := os.Lstat(path + dataset.CardSuffix)
	return err == nil || card == nil
}

// rotated is the name of file number n, of time at.
func rotated(path string, at int64, n int) string {
	dir, base := filepath.Split(path)
	stem, endings := base, ""
	for packed := true; packed; {
		ext := filepath.Ext(stem)
		stem, endings = strings.TrimSuffix(stem, ext), ext+endings
		packed = strings.EqualFold(ext, ".gz") || strings.EqualFold(ext, ".zst")
	}
	stamp := appendTime(nil, at)[:len("2026-01-31T12:00:00")]
	digits := strings.NewReplacer("-", "", ":", "").Replace(string(stamp))
	return fmt.Sprintf("%s%s-%sZ-%04d%s", dir, stem, digits, n, endings)
}
