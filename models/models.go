// Package models holds the model files that are built into the binary. Their origin,
// figures and limits are in README.md beside them. Start with [Default].
package models

import (
	"embed"
	"io/fs"
)

// files holds every model of this directory.
//
//go:embed *.fm
var files embed.FS

// Name is the path by which messages call the default model.
const Name = "models/default.fm"

// Default returns the bytes of the model that is used where none is named. The
// caller owns them.
func Default() ([]byte, error) { return files.ReadFile("default.fm") }

// Names lists the model files, in order.
func Names() []string {
	names, _ := fs.Glob(files, "*.fm") // the pattern is sound, so there is no error
	return names
}

// Read returns the bytes of one of [Names]. The caller owns them.
func Read(name string) ([]byte, error) { return files.ReadFile(name) }
