# label: benign
# class: web
# tools: curl nginx-light
# about: Visitors read pages with their pictures, several requests a connection, and pause in between.
# command: curl to pages, pictures and the API, with pauses
# params: plain net=wan URL=http://web VISITS=7 LOW=0.2 HIGH=1.8
# params: tls net=far URL=https://web VISITS=6 LOW=0.1 HIGH=1.2
# params: v6 net=office URL=https://web6 VISITS=6 LOW=0.3 HIGH=1.5 as=pcapng
for ((i = 0; i < VISITS; i++)); do
	from=$(pick $CLIENTS)
	page=$((RANDOM % 30 + 1))
	on "$from" curl -sk -A "Mozilla/5.0 (X11; Linux x86_64) reader/$i" \
		"$URL/docs/page$page.html" "$URL/img/pic$((page % 8)).png" "$URL/img/pic$((RANDOM % 8)).png" "$URL/api/next" -o /dev/null -o p -o q -o r
	pause "$LOW" "$HIGH"
done
