// Package foreign reads and writes models of others: of LightGBM and XGBoost, and the
// parameters of Deepfence FlowMeter.
//
// It owns their file formats and rules, and gives scorers that keep every bit of the
// library's own margins. It knows neither schemas nor how a model's columns are bound to
// a set's. Every file is hostile: sizes are checked before memory is taken, and what a
// reader does not know it refuses by name. Start with [Read].
package foreign

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"fm/model"
)

// Model is a model of another library, as its file tells it.
type Model struct {
	// Scorer is a *[tree.Ensemble], for XGBoost's gblinear a *[Linear] or a *[Deepfence]. What its
	// library predicts is [model.Predict].
	Scorer    model.Scorer
	Library   string // "lightgbm", "xgboost" or "deepfence"
	Version   string // of the library, as far as the file tells: "3.2.0", "before 1.0"
	Format    string // name of the file format
	Objective string // in the library's words
	// Names of the inputs; nil if the file has none. Types are the library's words for
	// them (nil: none), Categories the labels of categorical ones: the value of
	// Categories[i][k] is k. Categories is nil, or has nil where an input has no labels.
	Names      []string
	Types      []string
	Categories [][]string
	// BestTrees is the number of trees up to the best iteration of early stopping, 0 if
	// the file does not tell. The scorer sums all trees, as the library does; see [Model.KeepBest].
	BestTrees int
	// TreeWeights are dart's weights, already multiplied into the leaf values; nil: none.
	TreeWeights []float64
	// Notes are what a user should know of how the file was understood.
	Notes []string
}

// Kind is the kind under which the model is saved: it names the codec.
func (m *Model) Kind() string {
	if _, ok := m.Scorer.(*Linear); ok {
		return m.Library + "-linear"
	}
	return m.Library
}

// format is one file format.
type format struct {
	name      string
	recognise func(prefix []byte) bool // the first prefixLength bytes, or the whole file
	// read reads to the end of r: what follows the model is an error.
	read func(r *bufio.Reader) (*Model, error)
}

// formats lists what can be read, in the order in which it is recognised.
func formats() []format {
	return []format{
		{"LightGBM text", isLightGBM, readLightGBM},
		{"LightGBM JSON", isLightGBMDump, refuseLightGBMDump},
		{"XGBoost JSON", isJSON, readJSON},
		{"XGBoost UBJSON", isUBJSON, readUBJSON},
		{"XGBoost binary", isXGBoostBinary, readXGBoostBinary},
	}
}

const (
	prefixLength = 1024
	bufferLength = 64 << 10
	maxWindow    = 16 << 20 // of zstd: above that of its highest ordinary level
)

// Limits on what a file may claim, those of [tree.Codec].
const (
	maxInputs  = 1 << 20
	maxOutputs = 1 << 12
	maxTrees   = 1 << 18
	// maxUnnamed bounds inputs without names, which cost the file nothing: so many columns
	// as a table can have.
	maxUnnamed = 1 << 16
)

// Read reads the model file r, plain or compressed with gzip or zstd, and recognises its
// format by its content. name is for error messages. Memory is bounded by what the file
// holds, not by what it claims.
func Read(r io.Reader, name string) (*Model, error) {
	m, err := read(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return m, nil
}

func read(r io.Reader) (*Model, error) {
	in, done, err := decompressed(r)
	if err != nil {
		return nil, err
	}
	defer done()
	prefix, err := in.Peek(prefixLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	for _, f := range formats() {
		if !f.recognise(prefix) {
			continue
		}
		m, err := f.read(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		m.Format = f.name
		return m, nil
	}
	return nil, errors.New(unknown(prefix))
}

// decompressed returns r without its compression, if it has one.
func decompressed(r io.Reader) (*bufio.Reader, func(), error) {
	raw := bufio.NewReaderSize(r, bufferLength)
	magic, err := raw.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	var out io.Reader
	done := func() {}
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nil, err
		}
		out = z
	case bytes.HasPrefix(magic, zstdMagic):
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		out, done = z, z.Close
	default:
		return raw, done, nil
	}
	return bufio.NewReaderSize(out, bufferLength), done, nil
}

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// unknown says what a file that no reader takes is, where its first bytes tell.
func unknown(prefix []byte) string {
	for _, k := range []struct{ magic, text string }{
		{"\x1f\x8b", "compressed twice: unpack it first"},
		{"\x28\xb5\x2f\xfd", "compressed twice: unpack it first"},
		{"bs64", "the text form of XGBoost's very old binary models: load and save it with XGBoost 0.90"},
		{"\x80", "a Python pickle: save the model with the library's own save_model"},
		{"(", "a Python pickle: save the model with the library's own save_model"},
		{"PK", "a zip archive: unpack it first"},
		{"booster[", "a dump, which has no base_score: save the model with save_model"},
		{"0:[", "a dump, which has no base_score: save the model with save_model"},
		{"[", "a dump, which has no base_score, or a list: save the model with save_model"},
		{"CBM1", "a CatBoost model, which is not supported"},
		{"<", "XML (PMML?), which is not supported"},
	} {
		if bytes.HasPrefix(prefix, []byte(k.magic)) {
			return k.text
		}
	}
	if len(prefix) == 0 {
		return "the file is empty"
	}
	return "neither a LightGBM text model nor an XGBoost model (binary, JSON, UBJSON)"
}
