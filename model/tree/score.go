package tree

// kernel is what the inner loops are written in. All kernels give the same numbers.
type kernel uint8

const (
	generic kernel = iota // Go
	avx2
	avx512
)

// room is what scoring needs besides the rows.
type room struct {
	codes  []uint8   // block by block
	sums   []float64 // output by output, compiled.rows each
	trees  []uint32  // leaf of each tree among compiled.walks, for a single row
	ranks  []uint32  // of each column of numbers, for a single row
	reach  [2 * maskLeaves][swarRows / 8]uint64
	leaves [blockRows]uint8  // from the left, of a tree that is decided by masks
	far    [blockRows]uint32 // of a tree that is walked
	lanes  [walkLanes]uint32 // 0, 1, 2 and so on
	zeros  [walkLanes]uint32
}

// margins is [Ensemble.Margins]; f was compiled from e.
func (f *compiled) margins(e *Ensemble, dst, rows []float64) {
	r := f.room.Swap(nil)
	if r == nil {
		r = f.rooms.Get().(*room)
	}
	outputs, inputs := len(e.Base), f.inputs
	for len(rows) > 0 {
		n := len(rows) / inputs
		if n < f.few {
			n = 1
			f.single(e, r, dst[:outputs], rows[:inputs])
		} else {
			n = min(n, f.rows)
			f.batch(e, r, dst[:n*outputs], rows[:n*inputs])
		}
		dst, rows = dst[n*outputs:], rows[n*inputs:]
	}
	if !f.room.CompareAndSwap(nil, r) {
		f.rooms.Put(r)
	}
}

// single scores one row.
func (f *compiled) single(e *Ensemble, r *room, dst, row []float64) {
	f.encodeRow(r, row)
	f.walkRow(r)
	for o, base := range e.Base {
		dst[o] = e.start(base)
	}
	for t := range f.plans {
		p := &f.plans[t]
		place := p.values + int32(f.numbers[r.trees[t]])
		switch {
		case p.output < 0:
			e.add(dst, 1, &e.Trees[t], int(f.leaves[place]), row)
		case e.Float32:
			d := &dst[p.output]
			*d = float64(float32(*d + f.values[place]))
		default:
			dst[p.output] += f.values[place]
		}
	}
	for o, base := range e.Base {
		dst[o] = e.finish(dst[o], base)
	}
}

// batch scores up to f.rows rows.
func (f *compiled) batch(e *Ensemble, r *room, dst, rows []float64) {
	inputs, outputs := f.inputs, len(e.Base)
	n := len(rows) / inputs
	for at := 0; at < n; at += blockRows {
		f.encode(r.codes[at*f.width:], rows[at*inputs:min(at+blockRows, n)*inputs])
	}
	for o, base := range e.Base {
		start := e.start(base)
		for i := range n {
			r.sums[o*f.rows+i] = start
		}
	}
	for t := range f.plans {
		for at := 0; at < n; at += blockRows {
			f.block(e, r, t, at, rows[at*inputs:min(at+blockRows, n)*inputs])
		}
	}
	for o, base := range e.Base {
		for i := range n {
			dst[i*outputs+o] = e.finish(r.sums[o*f.rows+i], base)
		}
	}
}

// block adds tree t to the sums of up to blockRows rows, the first of which is row at of
// the batch.
func (f *compiled) block(e *Ensemble, r *room, t, at int, rows []float64) {
	p := &f.plans[t]
	n, codes := len(rows)/f.inputs, r.codes[at*f.width:]
	if p.nodes > 0 {
		f.mask(r, codes, p, n)
	} else {
		f.walk(r, codes, p, n)
	}
	switch {
	case p.output < 0:
		for i := range n {
			place := p.values + int32(r.leaves[i])
			if p.nodes == 0 {
				place = p.values + int32(f.numbers[r.far[i]])
			}
			e.add(r.sums[at+i:], f.rows, &e.Trees[t], int(f.leaves[place]), rows[i*f.inputs:(i+1)*f.inputs])
		}
	case p.nodes > 0:
		f.addMasked(r.sums[int(p.output)*f.rows+at:], &r.leaves, p, n, e.Float32)
	default:
		f.addWalked(r.sums[int(p.output)*f.rows+at:], &r.far, p, n, e.Float32)
	}
}

// mask finds the leaves of n rows in a tree that is decided by masks.
func (f *compiled) mask(r *room, codes []uint8, p *plan, n int) {
	switch f.kernel {
	case avx512:
		mask512(&r.leaves, &r.reach[0][0], &codes[0], &f.masks[p.masks], int(p.nodes))
	case avx2:
		for i := 0; i < n; i += swarRows {
			mask256(&r.leaves[i], &r.reach[0], &codes[i], &f.masks[p.masks], int(p.nodes))
		}
	default:
		r.mask(codes, f.masks[p.masks:p.masks+p.nodes], n)
	}
}

// addMasked adds to n sums the values of the leaves.
func (f *compiled) addMasked(sums []float64, leaves *[blockRows]uint8, p *plan, n int, float bool) {
	values := f.values[p.values : p.values+p.nodes+1]
	switch {
	case f.kernel == avx512 && float:
		addFloat512((*[blockRows]float64)(sums), &values[0], leaves)
	case f.kernel == avx512:
		add512((*[blockRows]float64)(sums), &values[0], leaves)
	case float:
		for i := range n {
			sums[i] = float64(float32(sums[i] + values[leaves[i]]))
		}
	default:
		for i := range n {
			sums[i] += values[leaves[i]]
		}
	}
}

func (f *compiled) addWalked(sums []float64, leaves *[blockRows]uint32, p *plan, n int, float bool) {
	values := f.values[p.values:]
	for i := range n {
		if sums[i] += values[f.numbers[leaves[i]]]; float {
			sums[i] = float64(float32(sums[i]))
		}
	}
}
