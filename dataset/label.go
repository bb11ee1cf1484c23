package dataset

// Labels that are not names of classes of attacks.
const (
	Benign     = "benign"
	Malicious  = "malicious"
	Background = "background" // ordinary traffic of an attacking or infected host: neither trained on nor counted
	Ignore     = "ignore"     // neither side: neither trained on nor counted
)
