package tree

import "encoding/binary"

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// mask finds the leaves, counted from the left, of n rows with the given codes in a tree.
// A word holds eight rows, the masks in the high bits of its bytes: a code less the node's
// keeps its high bit if it is not below.
func (r *room) mask(codes []uint8, nodes []maskNode, n int) {
	const slots = 2 * maskLeaves
	a, b := (*[slots]uint64)(r.reach[:]), (*[slots]uint64)(r.reach[slots:])
	for g := 0; g < n; g += 16 {
		a[0], b[0] = highBits, highBits
		var leafA, leafB uint64
		for i := range nodes {
			node := &nodes[i]
			at := int(node.column)*blockRows + g
			c := codes[at : at+16]
			least := uint64(node.code&^codeMark) * everyByte
			reachA, reachB := a[node.from%slots], b[node.from%slots]
			rightA := (binary.LittleEndian.Uint64(c) - least) & reachA
			rightB := (binary.LittleEndian.Uint64(c[8:]) - least) & reachB
			to := (2*i + 2) % slots & (slots - 1)
			a[to], a[to+1] = reachA^rightA, rightA
			b[to], b[to+1] = reachB^rightB, rightB
			leafA += rightA >> 7 * uint64(node.step)
			leafB += rightB >> 7 * uint64(node.step)
		}
		binary.LittleEndian.PutUint64(r.leaves[g:], leafA)
		binary.LittleEndian.PutUint64(r.leaves[g+8:], leafB)
	}
}
