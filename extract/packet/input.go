package packet

// Input is one capture file or interface that frames came from.
type Input struct {
	Path   string // as given by the user
	Frames uint64 // delivered so far
	Bytes  uint64 // captured bytes delivered so far
	SHA256 string // of the file's bytes in hex, when asked for; set at the file's end
}
