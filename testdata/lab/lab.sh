#!/bin/bash
# Makes labelled captures of real clients and servers inside network
# namespaces. Nothing it sends can leave them, and nothing of them is left
# behind when it ends.
#
#   lab.sh                      run every scenario with each set of parameters
#   lab.sh NAME…                run these scenarios
#   lab.sh NAME:SET…            run these sets of parameters only
#   lab.sh -l                   list what there is, and run nothing
#
# Must be run by root on Debian. README.md says how to add a scenario.
set -euo pipefail

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=${LAB_OUT:-$LAB/../captures}
SOURCES=${LAB_SOURCES:-$LAB/../SOURCES.md}
SEED=${LAB_SEED:-20}   # orders the runs and seeds each scenario's choices
LIMIT=40               # seconds a scenario may run, unless its set says limit=
MAX_PACKETS=6000       # a capture stops here, whatever the scenario does
MIN_PACKETS=50         # one with fewer is a failure
SNAPLEN=262144

PACKAGES="apache2-utils bind9-dnsutils curl dirb dnsmasq dovecot-imapd ethtool
gobuster hping3 hydra iodine iproute2 iputils-ping lftp nginx-light nmap
openssh-client openssh-server openssl procps python3 python3-aiosmtpd
redis-server redis-tools rsync slowhttptest sshpass swaks tcpdump tshark
vsftpd wget zstd"

die() { echo "lab: $*" >&2; exit 1; }
say() { echo "lab: $*" >&2; }

# header FILE KEY prints the values of the "# KEY: …" lines that open a
# scenario.
header() { sed -n "/^#/!q;s/^# $2: *//p" "$1"; }

# jobs [NAME[:SET]…] prints "LABEL NAME SET" a line, all of them by default.
jobs_of() {
	local file name set want label
	for file in "$LAB"/scenarios/*.{sh,py}; do
		[ -e "$file" ] || continue
		name=$(basename "${file%.*}")
		label=$(header "$file" label)
		while read -r set _; do
			for want in "${@:-$name}"; do
				case $want in "$name" | "$name:$set") echo "$label $name $set" ;; esac
			done
		done < <(header "$file" params)
	done | sort -u
}

# interleave spreads both labels evenly over the time of the run, each in a
# shuffled order, so that the time of a capture says nothing of its label.
interleave() {
	shuf --random-source=<(yes "$SEED") | awk '
		{ line[NR] = $0; label[NR] = $1; n[$1]++ }
		END { for (i = 1; i <= NR; i++)
			printf "%.6f %s\n", (seen[label[i]]++ + 0.5) / n[label[i]], line[i] }' |
		sort -n | cut -d' ' -f2-
}

if [ "${1:-}" = -l ]; then jobs_of | column -t; exit; fi

# First half, outside: see that the packages are there, then start over in
# namespaces of network, mounts and processes. The kernel ends everything in
# them when their first process ends, however it ends, so there is nothing to
# forget on Ctrl-C or a crash.
if [ -z "${LAB_INSIDE:-}" ]; then
	[ "$(id -u)" = 0 ] || die "must be run by root"
	missing=()
	for p in $PACKAGES; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
	done
	if [ ${#missing[@]} -gt 0 ]; then
		say "installing ${missing[*]}"
		# The servers are wanted in the lab only: keep Debian from starting them here.
		policy=/usr/sbin/policy-rc.d
		[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; trap 'rm -f $policy' EXIT; }
		apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
		DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
			install --no-install-recommends "${missing[@]}" >/dev/null
	fi
	mkdir -p "$OUT"
	LAB_INSIDE=1 setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$@" &
	child=$!
	trap 'kill -KILL $child 2>/dev/null; wait $child 2>/dev/null || true; say stopped; exit 130' INT TERM HUP
	wait $child
	exit
fi

# Second half, inside.
[ "$$" = 1 ] || die "LAB_INSIDE is set outside the lab"
trap 'exit 130' INT TERM HUP
mount --make-rprivate /
mount -t tmpfs tmpfs /run   # also hides the sockets and pid files of the machine
STAGE=/run/lab
mkdir -p $STAGE /run/netns
# shellcheck source=hosts.sh
. "$LAB/hosts.sh"
# shellcheck source=servers.sh
. "$LAB/servers.sh"

make_hosts
check_sealed
start_servers

# capture NAME SET runs one scenario and moves what the switch saw to OUT.
capture() {
	local name=$1 set=$2 turn=$3 file pcap label class params base run
	file=$(ls "$LAB"/scenarios/"$name".{sh,py} 2>/dev/null)
	label=$(header "$file" label) class=$(header "$file" class)
	params=$(header "$file" params | sed -n "s/^$set  *//p")
	base=${label}_${class}_$name-$set pcap=$STAGE/$base.pcap

	# Each run has its own link quality and starts with another client.
	local net=lan limit=$LIMIT as=pcap i clients=()
	for i in 0 1 2 3; do clients+=("c$(((turn + i) % 4 + 1))"); done
	eval "$(tr ' ' '\n' <<<"$params" | grep -E '^(net|limit|as)=' || true)"
	set_link "$net"
	calm

	ip netns exec sw tcpdump -n -i br0 -s $SNAPLEN -c $MAX_PACKETS --immediate-mode -U -B 16384 -Z root \
		-w "$pcap" 2>$STAGE/tcpdump.log &
	local dump=$!
	for i in {1..150}; do grep -q 'listening on' $STAGE/tcpdump.log && break; sleep 0.1; done
	case $file in
	*.py) run=(/usr/bin/python3 "$file") ;;
	*) run=(bash -c '. "$LAB/lib.sh"; . "$1"' "$name" "$file") ;;
	esac
	rm -rf $STAGE/work; mkdir $STAGE/work
	(
		cd $STAGE/work
		eval "export $params"
		export LAB STAGE WORK=$PWD HOME=$PWD CLIENT=${clients[0]} CLIENTS="${clients[*]}" SEED=$((SEED + turn))
		# The path is that of the machine's packages alone.
		export PATH=/usr/sbin:/usr/bin:/sbin:/bin
		timeout -k 2 "$limit" ip netns exec "$CLIENT" "${run[@]}" </dev/null >$STAGE/$base.log 2>&1
	) || case $? in
		124) say "$base: its time is over" ;;
		*) say "$base: the scenario failed with $?"; tail -n 5 $STAGE/$base.log >&2 ;;
		esac
	sleep 1.2   # let connections close within the capture
	calm
	kill -INT $dump 2>/dev/null || true
	wait $dump || true
	# tcpdump ends before the time only at MAX_PACKETS, which is fine.

	local packets sum
	packets=$(capinfos -Mrc "$pcap" | awk '/Number of packets/ {print $NF}')
	if [ -n "${LAB_DEBUG:-}" ]; then cat $STAGE/$base.log >&2; fi
	[ "${packets:-0}" -ge "$MIN_PACKETS" ] || { say "$base: only ${packets:-0} packets"; return 1; }
	rm -f "$OUT/$base".pcap*
	case $as in
	pcapng) editcap -F pcapng "$pcap" "$OUT/$base.pcapng" ;;
	gz) gzip -9nc "$pcap" >"$OUT/$base.pcap.gz" ;;
	zst) zstd -q -19 "$pcap" -o "$OUT/$base.pcap.zst" ;;
	*) cp "$pcap" "$OUT/$base.pcap" ;;
	esac
	[ "$as" != pcap ] || as=
	base=$base.pcap${as:+.$as}; base=${base/.pcap.pcapng/.pcapng}
	sum=$(sha256sum "$OUT/$base" | cut -d' ' -f1)
	chmod 644 "$OUT/$base"
	rm -f "$pcap"
	note "$base" "| \`$base\` | $label | $class | \`lab.sh $name:$set\` with \`$params\` | $(header "$file" command) | $packets | $(versions $(header "$file" tools)) | \`$sum\` |"
	say "$base: $packets packets"
}

versions() {
	dpkg-query -W -f '${Package} ${Version}, ' "$@" tcpdump | sed 's/, $//'
}

# note FILE ROW puts a row in the table of SOURCES.md, in the place of the
# file's old one.
note() {
	exec 9>>"$SOURCES"; flock 9   # two labs may run at a time
	[ -s "$SOURCES" ] || printf '<!-- lab:begin -->\n<!-- lab:end -->\n' >"$SOURCES"
	{
		sed '/<!-- lab:begin -->/q' "$SOURCES"
		echo '| file | label | class | made by | command in the client | packets | versions | SHA-256 |'
		echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
		{
			sed -n '/<!-- lab:begin -->/,/<!-- lab:end -->/p' "$SOURCES" | grep '^| `' | grep -vF "| \`${1%%.*}." || true
			echo "$2"
		} | LC_ALL=C sort
		sed -n '/<!-- lab:end -->/,$p' "$SOURCES"
	} >$STAGE/sources
	cat $STAGE/sources >"$SOURCES"
	exec 9>&-
}

mapfile -t queue < <(jobs_of "$@" | interleave)
[ ${#queue[@]} -gt 0 ] || die "no such scenario: $*"
turn=0 failed=0
for job in "${queue[@]}"; do
	read -r _ name set <<<"$job"
	# A busy machine may be late with a server or with tcpdump: once more, then.
	capture "$name" "$set" "$turn" || capture "$name" "$set" "$turn" || failed=$((failed + 1))
	turn=$((turn + 1))
done
say "$((turn - failed)) captures made, $failed failed"
[ "$failed" = 0 ]
