# label: benign
# class: dns
# twin: dns_tunnel
# tools: bind9-dnsutils dnsmasq-base iodine
# about: Long and random-looking names with a purpose: content networks, DKIM keys, reputation and blocklist look-ups.
# command: dig of long A, AAAA and TXT names
# params: mail net=wan N=55 HIGH=0.4 KINDS="dkim rep list"
# params: cdn net=lan N=130 HIGH=0.12 KINDS="cdn cdn rep"
for ((i = 0; i < N; i++)); do
	hash=$(echo "$SEED $i $RANDOM" | sha256sum | cut -c1-$((RANDOM % 24 + 30)))
	case $(pick $KINDS) in
	dkim) n=$((RANDOM % 40 + 1)); q="s$n._domainkey.mail$n.cdn.test TXT" ;;
	rep) q="$hash.$(pick f u).rep.cdn.test A" ;;
	list) q="$((RANDOM % 256)).$((RANDOM % 256)).30.10.rep.cdn.test $(pick A TXT)" ;;
	cdn) q="d$hash.$(pick eu us)-$(pick west east)-$((RANDOM % 9)).$(pick static media).edge.cdn.test $(pick A AAAA)" ;;
	esac
	on "$(pick $CLIENTS)" dig @infra +tries=2 +time=1 $q
	pause 0 "$HIGH"
done
