package tree

// layout is how the leaves of a tree lie from left to right.
type layout struct {
	leaves []int32 // the tree's number of each leaf from left to right
	place  []int32 // the other way round
	left   []int32 // number of leaves on the left of each node
	depth  int32   // nodes on the longest path
}

func (t *Tree) layout() *layout {
	l := &layout{place: make([]int32, len(t.Nodes)+1), left: make([]int32, len(t.Nodes)), leaves: make([]int32, 0, len(t.Nodes)+1)}
	// A node is on the stack twice: on the way down and, between its children, again.
	type step struct {
		at, depth int32
		between   bool
	}
	stack := []step{{at: t.root()}}
	for len(stack) > 0 {
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		switch {
		case s.at < 0:
			l.depth = max(l.depth, s.depth)
			l.place[^s.at] = int32(len(l.leaves))
			l.leaves = append(l.leaves, ^s.at)
		case s.between:
			l.left[s.at] += int32(len(l.leaves))
		default:
			n := &t.Nodes[s.at]
			l.left[s.at] = -int32(len(l.leaves))
			stack = append(stack, step{n.Right, s.depth + 1, false}, step{s.at, 0, true}, step{n.Left, s.depth + 1, false})
		}
	}
	return l
}

// meanDepth is the mean length of the paths to the leaves, rounded up.
func (t *Tree) meanDepth() int {
	depth := make([]int32, len(t.Nodes))
	sum := 0
	for i := range t.Nodes { // parents come first
		for _, child := range [2]int32{t.Nodes[i].Left, t.Nodes[i].Right} {
			if child >= 0 {
				depth[child] = depth[i] + 1
			} else {
				sum += int(depth[i]) + 1
			}
		}
	}
	return (sum + len(t.Nodes)) / (len(t.Nodes) + 1)
}
