package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "explain a command",
		Long:    "Prints the list of commands, or what a command does, with its flags and an example.",
		Example: "$ fm help extract",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return withHint(usagef("unexpected argument %q", args[1]), cmd)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				writeHelp(a.env.stdout, cmd.Root())
				return nil
			}
			about, _ := findCommand(cmd.Root(), args)
			if about == nil {
				return &usageError{text: fmt.Sprintf("unknown command %q", args[0]), hint: `"fm help" lists the commands`}
			}
			writeHelp(a.env.stdout, about)
			return nil
		},
	}
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
