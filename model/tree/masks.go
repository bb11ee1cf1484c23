package tree

import "encoding/binary"

// A word holds eight rows. Masks are in the high bits of its bytes.
const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// swarRows rows are decided at a time by room.mask.
const swarRows = 32

// mask finds the leaves, counted from the left, of n rows with the given codes in a tree:
// a code, less that of a node, keeps its high bit if it is not below.
func (r *room) mask(codes []uint8, nodes []maskNode, n int) {
	const slots = 2 * maskLeaves
	reach := &r.reach
	for g := 0; g < n; g += swarRows {
		reach[0] = [4]uint64{highBits, highBits, highBits, highBits}
		var l0, l1, l2, l3 uint64
		to := 2
		for i := range nodes {
			node := &nodes[i]
			c := (*[swarRows]uint8)(codes[int(node.column)*blockRows+g:])
			least, step := uint64(node.code&^codeMark)*everyByte, uint64(node.step)
			from := &reach[node.from%slots]
			left, right := &reach[to%slots], &reach[(to+1)%slots]
			to += 2
			m := (binary.LittleEndian.Uint64(c[0:]) - least) & from[0]
			left[0], right[0] = from[0]^m, m
			l0 += m >> 7 * step
			m = (binary.LittleEndian.Uint64(c[8:]) - least) & from[1]
			left[1], right[1] = from[1]^m, m
			l1 += m >> 7 * step
			m = (binary.LittleEndian.Uint64(c[16:]) - least) & from[2]
			left[2], right[2] = from[2]^m, m
			l2 += m >> 7 * step
			m = (binary.LittleEndian.Uint64(c[24:]) - least) & from[3]
			left[3], right[3] = from[3]^m, m
			l3 += m >> 7 * step
		}
		out := (*[swarRows]uint8)(r.leaves[g:])
		binary.LittleEndian.PutUint64(out[0:], l0)
		binary.LittleEndian.PutUint64(out[8:], l1)
		binary.LittleEndian.PutUint64(out[16:], l2)
		binary.LittleEndian.PutUint64(out[24:], l3)
	}
}
