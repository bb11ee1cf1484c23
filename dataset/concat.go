package dataset

import (
	"errors"
	"fmt"
	"slices"
)

// Concat joins frames of one schema and one list of classes, in order; what one of
// them lacks (times, pairs, weights) the result lacks. The frames give up their columns.
func Concat(frames []*Frame) (*Frame, error) {
	if len(frames) == 0 {
		return nil, errors.New("join tables: there are none")
	}
	out := &Frame{Schema: frames[0].Schema, Classes: frames[0].Classes, Cols: frames[0].Cols}
	times, pairs := true, true
	for i, f := range frames {
		if err := out.Schema.Match(f.Schema); err != nil {
			return nil, fmt.Errorf("join %s and %s: %w", frames[0].Sources[0].Path, f.Sources[0].Path, err)
		}
		if !slices.Equal(f.Classes, out.Classes) {
			return nil, errors.New("join tables: their classes differ")
		}
		for c := range f.Cols {
			if i > 0 {
				out.Cols[c].Values = append(out.Cols[c].Values, f.Cols[c].Values...)
				f.Cols[c].Values = nil
			}
		}
		times, pairs = times && f.Time != nil, pairs && f.Pair != nil
		for _, g := range f.Group {
			out.Group = append(out.Group, g+int32(len(out.Groups)))
		}
		out.Groups = append(out.Groups, f.Groups...)
		out.Y = append(out.Y, f.Y...)
		out.Time, out.Pair = append(out.Time, f.Time...), append(out.Pair, f.Pair...)
		out.Sources = append(out.Sources, f.Sources...)
		out.rows += f.rows
	}
	if !times {
		out.Time = nil
	}
	if !pairs {
		out.Pair = nil
	}
	return out, nil
}
