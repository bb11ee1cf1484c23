package tree

// PlainMargins is the plain path of [Ensemble.Margins].
func (e *Ensemble) PlainMargins(dst, rows []float64) { e.plain(dst, rows) }

// Scorers returns the compiled path of [Ensemble.Margins] in each kernel that this
// processor can run, also where the plain path would be taken.
func (e *Ensemble) Scorers() map[string]func(dst, rows []float64) {
	all := map[string]func(dst, rows []float64){}
	for _, k := range kernels() {
		if f := compileAll(e, k, newCoder(e)); !f.plain {
			all[map[kernel]string{generic: "generic", avx2: "avx2", avx512: "avx512"}[k]] = func(dst, rows []float64) { f.margins(e, dst, rows) }
		}
	}
	return all
}
