# The lab's hosts: one switch, four clients and four servers, each in a
# network namespace, on one link with no router. Addresses are from RFC 1918
# and RFC 3849. Sourced by lab.sh, inside its own namespaces.

NET4=10.20.30 NET6=2001:db8:20:30
# name and last part of its address
HOSTS="c1:11 c2:12 c3:13 c4:14 files:21 mail:25 infra:53 web:80"

# name             delay  jitter  loss  rate
# A link's quality is the client's: both directions, either label.
LINKS="
lan                0.4ms  0.2ms   0%    1000mbit
office             3ms    1ms     0%    50mbit
wan                18ms   4ms     0.3%  20mbit
far                60ms   10ms    0.8%  8mbit
lossy              25ms   8ms     2.5%  10mbit
"

# plain turns the offloads off: frames then have the size and the checksums
# that they would have on a wire.
plain() { ip netns exec "$1" ethtool -K "$2" tx off rx off tso off gso off gro off >/dev/null 2>&1; }

make_hosts() {
	local entry name n dev
	ip link set lo up
	ip netns add sw
	ip -n sw link set lo up
	ip netns exec sw sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	ip -n sw link add br0 type bridge mcast_snooping 0
	ip -n sw link set br0 address 02:00:00:00:00:01 up

	# The machine's own files stay as they are: the lab sees copies.
	for f in passwd shadow group hosts resolv.conf; do
		cp -L /etc/$f $STAGE/$f 2>/dev/null || : >$STAGE/$f
	done
	printf '127.0.0.1 localhost\n::1 localhost6\n' >$STAGE/hosts
	: >$STAGE/resolv.conf

	for entry in $HOSTS; do
		name=${entry%:*} n=${entry#*:}
		echo "$NET4.$n $name" >>$STAGE/hosts
		echo "$NET6::$n ${name}6" >>$STAGE/hosts
		ip netns add "$name"
		ip netns exec "$name" sysctl -qw net.ipv6.conf.default.accept_ra=0 \
			net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv4.ping_group_range='0 65535'
		ip -n "$name" link set lo up
		ip -n sw link add "$name" type veth peer name eth0 netns "$name"
		ip -n "$name" link set eth0 address "02:00:0a:14:1e:$(printf %02x "$n")"
		ip -n "$name" addr add "$NET4.$n/24" dev eth0
		ip -n "$name" addr add "$NET6::$n/64" dev eth0 nodad
		plain "$name" eth0; plain sw "$name"
		ip -n sw link set "$name" up
		ip -n "$name" link set eth0 up
	done
	for f in passwd shadow group hosts resolv.conf; do mount --bind $STAGE/$f "$(readlink -f /etc/$f)"; done

	# netem is the kernel's; a kernel without it has wire.py between the client
	# and the switch, which does the same in user space.
	if ip netns exec c1 tc qdisc add dev eth0 root netem delay 1ms 2>/dev/null; then NETEM=1; else NETEM=; fi
	for entry in $HOSTS; do
		name=${entry%:*} dev=$name
		case $name in c?)
			if [ -z "$NETEM" ]; then
				dev=$name-b
				ip -n sw link add "$name-w" type veth peer name "$dev"
				plain sw "$name-w"; plain sw "$dev"
				ip -n sw link set "$name-w" up
				ip -n sw link set "$dev" up
			fi ;;
		esac
		ip -n sw link set "$dev" master br0
	done
	sleep 3   # the reports of joined multicast groups belong in no capture
}

# set_link NAME gives every client a link of this quality.
set_link() {
	local delay jitter loss rate
	read -r _ delay jitter loss rate < <(grep "^$1 " <<<"$LINKS") || die "no link quality $1"
	if [ -n "$NETEM" ]; then
		for c in c1 c2 c3 c4; do
			ip netns exec $c tc qdisc replace dev eth0 root netem delay $delay $jitter loss $loss rate $rate
			ip netns exec sw tc qdisc replace dev $c root netem delay $delay $jitter loss $loss rate $rate
		done
		return
	fi
	[ -z "${WIRE:-}" ] || { kill "$WIRE"; wait "$WIRE" 2>/dev/null || true; }
	ip netns exec sw /usr/bin/python3 "$LAB/wire.py" "${delay%ms}" "${jitter%ms}" "${loss%\%}" "${rate%mbit}" \
		c1:c1-w c2:c2-w c3:c3-w c4:c4-w &
	WIRE=$!
	sleep 0.4
}

# calm ends what a scenario left running, closes its connections and forgets
# the neighbours, so that no run shows in the next one's capture.
calm() {
	local entry name c
	for c in c1 c2 c3 c4; do
		ip netns pids $c | xargs -r kill -KILL 2>/dev/null || true
	done
	sleep 0.3
	for entry in $HOSTS; do
		name=${entry%:*}
		ip netns exec "$name" ss -K -t -a state connected >/dev/null 2>&1 || true
		ip -n "$name" neigh flush all 2>/dev/null || true
	done
	sleep 0.2
}

# check_sealed makes sure that no packet has a way out: no namespace has a
# default route, a device other than those made above, or a route to anything
# but the lab's own two prefixes.
check_sealed() {
	local ns
	[ -z "$(ip -o link show | grep -vE '^[0-9]+: lo:')" ] || die "the lab's outer namespace has a device"
	for ns in $(ip netns list | cut -d' ' -f1); do
		! { ip -n "$ns" route; ip -n "$ns" -6 route; } |
			grep -vE "^($NET4\.0/24|$NET6::/64|fe80::/64|anycast|local|multicast) " || die "$ns has a route out"
		! ip -o -n "$ns" link show | grep -vE '^[0-9]+: (lo:|br0:|eth0@|[a-z0-9-]+@)' || die "$ns has a device of another kind"
		[ "$(ip netns exec "$ns" cat /proc/sys/net/ipv4/ip_forward)" = 0 ] || die "$ns forwards"
	done
}
