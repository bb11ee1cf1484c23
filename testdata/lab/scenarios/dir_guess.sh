# label: malicious
# class: recon
# twin: web_crawl
# tools: gobuster dirb curl nginx-light
# about: Names of folders and files that no page links to are guessed.
# command: gobuster dir, dirb, or curl in a loop
# params: gobuster net=lan RUN="gobuster dir -q -z --no-error -t 4 -w list -x php,bak -u http://web/" N=90 as=gz
# params: dirb net=office RUN="dirb http://web/ list -S -r -z 25" N=110
# params: client net=wan RUN= N=70
words "$N" >list
printf '%s\n' admin backup config login .git/HEAD wp-login.php phpmyadmin old test db.sql >>list
shuf -o list --random-source=<(yes "$SEED") list
if [ "$RUN" ]; then
	$RUN
else
	# A few connections with many requests each, as a crawler's.
	sed 's|^|url = "https://web/|; s|$|"\noutput = "/dev/null"|' list >urls
	split -l 40 urls part
	for f in part*; do
		curl -sk -A 'Mozilla/5.0 (compatible; crawler/2.0)' --rate 10/s -K $f
		pause 0.1 1
	done
fi
true
