package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is the version of the program. Model files and cards carry it.
const release = "0.1.0"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: noArgs,
		Long:    "Prints the version of fm, the commit it was built from where that is known, and the platform.",
		Example: "$ fm version",
		RunE: func(*cobra.Command, []string) error {
			commit := ""
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, s := range info.Settings {
					if s.Key == "vcs.revision" && len(s.Value) >= 12 {
						commit = " " + s.Value[:12]
					}
				}
			}
			_, err := fmt.Fprintf(a.env.stdout, "fm %s%s %s %s/%s\n", release, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
