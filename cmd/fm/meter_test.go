package main

import (
	"reflect"
	"slices"
	"testing"

	"fm/extract"
	"fm/extract/feature"
)

// ones sets all numbers in v to 1.
func ones(v reflect.Value) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			ones(v.Field(i))
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			ones(v.Index(i))
		}
	case v.CanUint():
		v.SetUint(1)
	case v.CanInt():
		v.SetInt(1)
	}
}

// notTwo names the numbers in v that are not 2.
func notTwo(v reflect.Value, name string) (names []string) {
	switch {
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			names = append(names, notTwo(v.Field(i), v.Type().Field(i).Name)...)
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			names = append(names, notTwo(v.Index(i), name)...)
		}
	case v.CanUint() && v.Uint() != 2, v.CanInt() && v.Int() != 2:
		names = append(names, name)
	}
	return names
}

// The counters of all captures are those of a run: none is forgotten, or its warning would
// never be seen.
func TestCountersOfRuns(t *testing.T) {
	var s extract.Stats
	ones(reflect.ValueOf(&s).Elem())
	var m metering
	m.add(&s)
	m.add(&s)
	if names := notTwo(reflect.ValueOf(m.total), ""); !slices.Equal(names, []string{"Clock", "Bytes"}) {
		t.Errorf("not summed: %v", names)
	}
}

// A card tells what its rows lack.
func TestCardCountsWhatIsCut(t *testing.T) {
	m := metering{set: &feature.Set{}}
	m.total.Unlisted, m.total.Forgotten = 3, 5
	card := (&app{stop: &stopper{ctx: t.Context()}}).card(&extraction{}, &m, &extract.Stats{Unlisted: 1}, 0)
	if a, b := card.Counters["sequences cut"], card.Counters["TCP packets forgotten"]; a != 2 || b != 5 {
		t.Errorf("the card counts %d sequences cut and %d packets forgotten, want 2 and 5", a, b)
	}
}
