package model

// Imported says where a model of another library came from and what speaks for its
// scores being that library's.
type Imported struct {
	File      string   `json:"file"`   // name of the file, without its folder
	SHA256    string   `json:"sha256"` // of its bytes
	Library   string   `json:"library"`
	Version   string   `json:"version"` // of the library, as far as the file tells
	Format    string   `json:"format"`
	Objective string   `json:"objective"`
	Columns   string   `json:"columns"`           // how its features were bound to columns, in words
	Renamed   []Rename `json:"renamed,omitempty"` // features that are called differently here
	Notes     []string `json:"notes,omitempty"`   // what is to know of how the file was understood
	Proofs    []Proof  `json:"proofs,omitempty"`
}

// Rename is a feature of an imported model and the column that it is.
type Rename struct {
	Feature string `json:"feature"`
	Column  string `json:"column"`
}

// Proof is one comparison of a model's numbers with those of somebody else.
type Proof struct {
	With    string  `json:"with"` // whom or what: a program, or a table and its columns
	What    string  `json:"what"` // margins or predictions
	Rows    int     `json:"rows"`
	Largest float64 `json:"largest"` // difference
}
