# label: benign
# class: dns
# tools: bind9-dnsutils dnsmasq-base
# about: Hosts look up ordinary names of all kinds, with pauses.
# command: dig A, AAAA, MX, TXT, PTR and names that do not exist
# params: calm net=wan N=40 HIGH=0.6 TCP=
# params: busy net=lan N=110 HIGH=0.1 TCP=1
for ((i = 0; i < N; i++)); do
	on "$(pick $CLIENTS)" dig @infra +tries=2 +time=1 $([ "$TCP" ] && [ $((RANDOM % 12)) = 0 ] && echo +tcp) $(pick \
		"web.lab.test A" "web.lab.test AAAA" "host$((RANDOM % 40 + 1)).lab.test A" "lab.test MX" "lab.test TXT" \
		"-x 10.20.30.80" "wpad.lab.test A" "mail.lab.test A" "edge.cdn.test A")
	pause 0 "$HIGH"
done
