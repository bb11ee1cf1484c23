# label: benign
# class: web
# twin: brute_http
# tools: curl nginx-light
# about: Forgetful members try a few passwords, get in, then read.
# command: curl --user, wrong a few times, then right
# params: plain net=wan URL=http://web TRIES=3 HIGH=1.5
# params: tls net=lan URL=https://web TRIES=5 HIGH=0.6
for from in $CLIENTS; do
	for ((i = RANDOM % TRIES; i >= 0; i--)); do
		on "$from" curl -sk -u "alice:$(pick Alice-keeps alice-keeps-7 alice-7-secrets summer)" "$URL/private/" -o /dev/null
		pause 0.1 "$HIGH"
	done
	on "$from" curl -sk -u alice:alice-keeps-7-secrets "$URL/private/" "$URL/docs/page$((RANDOM % 30 + 1)).html" "$URL/img/pic3.png" -o a -o b -o c
	pause 0.1 "$HIGH"
done
