package tree

// walkLanes walks are taken at a time by the kernels that gather.
const walkLanes = 32

// walk finds the leaves among f.walks of n rows with the given codes, and of the garbage
// rows that fill them up to a multiple of eight.
func (f *compiled) walk(r *room, codes []uint8, p *plan, n int) {
	if f.kernel == avx512 {
		for i := 0; i < n; i += walkLanes {
			walks := (*[walkLanes]uint32)(r.far[i:])
			for l := range walks {
				walks[l] = uint32(p.walks)
			}
			walk512(walks, &f.walks[0], &codes[i], &r.lanes, 3, (walkColumns-1)*blockRows, int(p.depth))
		}
		return
	}
	nodes := f.walks
	root := uint64(p.walks)
	for i := 0; i < n; i += 8 {
		c := codes[i:]
		a0, a1, a2, a3, a4, a5, a6, a7 := root, root, root, root, root, root, root, root
		for d := int32(0); d < p.depth; d += 2 {
			all := uint64(walkLeaf)
			for range 2 {
				n0, n1, n2, n3 := uint64(nodes[a0]), uint64(nodes[a1]), uint64(nodes[a2]), uint64(nodes[a3])
				a0 = n0>>32 + (uint64(c[n0>>9&(walkColumns-1)*blockRows])-n0&511)>>63
				a1 = n1>>32 + (uint64(c[n1>>9&(walkColumns-1)*blockRows+1])-n1&511)>>63
				a2 = n2>>32 + (uint64(c[n2>>9&(walkColumns-1)*blockRows+2])-n2&511)>>63
				a3 = n3>>32 + (uint64(c[n3>>9&(walkColumns-1)*blockRows+3])-n3&511)>>63
				all &= n0 & n1 & n2 & n3
				n4, n5, n6, n7 := uint64(nodes[a4]), uint64(nodes[a5]), uint64(nodes[a6]), uint64(nodes[a7])
				a4 = n4>>32 + (uint64(c[n4>>9&(walkColumns-1)*blockRows+4])-n4&511)>>63
				a5 = n5>>32 + (uint64(c[n5>>9&(walkColumns-1)*blockRows+5])-n5&511)>>63
				a6 = n6>>32 + (uint64(c[n6>>9&(walkColumns-1)*blockRows+6])-n6&511)>>63
				a7 = n7>>32 + (uint64(c[n7>>9&(walkColumns-1)*blockRows+7])-n7&511)>>63
				all &= n4 & n5 & n6 & n7
			}
			if all != 0 {
				break
			}
		}
		r.far[i], r.far[i+1], r.far[i+2], r.far[i+3] = uint32(a0), uint32(a1), uint32(a2), uint32(a3)
		r.far[i+4], r.far[i+5], r.far[i+6], r.far[i+7] = uint32(a4), uint32(a5), uint32(a6), uint32(a7)
	}
}

// walkRow finds the leaf among f.walks of each tree for the one row whose codes are in r.
func (f *compiled) walkRow(r *room) {
	nodes, codes, leaves := f.walks, r.codes, r.trees
	order := f.byDepth
	if f.kernel == avx512 {
		var walks [walkLanes]uint32
		for len(order) >= walkLanes/2 {
			some := order[:min(walkLanes, len(order))]
			for i := range walks { // those that are not wanted do as the last one
				walks[i] = uint32(f.plans[some[min(i, len(some)-1)]].walks)
			}
			walk512(&walks, &nodes[0], &codes[0], &r.zeros, 9, walkColumns-1, int(f.plans[some[len(some)-1]].depth))
			for i, t := range some {
				leaves[t] = walks[i]
			}
			order = order[len(some):]
		}
	}
	for ; len(order) >= 8; order = order[8:] {
		o := (*[8]int32)(order)
		p0, p1, p2, p3 := &f.plans[o[0]], &f.plans[o[1]], &f.plans[o[2]], &f.plans[o[3]]
		p4, p5, p6, p7 := &f.plans[o[4]], &f.plans[o[5]], &f.plans[o[6]], &f.plans[o[7]]
		a0, a1, a2, a3 := uint64(p0.walks), uint64(p1.walks), uint64(p2.walks), uint64(p3.walks)
		a4, a5, a6, a7 := uint64(p4.walks), uint64(p5.walks), uint64(p6.walks), uint64(p7.walks)
		depth := p7.depth
		for d := int32(0); d < depth; d += 2 {
			all := uint64(walkLeaf)
			for range 2 {
				n0, n1, n2, n3 := uint64(nodes[a0]), uint64(nodes[a1]), uint64(nodes[a2]), uint64(nodes[a3])
				a0 = n0>>32 + (uint64(codes[n0>>9&(walkColumns-1)])-n0&511)>>63
				a1 = n1>>32 + (uint64(codes[n1>>9&(walkColumns-1)])-n1&511)>>63
				a2 = n2>>32 + (uint64(codes[n2>>9&(walkColumns-1)])-n2&511)>>63
				a3 = n3>>32 + (uint64(codes[n3>>9&(walkColumns-1)])-n3&511)>>63
				all &= n0 & n1 & n2 & n3
				n4, n5, n6, n7 := uint64(nodes[a4]), uint64(nodes[a5]), uint64(nodes[a6]), uint64(nodes[a7])
				a4 = n4>>32 + (uint64(codes[n4>>9&(walkColumns-1)])-n4&511)>>63
				a5 = n5>>32 + (uint64(codes[n5>>9&(walkColumns-1)])-n5&511)>>63
				a6 = n6>>32 + (uint64(codes[n6>>9&(walkColumns-1)])-n6&511)>>63
				a7 = n7>>32 + (uint64(codes[n7>>9&(walkColumns-1)])-n7&511)>>63
				all &= n4 & n5 & n6 & n7
			}
			if all != 0 {
				break
			}
		}
		leaves[o[0]], leaves[o[1]], leaves[o[2]], leaves[o[3]] = uint32(a0), uint32(a1), uint32(a2), uint32(a3)
		leaves[o[4]], leaves[o[5]], leaves[o[6]], leaves[o[7]] = uint32(a4), uint32(a5), uint32(a6), uint32(a7)
	}
	for _, t := range order {
		at := uint64(f.plans[t].walks)
		for {
			n := uint64(nodes[at])
			if n&walkLeaf != 0 {
				break
			}
			at = n>>32 + (uint64(codes[n>>9&(walkColumns-1)])-n&511)>>63
		}
		leaves[t] = uint32(at)
	}
}
