package output

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/crypto/blake2b"

	"fm/extract"
	"fm/extract/flow"
	"fm/extract/packet"
)

// Fields says what of the rows is hidden.
type Fields uint8

// What can be hidden.
const (
	Addresses Fields = 1 << iota // IP addresses, and what is made from them: flow identifiers, the Community ID
	MACs                         // addresses of links
	Names                        // names: the paths of inputs
)

// fieldWords are the words for fields, in their order.
var fieldWords = [...]string{"addresses", "macs", "names"}

// ParseFields reads words with commas between, and blanks around them.
func ParseFields(s string) (Fields, error) {
	var f Fields
	for word := range strings.SplitSeq(s, ",") {
		word, known := strings.TrimSpace(word), false
		for i, w := range fieldWords {
			if w == word {
				f, known = f|1<<i, true
			}
		}
		if !known {
			return 0, fmt.Errorf("unknown field %q: there are %s", word, strings.Join(fieldWords[:], ", "))
		}
	}
	return f, nil
}

// String joins the words for f with commas.
func (f Fields) String() string {
	var words []string
	for i, w := range fieldWords {
		if f&(1<<i) != 0 {
			words = append(words, w)
		}
	}
	return strings.Join(words, ",")
}

// KeyBytes is the length of the key of an [Anonymizer].
const KeyBytes = 32

// ParseKey reads the content of a key file: 32 bytes as they are, or 64 hexadecimal digits
// with or without an end of line.
func ParseKey(content []byte) (key [KeyBytes]byte, err error) {
	if len(content) == KeyBytes {
		copy(key[:], content)
		return key, nil
	}
	text := strings.TrimRight(string(content), "\r\n")
	switch n, err := hex.Decode(key[:], []byte(text)[:min(len(text), 2*KeyBytes)]); {
	case len(text) == 2*KeyBytes && n == KeyBytes && err == nil:
		return key, nil
	case len(text) == 2*KeyBytes:
		return key, errors.New("64 characters that are not all hexadecimal digits")
	case len(text) == KeyBytes:
		return key, fmt.Errorf("%d bytes and an end of line, which is not part of a key", KeyBytes)
	}
	return key, fmt.Errorf("%d bytes: a key is %d bytes, or %d hexadecimal digits", len(content), KeyBytes, 2*KeyBytes)
}

// Anonymizer replaces what tells who was who in records and rows: addresses by Crypto-PAn
// (see [addresses]), MACs and names by keyed BLAKE2b. The same key gives the same
// replacements in every run, file and worker. It is safe for concurrent use.
type Anonymizer struct {
	fields  Fields
	key     [KeyBytes]byte
	crypto  *cryptoPAn
	scratch sync.Pool // of *hiding
	names   sync.Map  // replacements so far: there are as many as inputs
}

// NewAnonymizer makes one that hides fields.
func NewAnonymizer(key [KeyBytes]byte, fields Fields) *Anonymizer {
	a := &Anonymizer{fields: fields, key: key, crypto: newCryptoPAn(&key)}
	a.scratch.New = func() any {
		return &hiding{addresses: addresses{crypto: a.crypto}, hash: keyed(&a.key)}
	}
	return a
}

// keyed is BLAKE2b (RFC 7693) of 32 bytes with a key.
func keyed(key *[KeyBytes]byte) hash.Hash {
	h, err := blake2b.New256(key[:])
	if err != nil { // keys above 64 bytes only
		panic("output: BLAKE2b refuses a key of 32 bytes")
	}
	return h
}

// Fields are what a hides.
func (a *Anonymizer) Fields() Fields { return a.fields }

// hiding is what one goroutine needs to hide rows.
type hiding struct {
	addresses
	hash hash.Hash
	sum  [blake2b.Size256]byte
	macs [1 << 10]struct{ from, to [6]byte } // remembered; the zero MAC is its own

	// The record, flow and groups that a renderer is shown.
	rec  extract.Record
	flow flow.Flow
	view flow.View
	nf   flow.NFStream
}

// key hides the endpoints of k. The lower one is A again, as if the packets had had the new
// addresses.
func (h *hiding) key(k *packet.Key, fromA *bool) {
	six := k.Kind&packet.KindIPv6 != 0
	k.A, k.B = h.address(k.A, six), h.address(k.B, six)
	if c := bytes.Compare(k.A[:], k.B[:]); c > 0 || c == 0 && k.APort > k.BPort {
		k.A, k.B, k.APort, k.BPort = k.B, k.A, k.BPort, k.APort
		*fromA = !*fromA
	}
}

// mac replaces the address of a link by one of local administration; the group bit stays,
// and so do the address of all and that of none, which name nobody.
func (h *hiding) mac(m [6]byte) [6]byte {
	if m == [6]byte{} || m == [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff} {
		return m
	}
	e := &h.macs[(uint(m[3])<<16|uint(m[4])<<8|uint(m[5]))*2654435761>>7%uint(len(h.macs))]
	if e.from != m {
		copy(h.sum[:], "mac:")
		copy(h.sum[4:], m[:])
		h.hash.Reset()
		h.hash.Write(h.sum[:10])
		h.hash.Sum(h.sum[:0])
		e.from = m
		copy(e.to[:], h.sum[:])
		e.to[0] = e.to[0]&^3 | 2 | m[0]&1
	}
	return e.to
}

// Name replaces a name by 16 hexadecimal digits; the empty one stays. Where addresses are
// hidden and names are not, it does so to a name that has an address in it.
func (a *Anonymizer) Name(name string) string {
	if name == "" || a.fields&Names == 0 && (a.fields&Addresses == 0 || !holdsAddress(name)) {
		return name
	}
	if known, ok := a.names.Load(name); ok {
		return known.(string)
	}
	h := keyed(&a.key)
	h.Write([]byte("name:" + name))
	to := hex.EncodeToString(h.Sum(nil)[:8])
	a.names.Store(name, to)
	return to
}

// holdsAddress tells whether a part of name is an address as people write it.
func holdsAddress(name string) bool {
	for _, digits := range []string{"0123456789.", "0123456789abcdefABCDEF:."} {
		for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return !strings.ContainsRune(digits, r) }) {
			if _, err := netip.ParseAddr(strings.Trim(part, ".")); err == nil {
				return true
			}
		}
	}
	return false
}

// Records hides the endpoints of records that go to a sink.
func (a *Anonymizer) Records(recs []extract.Record) {
	if a.fields&Addresses == 0 {
		return
	}
	h := a.scratch.Get().(*hiding)
	for i := range recs {
		f := &recs[i].Flow
		h.key(&f.Key, &f.FromA)
	}
	a.scratch.Put(h)
}

// Renderer shows r nothing that is hidden. The numbers of a row were made before, from what
// the packets held.
func (a *Anonymizer) Renderer(r extract.Renderer) extract.Renderer {
	if r == nil || a.fields&(Addresses|MACs) == 0 {
		return r
	}
	return hidingRenderer{a, r}
}

type hidingRenderer struct {
	*Anonymizer
	shown extract.Renderer
}

// Append implements [extract.Renderer].
func (r hidingRenderer) Append(dst []byte, rec *extract.Record, v *flow.View) []byte {
	h := r.scratch.Get().(*hiding)
	h.rec, h.view, h.flow = *rec, *v, *v.Flow
	h.view.Flow = &h.flow
	if r.fields&Addresses != 0 {
		h.key(&h.flow.Key, &h.flow.FromA)
		h.rec.Flow.Key, h.rec.Flow.FromA = h.flow.Key, h.flow.FromA
	}
	if r.fields&MACs != 0 && v.NFStream != nil {
		h.nf = *v.NFStream
		h.nf.Src, h.nf.Dst = h.mac(h.nf.Src), h.mac(h.nf.Dst)
		h.view.NFStream = &h.nf
	}
	dst = r.shown.Append(dst, &h.rec, &h.view)
	h.rec.Row, h.rec.Lists = nil, nil // the pool keeps none alive
	r.scratch.Put(h)
	return dst
}
