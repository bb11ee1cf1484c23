package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// app is one run of the program.
type app struct {
	env  env
	ui   *ui
	stop *stopper
	anon *anonymizeFlags // how messages call inputs; nil: as they are called
}

// commands is every command there is, in the order of the help text.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.extractCommand(), a.trainCommand(), a.classifyCommand(), a.evaluateCommand(), a.adaptCommand(),
		a.importCommand(), a.exportCommand(),
		a.featuresCommand(), a.showCommand(), a.versionCommand(), a.completionCommand(), a.helpCommand(),
	}
}

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use: "fm COMMAND", Short: sentence, Long: overview,
		SilenceErrors: true, SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return &usageError{text: "no command given", hint: `"fm help" lists the commands`}
		},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				hint := `"fm help" lists the commands`
				if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
					hint = fmt.Sprintf("did you mean %q? %s", "fm "+like[0], hint)
				}
				return &usageError{text: fmt.Sprintf("unknown command %q", args[0]), hint: hint}
			}
			return nil
		},
		SuggestionsMinimumDistance: 2,
	}
	cobra.EnableCommandSorting = false
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(a.env.stdout, cmd) })
	root.SetFlagErrorFunc(flagError)
	root.SetOut(a.env.stdout)
	root.SetErr(a.env.stderr)
	root.PersistentFlags().BoolVarP(&a.ui.quiet, "quiet", "q", false, "warnings and errors only on stderr")
	for _, c := range a.commands() {
		c.Flags().SortFlags = false
		c.Flags().BoolP("help", "h", false, "this text")
		c.DisableFlagsInUseLine = true
		root.AddCommand(c)
	}
	root.SetHelpCommand(root.Commands()[indexOf(root.Commands(), "help")])
	root.Flags().BoolP("help", "h", false, "this text")
	onlyOnce(root.PersistentFlags())
	for _, c := range root.Commands() {
		onlyOnce(c.Flags())
	}
	return root
}

func indexOf(commands []*cobra.Command, name string) int {
	for i, c := range commands {
		if c.Name() == name {
			return i
		}
	}
	panic("no such command")
}

// execute runs the command that args name.
func (a *app) execute(args []string) error {
	root := a.root()
	if cmd, at := findCommand(root, args); cmd != nil && !strings.HasPrefix(args[0], "__") {
		cmd.InheritedFlags() // makes the persistent flags known to cmd.Flags
		rest, err := expandWords(cmd.Flags(), args[at+1:])
		if err != nil {
			return withHint(err, cmd)
		}
		args = append(append(append([]string{}, args[:at]...), cmd.Name()), rest...)
	}
	root.SetArgs(args)
	return root.ExecuteContext(a.stop.ctx)
}

// findCommand returns the command that the first word of args names, and its place.
func findCommand(root *cobra.Command, args []string) (*cobra.Command, int) {
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") {
			continue
		}
		for _, c := range root.Commands() {
			if c.Name() == arg {
				return c, i
			}
		}
		return nil, 0
	}
	return nil, 0
}

// withHint points a usage error without advice to the help text of cmd.
func withHint(err error, cmd *cobra.Command) error {
	var u *usageError
	if errors.As(err, &u) && u.hint == "" {
		u.hint = fmt.Sprintf("%q lists the flags", cmd.CommandPath()+" -h")
	}
	return err
}

// flagError turns pflag's errors into ours.
func flagError(cmd *cobra.Command, err error) error {
	var u *usageError
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &u):
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		u = usagef("unknown flag %s", name)
	case errors.As(err, &missing):
		u = usagef("--%s needs a value", missing.GetSpecifiedName())
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		cause := invalid.Unwrap()
		if errors.Is(cause, errTwice) {
			u = usagef("--%s is given twice", f.Name)
		} else {
			u = usagef("--%s %s: %v", f.Name, invalid.GetValue(), cause)
		}
	case errors.As(err, &syntax):
		u = usagef("bad flag %s", syntax.GetSpecifiedFlag())
	default:
		u = usagef("%v", err)
	}
	return withHint(u, cmd)
}

// errTwice is what a flag answers to its second value.
var errTwice = errors.New("given twice")

// once is a flag's value that can be set one time.
type once struct {
	pflag.Value
	set bool
}

func (o *once) Set(s string) error {
	if o.set {
		return errTwice
	}
	o.set = true
	return o.Value.Set(s)
}

// onlyOnce makes a second use of every flag an error, but for those that repeat.
func onlyOnce(fs *pflag.FlagSet) {
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Annotations[noteWords] == nil && f.Annotations[noteRepeat] == nil {
			f.Value = &once{Value: f.Value}
		}
	})
}

// noArgs is for commands without arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return withHint(usagef("unexpected argument %q", args[0]), cmd)
	}
	return nil
}

// oneArg is for commands with exactly one argument, called what.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return withHint(usagef("%s is missing", what), cmd)
		case 1:
			return nil
		}
		return withHint(usagef("unexpected argument %q", args[1]), cmd)
	}
}

// writeHelp writes the help text of cmd: what it does, its flags by group, an example.
func writeHelp(w io.Writer, cmd *cobra.Command) {
	var b strings.Builder
	if !cmd.HasParent() {
		b.WriteString("fm: " + sentence + "\n\nUsage: fm COMMAND [FLAGS]\n\nCommands:\n")
		for _, c := range cmd.Commands() {
			if !c.Hidden {
				fmt.Fprintf(&b, "  %-11s %s\n", c.Name(), c.Short)
			}
		}
		b.WriteString("\n" + strings.TrimSpace(overview) + "\n")
		io.WriteString(w, b.String())
		return
	}
	fmt.Fprintf(&b, "Usage: fm %s\n\n%s\n", cmd.Use, strings.TrimSpace(cmd.Long))
	for _, g := range flagGroups(cmd) {
		fmt.Fprintf(&b, "\n%s:\n%s", g.name, g.fs.FlagUsagesWrapped(100))
	}
	b.WriteString("\nExamples:\n")
	for l := range strings.Lines(strings.TrimSpace(cmd.Example)) {
		b.WriteString("  " + strings.TrimRight(l, "\n") + "\n")
	}
	io.WriteString(w, b.String())
}

// flagGroups are the flags of cmd under their headings, in the order in which they were
// added; what every command has comes last.
func flagGroups(cmd *cobra.Command) []flagGroup {
	var groups []flagGroup
	add := func(f *pflag.Flag) {
		name := "Other"
		if n := f.Annotations[noteGroup]; n != nil {
			name = n[0]
		}
		i := slices.IndexFunc(groups, func(g flagGroup) bool { return g.name == name })
		if i < 0 {
			i = len(groups)
			groups = append(groups, flagGroup{pflag.NewFlagSet(name, pflag.ContinueOnError), name})
			groups[i].fs.SortFlags = false
		}
		groups[i].fs.AddFlag(f)
	}
	cmd.InheritedFlags() // makes the persistent flags known to cmd.Flags
	for _, own := range []bool{true, false} {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && (f.Annotations[noteGroup] != nil) == own {
				add(f)
			}
		})
	}
	return groups
}
