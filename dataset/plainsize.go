package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

var errPacked = errors.New("damaged Parquet: a page that cannot be unpacked")

// plainSize is the memory that unpacking a page takes, at most: what it says of itself
// where the unpacker believes that, and what it is. Beyond limit the count may end early.
func plainSize(packed *io.SectionReader, codec format.CompressionCodec, limit int64) (int64, error) {
	n := packed.Size()
	if n == 0 {
		return 0, nil
	}
	if n > limit {
		return n, nil
	}
	if codec == format.Snappy { // whose unpacker checks that its size is right
		head := make([]byte, min(n, binary.MaxVarintLen64))
		if _, err := packed.ReadAt(head, 0); err != nil {
			return 0, err
		}
		plain, err := snappy.DecodedLen(head)
		if err != nil {
			return 0, errPacked
		}
		return int64(plain), nil
	}
	if codec == format.Gzip {
		z, err := gzip.NewReader(packed)
		if err != nil {
			return 0, errPacked
		}
		plain, err := io.Copy(io.Discard, io.LimitReader(z, limit+1))
		if err != nil {
			return 0, errPacked
		}
		return 3 * plain, nil // the unpacker doubles its memory
	}
	if codec != format.Zstd {
		// The library loses what it unpacks of LZ4 where it grows on the way, and never
		// ends with a damaged block; it does not bound Brotli.
		return 0, fmt.Errorf("pages packed with %v are not read: write it with zstd or snappy", codec)
	}
	b := make([]byte, n)
	if _, err := packed.ReadAt(b, 0); err != nil {
		return 0, err
	}
	return zstdSize(b)
}

// zstdSize adds up the blocks of all frames (RFC 8878, sections 3.1.1 and 3.1.2): a packed
// block makes at most 128 KiB.
func zstdSize(b []byte) (total int64, err error) {
	const most = 128 << 10
	for len(b) > 0 {
		var h zstd.Header
		if err := h.Decode(b); err != nil {
			return 0, errPacked
		}
		if h.Skippable {
			if n := int64(h.HeaderSize) + int64(h.SkippableSize); n <= int64(len(b)) {
				b = b[n:]
				continue
			}
			return 0, errPacked
		}
		b = b[h.HeaderSize:]
		plain := int64(0)
		for last := false; !last; {
			if len(b) < 3 {
				return 0, errPacked
			}
			block := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
			last = block&1 != 0
			size, kind := block>>3, block>>1&3
			packed := size
			switch kind {
			case 0:
				plain += int64(size)
			case 1: // one byte repeated
				plain += int64(size)
				packed = 1
			default:
				plain += most
			}
			if b = b[3:]; packed > len(b) {
				return 0, errPacked
			}
			b = b[packed:]
		}
		if h.HasCheckSum {
			b = b[min(4, len(b)):]
		}
		if h.HasFCS {
			plain = int64(min(h.FrameContentSize, 1<<60)) // taken at once; the unpacker goes no further
		} else if h.WindowSize > 0 {
			plain = max(plain, int64(min(h.WindowSize, 1<<60)))
		}
		if total += plain; total < 0 {
			return 0, errPacked
		}
	}
	return total, nil
}
