package model

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A model file is one line "fm model 1", one line of JSON, and the payload, whose length
// and SHA-256 the JSON gives. It names no time and no machine: equal models have equal bytes.
const (
	magic       = "fm model 1\n"
	maxManifest = 16 << 20
	maxPayload  = 1 << 30
)

// Codec turns the scorer of one kind, or of several kinds of one shape, into the bytes
// of a payload and back. It opens no files.
type Codec interface {
	// Append appends the payload of s to dst. Equal scorers give equal bytes.
	Append(dst []byte, s Scorer) ([]byte, error)
	// Decode reads a payload that may be hostile: it allocates no more than a small
	// multiple of the payload's length and returns a scorer that cannot panic on rows of
	// the right length. The payload may be kept.
	Decode(payload []byte) (Scorer, error)
}

// Model is a trained model: what it says about itself, and a scorer that is reached
// only through [Model.Bind].
type Model struct {
	Manifest
	scorer   Scorer
	notes    []error
	warnings []error
}

// ErrNotModel is the cause when a file does not begin like a model file.
var ErrNotModel = errors.New(`not a model file: first line is not "fm model 1"`)

// New returns a model of s. It completes fingerprint and task of m and fails if the two
// do not fit together.
func New(m Manifest, s Scorer) (*Model, error) {
	m.Fingerprint, m.Task = m.Schema.Fingerprint(), s.Task().String()
	if err := m.check(s); err != nil {
		return nil, fmt.Errorf("make model: %w", err)
	}
	out := &Model{Manifest: m, scorer: s}
	if n, ok := s.(interface{ Notes() []error }); ok {
		out.notes = n.Notes()
	}
	if n, ok := s.(interface{ Warnings() []error }); ok {
		out.warnings = n.Warnings()
	}
	return out, nil
}

// Notes are what training had to say about the result; a model read from a file has none.
func (m *Model) Notes() []error { return m.notes }

// Warnings are notes that a user must see before trusting the model.
func (m *Model) Warnings() []error { return m.warnings }

// head is the JSON line: the manifest behind the payload's length and hash.
type head struct {
	Payload payload `json:"payload"`
	*Manifest
}

type payload struct {
	Length int64  `json:"length"`
	SHA256 string `json:"sha256"`
}

// Write writes the model file of m, whose payload c encodes.
func (m *Model) Write(w io.Writer, c Codec) error {
	body, err := c.Append(nil, m.scorer)
	if err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	sum := sha256.Sum256(body)
	line, err := json.Marshal(head{payload{int64(len(body)), hex.EncodeToString(sum[:])}, &m.Manifest})
	if err != nil {
		return fmt.Errorf("write model: %w", err)
	}
	line = append(line, '\n')
	if len(line) > maxManifest || len(body) > maxPayload {
		return fmt.Errorf("write model: %d bytes of manifest and %d of payload are too many", len(line), len(body))
	}
	for _, part := range [][]byte{[]byte(magic), line, body} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write model: %w", err)
		}
	}
	return nil
}

// Read reads a model file to its end. codec returns the codec of a kind, or nil. The
// memory taken is bounded by what the file holds, not by what it claims.
func Read(r io.Reader, codec func(kind string) Codec) (*Model, error) {
	br := bufio.NewReader(r)
	first, err := br.Peek(len(magic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if rest, ok := strings.CutPrefix(string(first), "fm model "); ok && string(first) != magic {
		return nil, fmt.Errorf("read model: its format is %q, this fm reads format 1; use a newer fm", strings.TrimSpace(rest))
	}
	if string(first) != magic {
		return nil, fmt.Errorf("read model: %w", ErrNotModel)
	}
	br.Discard(len(magic))
	line, err := readLine(br, maxManifest)
	if err != nil {
		return nil, fmt.Errorf("read model: line 2: %w", err)
	}
	h := head{Manifest: &Manifest{}}
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, fmt.Errorf("read model: line 2: %w", err)
	}
	if h.Payload.Length < 0 || h.Payload.Length > maxPayload {
		return nil, fmt.Errorf("read model: payload of %d bytes is too long", h.Payload.Length)
	}
	var body bytes.Buffer // grows with what arrives
	if _, err := io.Copy(&body, io.LimitReader(br, h.Payload.Length+1)); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if n := int64(body.Len()); n < h.Payload.Length {
		return nil, fmt.Errorf("read model: file is cut: payload has %d of %d bytes", n, h.Payload.Length)
	} else if n > h.Payload.Length {
		return nil, errors.New("read model: file goes on behind the payload")
	}
	if sum := sha256.Sum256(body.Bytes()); hex.EncodeToString(sum[:]) != h.Payload.SHA256 {
		return nil, errors.New("read model: file is damaged: payload does not have the SHA-256 that line 2 gives")
	}
	c := codec(h.Kind)
	if c == nil {
		return nil, fmt.Errorf("read model: unknown kind %q; made with a newer fm?", h.Kind)
	}
	s, err := c.Decode(body.Bytes())
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	if err := h.Manifest.check(s); err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	return &Model{Manifest: *h.Manifest, scorer: s}, nil
}

// readLine reads up to a newline, at most limit bytes.
func readLine(br *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return nil, fmt.Errorf("longer than %d bytes", limit)
		}
		line = append(line, part...)
		if err == nil {
			return line, nil
		}
		if errors.Is(err, io.EOF) {
			return nil, errors.New("file is cut: no end of line")
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

// WithThreshold returns m with one more threshold, which is then in force.
func (m *Model) WithThreshold(t Threshold) *Model {
	out := *m
	out.Thresholds = append(m.Thresholds[:len(m.Thresholds):len(m.Thresholds)], t)
	return &out
}
