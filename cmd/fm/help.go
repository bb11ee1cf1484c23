package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) helpCommand() *cobra.Command {
	format := "text"
	cmd := &cobra.Command{
		Use: "help [COMMAND] [--format man]", Short: "explain a command",
		Long:    "Prints the list of commands, or what a command does, with its flags and an example; with\n--format man as the source of a manual page.",
		Example: "$ fm help extract\n$ fm help extract --format man > fm-extract.1",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return withHint(usagef("unexpected argument %q", args[1]), cmd)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about := cmd.Root()
			if len(args) > 0 {
				if about, _ = findCommand(cmd.Root(), args); about == nil {
					return &usageError{text: fmt.Sprintf("unknown command %q", args[0]), hint: `"fm help" lists the commands`}
				}
			}
			if format == "man" {
				return writeMan(a.env.stdout, about)
			}
			writeHelp(a.env.stdout, about)
			return nil
		},
	}
	g := flagGroup{cmd.Flags(), "Output"}
	g.value(&choice{&format, []string{"text", "man"}}, "format", "", "how to print")
	return cmd
}

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion SHELL", Short: "print a completion script for bash, zsh, fish or powershell",
		Long: `Prints a script that completes commands, flags and file names.

bash:        source <(fm completion bash)
zsh:         fm completion zsh > "${fpath[1]}/_fm"
fish:        fm completion fish > ~/.config/fish/completions/fm.fish
powershell:  fm completion powershell | Out-String | Invoke-Expression`,
		Example:   "$ fm completion bash > /etc/bash_completion.d/fm",
		Args:      oneArg("the shell's name"),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			out, root := a.env.stdout, cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return withHint(usagef("no completion for %q: bash, zsh, fish and powershell are known", args[0]), cmd)
		},
	}
}
