package main

import (
	"strings"

	"github.com/spf13/pflag"
)

// Annotations of flags.
const (
	noteGroup  = "group"  // heading in the help text
	noteWords  = "words"  // takes files: words up to the next flag belong to it
	noteRepeat = "repeat" // may be given several times
)

// expandWords gives every word behind a flag that takes files to that flag, so that
// shell globs work: "--benign a b --seed 1" becomes "--benign=a --benign=b --seed 1".
// Behind "--" words are arguments of the command. "--class NAME=a b" means both
// files are of class NAME.
func expandWords(fs *pflag.FlagSet, args []string) ([]string, error) {
	var out []string
	var owner *pflag.Flag // who gets the words that follow
	prefix := ""
	give := func(f *pflag.Flag, word string) {
		if f.Name == "class" {
			name, _, named := strings.Cut(word, "=")
			if owner == f && !named {
				word = prefix + word
			} else if named {
				prefix = name + "="
			}
		}
		owner = f
		out = append(out, "--"+f.Name+"="+word)
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(out, args[i:]...), nil
		}
		if len(arg) < 2 || arg[0] != '-' {
			if owner != nil {
				give(owner, arg)
			} else {
				out = append(out, arg)
			}
			continue
		}
		owner = nil
		f, value, attached := lookupArg(fs, arg)
		if f == nil || f.NoOptDefVal != "" {
			out = append(out, arg)
			continue
		}
		if !attached {
			if i+1 >= len(args) || (f.Annotations[noteWords] != nil && len(args[i+1]) > 1 && args[i+1][0] == '-') {
				return nil, usagef("--%s needs a value", f.Name)
			}
			i++
			value = args[i]
		}
		if f.Annotations[noteWords] != nil {
			if at := strings.Index(arg, f.Shorthand); arg[1] != '-' && at > 1 {
				out = append(out, arg[:at]) // the switches in front: -qrFILE
			}
			give(f, value)
			continue
		}
		out = append(out, arg)
		if !attached {
			out = append(out, value)
		}
	}
	return out, nil
}

// lookupArg finds the flag in arg that takes a value, with the value if it is in arg
// too. Of "-qr" that is r. It returns nil for what fs does not know, and the last
// switch where there are only switches.
func lookupArg(fs *pflag.FlagSet, arg string) (f *pflag.Flag, value string, attached bool) {
	if strings.HasPrefix(arg, "--") {
		name, value, attached := strings.Cut(arg[2:], "=")
		return fs.Lookup(name), value, attached
	}
	for i := 1; i < len(arg); i++ {
		f = nil
		if arg[i] < 0x80 {
			f = fs.ShorthandLookup(arg[i : i+1])
		}
		if f == nil {
			return nil, "", false
		}
		if f.NoOptDefVal == "" {
			rest := arg[i+1:]
			return f, strings.TrimPrefix(rest, "="), rest != ""
		}
	}
	return f, "", false
}
