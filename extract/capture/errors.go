package capture

import "fmt"

// CutError says where and why the frames of an input end before the input does: it is cut,
// damaged, or could not be read on. The frames before the cut were delivered.
type CutError struct {
	Path   string
	Offset int64  // of the record that could not be read, in the bytes after decompression
	Frame  uint64 // number of the frame that would have come next
	Err    error
}

func (e *CutError) Error() string {
	return fmt.Sprintf("read %s: cut at byte %d, frame %d: %v", e.Path, e.Offset, e.Frame, e.Err)
}

// Unwrap returns the cause.
func (e *CutError) Unwrap() error { return e.Err }

// FormatError says that a file is no capture that can be read.
type FormatError struct {
	Path   string
	Reason string
}

func (e *FormatError) Error() string { return fmt.Sprintf("read %s: %s", e.Path, e.Reason) }
