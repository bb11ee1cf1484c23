package dataset

// survey is the first pass over large tables: a sample of their rows, from which columns
// are cut.
type survey struct {
	pick    *sampler
	cols    int
	rows    []float64 // picked, row-major
	numbers []int     // of the rows picked
	at      int       // number of the next row
}

// sampleCells bounds the memory of a sample of very wide tables, 200 MB.
const sampleCells = 25_000_000

func newSurvey(cols, most int) *survey {
	return &survey{pick: newSampler(max(1000, min(most, sampleCells/max(1, cols)))), cols: cols}
}

// wants tells whether the next row is to be handed to add.
func (s *survey) wants() bool { return s.pick.has(s.at) }

// pass counts a row that is not handed over.
func (s *survey) pass() { s.at++ }

func (s *survey) add(row []float64) {
	s.rows, s.numbers = append(s.rows, row...), append(s.numbers, s.at)
	if s.pick.add(s.at) {
		n := 0
		for i, number := range s.numbers {
			if s.pick.has(number) {
				copy(s.rows[n*s.cols:(n+1)*s.cols], s.rows[i*s.cols:(i+1)*s.cols])
				s.numbers[n] = number
				n++
			}
		}
		s.rows, s.numbers = s.rows[:n*s.cols], s.numbers[:n]
	}
	s.at++
}

// value is column c of picked row i.
func (s *survey) value(i, c int) float64 { return s.rows[i*s.cols+c] }

// cut makes bins, without codes, of every column, and their encoders. It takes eight
// columns at a time, since as many values of a row share a line of the cache.
func (s *survey) cut() ([]Bins, []encoder) {
	bins, encoders := make([]Bins, s.cols), make([]encoder, s.cols)
	var sorters [8]sorter
	for c := 0; c < s.cols; c += len(sorters) {
		some := sorters[:min(len(sorters), s.cols-c)]
		for k := range some {
			some[k].reset()
		}
		for i := range s.numbers {
			for k, v := range s.rows[i*s.cols+c:][:len(some)] {
				some[k].add(v)
			}
		}
		for k := range some {
			bins[c+k] = some[k].bins(MaxBins)
			encoders[c+k].init(&bins[c+k], some[k].mostlyZero())
		}
	}
	return bins, encoders
}
