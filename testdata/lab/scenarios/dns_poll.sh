# label: benign
# class: dns
# twin: beacon_dns
# tools: bind9-dnsutils dnsmasq-base iodine
# about: Programs look up the same names at an interval, for a newer version or a moved service.
# command: dig of a version's TXT and a service's A record in a loop
# params: version net=office EVERY=0.5 SPREAD=0.05 N=32 Q="version.cdn.test TXT"
# params: failover net=wan EVERY=0.25 SPREAD=0.3 N=45 Q="edge.cdn.test A"
for ((i = 0; i < N; i++)); do
	dig @infra +tries=2 +time=1 $Q
	pause "$EVERY" "$(awk -v e="$EVERY" -v s="$SPREAD" 'BEGIN { print e + s }')"
done
