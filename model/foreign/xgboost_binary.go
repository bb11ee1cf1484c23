package foreign

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// binaryReader reads XGBoost's old binary format, written by versions up to 3.0: structs
// of C as they lie in memory, little endian. After an error it gives zeros.
type binaryReader struct {
	source
	err error
}

const learnerSize, boosterSize, treeSize, nodeSize, statSize, linearSize = 136, 160, 148, 20, 16, 136

// isXGBoostBinary knows the format by its magic number, or, in files of versions before
// 1.0, by a name of an objective where it belongs.
func isXGBoostBinary(prefix []byte) bool {
	if bytes.HasPrefix(prefix, []byte("binf")) {
		return true
	}
	if len(prefix) < learnerSize+8 {
		return false
	}
	n := binary.LittleEndian.Uint64(prefix[learnerSize:])
	name := prefix[learnerSize+8:]
	if n < 1 || n > 64 || uint64(len(name)) < n {
		return false
	}
	for _, b := range name[:n] {
		if b < '!' || b > '~' {
			return false
		}
	}
	return true
}

func readXGBoostBinary(r *bufio.Reader) (*Model, error) {
	b := &binaryReader{source: source{r: r}}
	x := b.xgboost()
	if b.err == nil {
		if _, err := b.next(); err == nil {
			b.fail("the file goes on behind the model")
		} else if !errors.Is(err, io.EOF) {
			b.fail("%v", err)
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	return x.model()
}

func (b *binaryReader) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("byte %d: %s", b.offset(), fmt.Sprintf(format, args...))
	}
}

var zeros [256]byte

// bytes takes n bytes of what, at most 256; they are valid until the next call.
func (b *binaryReader) bytes(n int, what string) []byte {
	if b.err != nil {
		return zeros[:n]
	}
	p, err := b.take(n)
	if err != nil {
		b.fail("%s: %v", what, ended(err))
		return zeros[:n]
	}
	return p
}

func integer(p []byte, at int) int  { return int(int32(binary.LittleEndian.Uint32(p[at:]))) }
func unsigned(p []byte, at int) int { return int(binary.LittleEndian.Uint32(p[at:])) }
func single(p []byte, at int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(p[at:]))
}

// count takes a number of things of 8 bytes, at most limit.
func (b *binaryReader) count(what string, limit int) int {
	n := binary.LittleEndian.Uint64(b.bytes(8, what))
	if n > uint64(limit) {
		b.fail("%d bytes or elements of %s, allowed are %d", n, what, limit)
		return 0
	}
	return int(n)
}

// name takes a short string.
func (b *binaryReader) name(what string) string {
	n := b.count(what, 64)
	return string(b.bytes(n, what))
}

func (b *binaryReader) xgboost() *xgboost {
	x := &xgboost{}
	if magic, err := b.r.Peek(4); err == nil && string(magic) == "binf" {
		b.bytes(4, "the magic number")
	}
	p := b.bytes(learnerSize, "the learner's parameters")
	x.base = []float32{single(p, 0)}
	x.features, x.classes, x.targets = unsigned(p, 4), integer(p, 8), unsigned(p, 28)
	attributes, metrics := integer(p, 12), integer(p, 16)
	x.version = [3]int{unsigned(p, 20), unsigned(p, 24), -1}
	if b.err == nil && (attributes&^1 != 0 || metrics&^1 != 0 || x.version[0] > 3 || x.version[1] > 100) {
		b.fail("the learner's parameters make no sense: flags %d and %d, version %d.%d", attributes, metrics, x.version[0], x.version[1])
	}
	x.objective, x.booster = b.name("the objective's name"), b.name("the booster's name")
	switch {
	case b.err != nil:
	case x.booster == "gblinear":
		b.linear(x)
	case x.booster == "gbtree" || x.booster == "dart":
		b.trees(x)
		if x.booster == "dart" {
			n := b.count("weight_drop", maxTrees)
			x.dropped = make([]float32, 0, min(n, len(x.trees)))
			for i := 0; i < n && b.err == nil; i++ {
				x.dropped = append(x.dropped, single(b.bytes(4, "weight_drop"), 0))
			}
		}
	default:
		b.fail("booster %s is not supported", shown(x.booster))
	}
	if attributes == 1 {
		b.attributes(x)
	}
	if x.version[0] > 0 { // it keeps parameters and metrics among the attributes
		return x
	}
	if x.objective == "count:poisson" {
		b.skipText("max_delta_step")
	}
	if metrics == 1 {
		for n := b.count("metrics", maxKeys); n > 0 && b.err == nil; n-- {
			b.skipText("a metric")
		}
	}
	return x
}

// skipText passes over a string of any length.
func (b *binaryReader) skipText(what string) {
	n := binary.LittleEndian.Uint64(b.bytes(8, what))
	for n > 0 && b.err == nil {
		if err := b.fill(); err != nil {
			b.fail("%s: %v", what, ended(err))
			return
		}
		part := min(n, uint64(len(b.buf)-b.pos))
		b.pos += int(part)
		n -= part
	}
}

func (b *binaryReader) attributes(x *xgboost) {
	for n := b.count("attributes", maxKeys); n > 0 && b.err == nil; n-- {
		length := binary.LittleEndian.Uint64(b.bytes(8, "an attribute"))
		if length > maxKey {
			b.fail("an attribute's name of %d bytes, allowed are %d", length, maxKey)
			return
		}
		key := ""
		if p, err := b.take(int(length)); err != nil {
			b.fail("an attribute: %v", ended(err))
			return
		} else {
			key = string(p)
		}
		switch key {
		case "best_iteration":
			x.bestIteration = b.name(key)
		case "best_ntree_limit":
			x.bestTrees = b.name(key)
		default:
			b.skipText("attribute " + shown(key))
		}
	}
}

func (b *binaryReader) linear(x *xgboost) {
	b.bytes(linearSize, "the booster's parameters")
	n := b.count("weights", maxInputs)
	for i := 0; i < n && b.err == nil; i++ {
		x.weights = append(x.weights, single(b.bytes(4, "weights"), 0))
	}
}

func (b *binaryReader) trees(x *xgboost) {
	p := b.bytes(boosterSize, "the booster's parameters")
	n := integer(p, 0)
	if n < 0 || n > maxTrees {
		b.fail("%d trees, allowed are 0 to %d", n, maxTrees)
	}
	var builder treeBuilder
	for i := 0; i < n && b.err == nil; i++ {
		b.tree(&builder, i)
		if b.err != nil {
			return
		}
		t, err := builder.build()
		if err != nil {
			b.fail("tree %d: %v", i, err)
			return
		}
		x.trees = append(x.trees, t)
	}
	for i := 0; i < n && b.err == nil; i++ {
		x.groups = append(x.groups, int32(integer(b.bytes(4, "tree_info"), 0)))
	}
}

// tree reads the parameters, nodes and statistics of one tree.
func (b *binaryReader) tree(to *treeBuilder, i int) {
	to.reset()
	what := fmt.Sprintf("tree %d", i)
	p := b.bytes(treeSize, what)
	roots, vector := integer(p, 0), integer(p, 20)
	to.nodes, to.deleted = integer(p, 4), integer(p, 8)
	switch {
	case b.err != nil:
	case roots != 1:
		b.fail("%s has %d roots", what, roots)
	case to.nodes < 1 || to.nodes > maxNodes:
		b.fail("%s has %d nodes, allowed are 1 to %d", what, to.nodes, maxNodes)
	case to.deleted < 0 || to.deleted >= to.nodes:
		b.fail("%s has %d deleted nodes of %d", what, to.deleted, to.nodes)
	case vector < 0 || vector > 1:
		b.fail("%s has vector leaves of %d, which are not supported", what, vector)
	}
	nodes, statistics := what+", nodes", what+", statistics"
	for k := 0; k < to.nodes && b.err == nil; k++ {
		p := b.bytes(nodeSize, nodes)
		feature := unsigned(p, 12)
		to.left, to.right = append(to.left, int32(integer(p, 4))), append(to.right, int32(integer(p, 8)))
		to.feature, to.defaultLeft = append(to.feature, int32(feature&math.MaxInt32)), append(to.defaultLeft, uint8(feature>>31))
		to.condition = append(to.condition, single(p, 16))
	}
	for k := 0; k < to.nodes && b.err == nil; k++ {
		p := b.bytes(statSize, statistics)
		to.gain, to.cover = append(to.gain, single(p, 0)), append(to.cover, single(p, 4))
	}
}
