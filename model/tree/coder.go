package tree

import (
	"encoding/binary"
	"math"
	"slices"
)

// coded is how a column of the rows becomes codes. A column of numbers has a code column
// for every codeRange thresholds, which says how many of them lie below the value. A
// column of categories has one for every set of categories: 0 if the set has the value,
// else 1. Every code has codeMark set, so that a subtraction in one byte of a word does
// not borrow from the next.
type coded struct {
	feature     int32
	first       uint32    // code column
	columns     uint32    // number of them
	steps       uint32    // log2(len(keys)+1)
	keys        []uint64  // of the thresholds, ascending, filled up to 2^steps-1 with the largest key
	cuts        []float64 // the thresholds, ascending
	pivots      [16]uint64
	missing     uint64 // key that a missing value has
	missingRank uint64 // how many keys are below that
	zero        bool   // values within ZeroBound of zero are missing
	left        bool   // of categories: missing values go left
	float       bool   // of categories: values are rounded to float32
	set         *Set   // of categories
}

const (
	codeRange = 127
	codeMark  = 0x80
)

// Keys of missing values: those that go right at every node, those that go left, and those
// that go where 0 goes, which is LightGBM's way for columns that missed nothing in training.
const (
	missingRight = math.MaxUint64
	missingLeft  = 0
	missingZero  = 1 << 63
)

// orderKey orders all values but NaN as numbers; -0 is 0.
func orderKey(v float64) uint64 {
	b := math.Float64bits(v + 0)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// keyValue is the value of an orderKey.
func keyValue(key uint64) float64 {
	return math.Float64frombits(key ^ (^uint64(int64(key)>>63) | 1<<63))
}

// coder assigns code columns to nodes.
type coder struct {
	coded   []coded
	width   int
	float   bool
	sides   []uint8           // what the nodes of an input say about missing values, by zero
	numeric [][4]int32        // place in coded of an input's columns, by zero and missing side
	sets    [][]int32         // of each tree: number of each of its sets, equal for equal ones
	slots   map[setSlot]int32 // place in coded of a column of categories
}

// setSlot is the same for nodes that decide alike.
type setSlot struct {
	feature, set int32
	left         bool // where missing values go
}

// What the nodes of a column say about missing values.
const (
	someLeft  = 1 << iota
	notAsZero // some go elsewhere than 0 does
)

func newCoder(e *Ensemble) *coder {
	c := &coder{float: e.Float32, sides: make([]uint8, 2*e.inputs), numeric: make([][4]int32, e.inputs), slots: map[setSlot]int32{}}
	for i := range c.numeric {
		c.numeric[i] = [4]int32{-1, -1, -1, -1}
	}
	c.numberSets(e)
	for t := range e.Trees {
		for i := range e.Trees[t].Nodes {
			c.see(&e.Trees[t].Nodes[i])
		}
	}
	for t := range e.Trees {
		for i := range e.Trees[t].Nodes {
			c.collect(e, t, &e.Trees[t].Nodes[i])
		}
	}
	for i := range c.coded {
		k := &c.coded[i]
		k.settle()
		k.first = uint32(c.width)
		c.width += int(k.columns)
	}
	return c
}

// cost is how many steps through a tree on the plain path take as long as coding a row:
// as measured, a quarter of a step for each step of a search and two more, by the kernel.
func (c *coder) cost(k kernel) int {
	steps, sets := 0, 0
	for i := range c.coded {
		if c.coded[i].set != nil {
			sets++
		} else {
			steps += 2 + int(c.coded[i].steps)
		}
	}
	return sets + steps/[...]int{generic: 4, avx2: 8, avx512: 32}[k]
}

func (c *coder) see(n *Node) {
	if n.Kind == Categorical {
		return
	}
	s := &c.sides[2*n.Feature+int32(n.Kind)]
	if n.MissingLeft {
		*s |= someLeft
	}
	if n.Kind == ZeroMissing || n.MissingLeft != (0 <= n.Threshold) {
		*s |= notAsZero
	}
}

// side returns which of the columns of its input a numeric node asks for, and what
// missing values are there.
func (c *coder) side(n *Node) (which int, missing uint64) {
	s := c.sides[2*n.Feature+int32(n.Kind)]
	which = 2 * int(n.Kind)
	switch {
	case s&someLeft == 0:
		return which, missingRight
	case s&notAsZero == 0:
		return which, missingZero
	case n.MissingLeft:
		return which + 1, missingLeft
	}
	return which, missingRight
}

func (c *coder) collect(e *Ensemble, t int, n *Node) {
	if n.Kind == Categorical {
		slot := setSlot{n.Feature, c.sets[t][n.Set], n.MissingLeft}
		if _, ok := c.slots[slot]; !ok {
			c.slots[slot] = int32(len(c.coded))
			c.coded = append(c.coded, coded{feature: n.Feature, set: &e.Trees[t].Sets[n.Set], left: n.MissingLeft, float: c.float})
		}
		return
	}
	which, missing := c.side(n)
	at := &c.numeric[n.Feature][which]
	if *at < 0 {
		*at = int32(len(c.coded))
		c.coded = append(c.coded, coded{feature: n.Feature, zero: n.Kind == ZeroMissing, missing: missing})
	}
	c.coded[*at].keys = append(c.coded[*at].keys, orderKey(n.Threshold))
}

// numberSets fills sets.
func (c *coder) numberSets(e *Ensemble) {
	seen := map[string]int32{}
	c.sets = make([][]int32, len(e.Trees))
	for t := range e.Trees {
		for i := range e.Trees[t].Sets {
			s := &e.Trees[t].Sets[i]
			content := append(make([]byte, 0, 1+8*len(s.Bits)), byte(bit(s.Below, 1)|bit(s.Above, 2)))
			for _, w := range s.Bits {
				content = binary.LittleEndian.AppendUint64(content, w)
			}
			number, ok := seen[string(content)]
			if !ok {
				number = int32(len(seen))
				seen[string(content)] = number
			}
			c.sets[t] = append(c.sets[t], number)
		}
	}
}

// settle sorts the thresholds.
func (k *coded) settle() {
	k.columns = 1
	if k.set != nil {
		return
	}
	slices.Sort(k.keys)
	k.keys = slices.Compact(k.keys)
	k.columns = uint32(len(k.keys)+codeRange-1) / codeRange
	for 1<<k.steps-1 < len(k.keys) {
		k.steps++
	}
	for _, key := range k.keys {
		k.cuts = append(k.cuts, keyValue(key))
		if key < k.missing {
			k.missingRank++
		}
	}
	keys := make([]uint64, 1<<k.steps-1)
	for i := copy(keys, k.keys); i < len(keys); i++ {
		keys[i] = math.MaxUint64
	}
	k.keys = keys
	for i := range k.pivots {
		k.pivots[i] = math.MaxUint64
		if at := (i+1)<<k.behind() - 1; at < len(keys) {
			k.pivots[i] = keys[at]
		}
	}
}

// behind is how many steps of a search are left after those among the pivots.
func (k *coded) behind() uint32 { return max(k.steps, 4) - 4 }

// find returns what a node of tree t decides by.
func (c *coder) find(t int, n *Node) decision {
	if n.Kind == Categorical {
		return decision{c.coded[c.slots[setSlot{n.Feature, c.sets[t][n.Set], n.MissingLeft}]].first, codeMark | 1}
	}
	which, _ := c.side(n)
	k := &c.coded[c.numeric[n.Feature][which]]
	i, _ := slices.BinarySearch(k.keys, orderKey(n.Threshold))
	return decision{k.first + uint32(i/codeRange), codeMark | uint8(i%codeRange+1)}
}
