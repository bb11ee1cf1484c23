package dataset

// Frame is a columnar table of rows for training and evaluation. All slices that
// are not nil have [Frame.Rows] entries.
type Frame struct {
	Schema  *Schema
	Cols    []Col     // one per Schema.Columns
	Classes []string  // class names; index 0 is "benign"
	Y       []int32   // class of each row, an index into Classes; -1 unknown
	Weight  []float64 // nil means 1 each
	Groups  []string  // names of groups: rows of one group are never split between training and test
	Group   []int32   // group of each row, an index into Groups
	Pair    []uint64  // seeded hash of the unordered host pair: the finer group where there is one capture a side
	Time    []int64   // start of the flow, ns since 1970; nil if unknown
	Sources []Source  // where the rows came from
	Left    []LeftOut // columns of foreign tables that are not in Cols
	rows    int
}

// Source is one input of a frame: a capture or a table.
type Source struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Label  string `json:"label,omitempty"`
	Rows   int    `json:"rows"`  // rows that are in the frame
	Flows  int    `json:"flows"` // rows that the input held before drawing and labels
}

// Col is one column: numbers, or words stored as numbers. It is exact (Values) or, of a
// large table, binned (Bins, of all rows of the frame).
type Col struct {
	Values []float64 // NaN is missing; of a categorical column the index into Words
	Bins   *Bins     // not nil: the column is binned and Values is nil
	Words  []string  // not nil: the column is categorical
}

// Rows is the number of rows.
func (f *Frame) Rows() int { return f.rows }

// SetRows states the number of rows; it is called once by whoever filled the columns.
func (f *Frame) SetRows(n int) { f.rows = n }

// Row copies row i into dst, which has room for one value per column, and returns it.
// Of a binned column it takes a value that stands for the row's: see [Bins.Value].
func (f *Frame) Row(dst []float64, i int) []float64 {
	dst = dst[:len(f.Cols)]
	for c := range f.Cols {
		dst[c] = f.Cols[c].At(i)
	}
	return dst
}

// Binned tells whether a column is held in bins, so that values stand for others.
func (f *Frame) Binned() bool {
	for c := range f.Cols {
		if f.Cols[c].Bins != nil {
			return true
		}
	}
	return false
}

// Len is the number of rows that the column holds.
func (c *Col) Len() int {
	if c.Bins != nil {
		return len(c.Bins.Codes)
	}
	return len(c.Values)
}

// At is the value of row i, of a binned column the one that stands for it.
func (c *Col) At(i int) float64 {
	if c.Bins != nil {
		return c.Bins.Value(c.Bins.Codes[i])
	}
	return c.Values[i]
}

// Take copies the values of rows to dst, which is as long, as [Col.At] gives them.
func (c *Col) Take(dst []float64, rows []int) {
	if c.Bins == nil {
		for i, r := range rows {
			dst[i] = c.Values[r]
		}
		return
	}
	var value [256]float64
	for k := range value {
		value[k] = c.Bins.Value(uint8(k))
	}
	for i, r := range rows {
		dst[i] = value[c.Bins.Codes[r]]
	}
}
