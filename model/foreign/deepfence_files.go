package foreign

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// deepfenceFileNames are the parameter files of Deepfence FlowMeter, in the order in which
// they are read: means, standard deviations and weights of its inputs, and the intercept.
var deepfenceFileNames = [4]string{"mean.txt", "std.txt", "weights.txt", "intercept.txt"}

// maxParameterFile bounds a parameter file: 39 numbers take less than a thousand bytes.
const maxParameterFile = 1 << 16

// ReadFolder reads a model that lies in several files of a folder: the parameters of
// Deepfence FlowMeter. Their bytes go to seen too, one file behind the other. name is for
// error messages.
func ReadFolder(folder fs.FS, name string, seen io.Writer) (*Model, error) {
	d := &Deepfence{}
	for k, file := range deepfenceFileNames {
		text, err := readSmall(folder, file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("read %s: it has no %s: a folder is read as parameters of Deepfence FlowMeter (%s)", name, file, strings.Join(deepfenceFileNames[:], ", "))
		case err != nil:
			return nil, fmt.Errorf("read %s/%s: %w", name, file, err)
		}
		if _, err := seen.Write(text); err != nil {
			return nil, err
		}
		numbers := d.parameters()[k]
		if err := readParameters(text, numbers, file == deepfenceFileNames[1]); err != nil {
			return nil, fmt.Errorf("read %s/%s%w", name, file, err)
		}
		if len(numbers) == 1 {
			d.Intercept = numbers[0]
		}
	}
	return &Model{Scorer: d, Library: "deepfence", Version: "unknown", Format: "Deepfence FlowMeter parameters", Objective: "logistic regression",
		Names: slices.Clone(deepfenceNames[:]), Notes: []string{
			"the SHA-256 is of " + strings.Join(deepfenceFileNames[:], ", ") + ", one behind the other",
			"a flow without duration, whose rates are no numbers, is benign as in the tool; its probability is 0 here",
		}}, nil
}

// readSmall reads a regular file that may not be large.
func readSmall(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxParameterFile+1))
	if err == nil && len(text) > maxParameterFile {
		err = fmt.Errorf("it has more than %d bytes", maxParameterFile)
	}
	return text, err
}

// readParameters fills numbers with those of text, which have blanks or line ends between.
// FlowMeter passes over words that are no numbers, and so shifts the others; that is an
// error here. Errors begin with a colon or the line.
func readParameters(text []byte, numbers []float64, divisors bool) error {
	n, line := 0, 1
	for len(text) > 0 {
		row, rest, _ := bytes.Cut(text, []byte("\n"))
		for _, word := range bytes.Fields(row) {
			if n == len(numbers) {
				return fmt.Errorf(":%d: more than %d numbers", line, len(numbers))
			}
			v, err := strconv.ParseFloat(string(word), 64)
			if err != nil && !errors.Is(err, strconv.ErrRange) {
				return fmt.Errorf(":%d: not a number: %.40q", line, word)
			}
			if why := unfit32(v); why != "" {
				return fmt.Errorf(":%d: %.40q: %s", line, word, why)
			}
			// The tool reads 32 bits at once. Where rounding twice gives others, they are kept.
			if single, _ := strconv.ParseFloat(string(word), 32); single != round32(v) {
				v = single
			}
			if divisors && float32(v) == 0 {
				return fmt.Errorf(":%d: a standard deviation of 0", line)
			}
			numbers[n] = v
			n++
		}
		text = rest
		line++
	}
	if n < len(numbers) {
		return fmt.Errorf(": %d numbers, want %d", n, len(numbers))
	}
	return nil
}

// File is one of the files of a model that is written as several.
type File struct {
	Name string
	Data []byte
}

// plane is a logistic regression that can say what it is made of: for inputs that are all
// numbers, with one output.
type plane interface {
	Plane() (bias float64, mean, scale, weight []float64, ok bool)
}

// writeDeepfence makes the parameter files of a logistic regression on the numbers that
// Deepfence FlowMeter's model reads.
func writeDeepfence(x *Exported) (files []File, notes []string, err error) {
	if err := x.check(); err != nil {
		return nil, nil, err
	}
	places, err := deepfencePlaces(x.Names)
	if err != nil {
		return nil, nil, err
	}
	d := &Deepfence{}
	switch s := x.Scorer.(type) {
	case *Deepfence:
		for i, at := range places {
			d.Mean[i], d.Std[i], d.Weight[i] = s.Mean[at], s.Std[at], s.Weight[at]
		}
		d.Intercept = s.Intercept
	case plane:
		bias, mean, scale, weight, ok := s.Plane()
		if !ok {
			return nil, nil, errors.New("Deepfence FlowMeter has two classes, and no words")
		}
		for i, at := range places {
			d.Mean[i], d.Std[i] = mean[at], 1
			if scale[at] != 0 { // a column that did not vary in training
				d.Std[i], d.Weight[i] = 1/scale[at], weight[at]
			}
		}
		d.Intercept = bias
		notes = append(notes, "standardised values beyond 10 deviations are cut here, but not by Deepfence FlowMeter, which may give such flows another probability",
			"a flow without duration is benign for Deepfence FlowMeter, whatever it is here")
	default:
		return nil, nil, errors.New("Deepfence FlowMeter has no models but logistic regressions (--kind logistic)")
	}
	if err := d.validate(); err != nil {
		return nil, nil, err
	}
	for k, numbers := range d.parameters() {
		var text []byte
		for _, v := range numbers {
			text = append(strconv.AppendFloat(text, v, 'e', 18, 64), '\n')
		}
		files = append(files, File{deepfenceFileNames[k], text})
	}
	return files, append(notes, "Deepfence FlowMeter rounds the numbers to 32 bits"), nil
}

// deepfencePlaces says where among names each input of the tool's model is.
func deepfencePlaces(names []string) ([DeepfenceInputs]int, error) {
	var places [DeepfenceInputs]int
	var missing []string
	for i, n := range deepfenceNames {
		if places[i] = slices.Index(names, n); places[i] < 0 {
			missing = append(missing, n)
		}
	}
	switch {
	case missing != nil:
		return places, fmt.Errorf("Deepfence FlowMeter's model reads %d columns of set deepfence; this one lacks %d, such as %s", DeepfenceInputs, len(missing), missing[0])
	case len(names) > DeepfenceInputs:
		return places, fmt.Errorf("Deepfence FlowMeter's model reads %d columns, this one %d", DeepfenceInputs, len(names))
	}
	return places, nil
}
