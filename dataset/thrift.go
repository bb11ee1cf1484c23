package dataset

import "errors"

// thriftWalker goes through a struct in Thrift's compact protocol, which is how Parquet
// writes its footer and the headers of its pages, without believing any size in it.
type thriftWalker struct {
	b     []byte
	at    int
	cost  int64 // rough memory that a decoder will take for it, in bytes
	seen  func(path uint32, v int64)
	depth int
}

var (
	errThrift      = errors.New("damaged Parquet: its metadata cannot be taken apart")
	errThriftShort = errors.New("damaged Parquet: its metadata end too early")
)

// memory of one element of a list after decoding, as an upper bound: Parquet's largest
// struct in a list describes a column of a row group.
const (
	structBytes = 640
	plainBytes  = 24
)

// walk passes over one struct. Every whole number and truth (0, 1) in it is handed to seen with the ids of
// the fields that lead to it, the outermost in the highest of the bytes in use.
func (w *thriftWalker) walk(path uint32) error {
	if w.depth++; w.depth > 16 {
		return errThrift
	}
	defer func() { w.depth-- }()
	id := int64(0)
	for {
		head, err := w.byte()
		if err != nil {
			return err
		}
		if head == 0 {
			return nil
		}
		if delta := int64(head >> 4); delta != 0 {
			id += delta
		} else if id, err = w.zigzag(); err != nil {
			return err
		}
		if err := w.value(head&15, path<<8|uint32(id)&0xff, false); err != nil {
			return err
		}
	}
}

// value passes over one value of a type. Truth is in the type of a field, but in a list a byte.
func (w *thriftWalker) value(kind byte, path uint32, listed bool) error {
	switch kind {
	case 1, 2:
		if listed {
			return w.skip(1)
		}
		if w.seen != nil {
			w.seen(path, int64(2-kind))
		}
		return nil
	case 3:
		return w.skip(1)
	case 4, 5, 6:
		v, err := w.zigzag()
		if w.seen != nil && err == nil {
			w.seen(path, v)
		}
		return err
	case 7:
		return w.skip(8)
	case 8:
		n, err := w.varint()
		if err != nil {
			return err
		}
		w.cost += int64(n)
		return w.skip(n)
	case 9, 10:
		head, err := w.byte()
		if err != nil {
			return err
		}
		n := uint64(head >> 4)
		if n == 15 {
			if n, err = w.varint(); err != nil {
				return err
			}
		}
		if n > uint64(len(w.b)-w.at) {
			return errThriftShort
		}
		each := int64(plainBytes)
		if head&15 == 12 {
			each = structBytes
		}
		w.cost += int64(n) * each
		for range n {
			if err := w.value(head&15, path, true); err != nil {
				return err
			}
		}
		return nil
	case 12:
		return w.walk(path)
	}
	return errThrift // maps are not used in Parquet
}

func (w *thriftWalker) byte() (byte, error) {
	if w.at == len(w.b) {
		return 0, errThriftShort
	}
	w.at++
	return w.b[w.at-1], nil
}

func (w *thriftWalker) skip(n uint64) error {
	if n > uint64(len(w.b)-w.at) {
		return errThriftShort
	}
	w.at += int(n)
	return nil
}

func (w *thriftWalker) varint() (v uint64, err error) {
	for shift := 0; shift < 64; shift += 7 {
		b, err := w.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, errThrift
}

func (w *thriftWalker) zigzag() (int64, error) {
	v, err := w.varint()
	return int64(v>>1) ^ -int64(v&1), err
}
