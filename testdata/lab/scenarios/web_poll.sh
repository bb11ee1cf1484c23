# label: benign
# class: web
# twin: beacon_http
# tools: curl nginx-light
# about: Programs ask for updates at a fixed interval; most answers say there is nothing new.
# command: curl --time-cond / --data in a loop
# params: update net=wan URL=http://web/index.html EVERY=0.8 SPREAD=0.05 N=22 DATA=
# params: metrics net=lan URL=http://web/api/metrics EVERY=0.6 SPREAD=0.2 N=28 DATA=200
# params: tls net=office URL=https://web/api/version EVERY=1 SPREAD=0.35 N=18 DATA=
curl -sk "$URL" -o seen
for ((i = 0; i < N; i++)); do
	if [ "$DATA" ]; then
		curl -sk -A agent/3.2 -d "host=$CLIENT&load=$(between 0 3)&$(head -c "$DATA" /dev/zero | tr '\0' m)" "$URL" -o /dev/null
	else
		curl -sk -A updater/5.1 -z seen "$URL" -o /dev/null
		# Now and then there is an update to fetch.
		[ $((RANDOM % 9)) -gt 0 ] || curl -sk -A updater/5.1 "${URL%/*}/../img/pic5.png" -o /dev/null
	fi
	pause "$(between "$EVERY" "$EVERY")" "$(awk -v e="$EVERY" -v s="$SPREAD" 'BEGIN { print e + s }')"
done
