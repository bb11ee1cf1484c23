package dataset

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packed is a text file freed from its compression; what passes is summed.
type packed struct {
	raw    *bufio.Reader
	digest hash.Hash
	unsum  bool // nobody will ask for the sum
	r      io.Reader
	close  func()
}

// openPacked finds out about the compression by content. size is that of the file, 0 of a
// stream.
func openPacked(f io.Reader, size int64) (*packed, error) {
	in := &packed{digest: sha256.New(), close: func() {}}
	in.raw = bufio.NewReaderSize(io.TeeReader(f, in), 256<<10)
	in.r = in.raw
	magic, err := in.raw.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(in.raw)
		if err != nil {
			return nil, err
		}
		in.r = z
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		// One goroutine. What is unpacked may refer to 128 MiB before, whatever the file
		// asks for, and in small files to less: a few bytes are not worth that memory.
		window := uint64(128 << 20)
		if size > 0 {
			window = min(window, 32<<20+32*uint64(size))
		}
		z, err := zstd.NewReader(in.raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
		if err != nil {
			return nil, err
		}
		in.r, in.close = z, z.Close
	}
	return in, nil
}

// Write takes what passes.
func (in *packed) Write(b []byte) (int, error) {
	if in.unsum {
		return len(b), nil
	}
	return in.digest.Write(b)
}

// sum is the SHA-256 of the whole file.
func (in *packed) sum() (string, error) {
	if _, err := io.Copy(io.Discard, in.raw); err != nil {
		return "", err
	}
	return hex.EncodeToString(in.digest.Sum(nil)), nil
}

// sumOf is the SHA-256 of a file that was read at random.
func sumOf(f *os.File) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, 1<<62)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
