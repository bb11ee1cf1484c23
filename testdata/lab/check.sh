#!/bin/bash
# Checks the committed captures against SOURCES.md and against what the lab
# promises of them. Needs tshark and capinfos; sends nothing.
#
#   check.sh       say what is wrong
#   check.sh -v    and what each capture holds
set -uo pipefail
LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
OUT=${LAB_OUT:-$LAB/../captures}
SOURCES=${LAB_SOURCES:-$LAB/../SOURCES.md}
MAX_BYTES=$((7 * 1024 * 1024))
faults=0
fault() { echo "check: $*"; faults=$((faults + 1)); }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

total=$(cat "$OUT"/*.pcap* | wc -c)
[ "$total" -le $MAX_BYTES ] || fault "$total bytes of captures, more than $MAX_BYTES"

for path in "$OUT"/*.pcap*; do
	file=$(basename "$path")
	row=$(grep -F "| \`$file\` |" "$SOURCES") || { fault "$file: not in SOURCES.md"; continue; }
	IFS='|' read -r _ _ label _ _ _ packets _ sum _ <<<"$(sed 's/ *| */|/g; s/`//g' <<<"$row")"
	[ "$(sha256sum <"$path" | cut -d' ' -f1)" = "$sum" ] || fault "$file: not the file of SOURCES.md"
	[ "${file%%_*}" = "$label" ] || fault "$file: labelled $label"
	# One line a packet: addresses of the frame and of the packet, ports, flags.
	tshark -n -r "$path" -T fields -E separator=';' -E occurrence=f -e eth.src -e eth.dst -e ip.src -e ip.dst \
		-e ipv6.src -e ipv6.dst -e tcp.stream -e udp.stream -e tcp.flags >"$tmp/rows" 2>/dev/null
	[ "$(wc -l <"$tmp/rows")" = "$packets" ] || fault "$file: $(wc -l <"$tmp/rows") packets, not $packets"
	[ "$packets" -ge 50 ] || fault "$file: only $packets packets"
	tr ';' '\n' <"$tmp/rows" | grep -E '^02:00:' | sort -u | sed "s/^/$label /" >>"$tmp/macs"
	cut -d';' -f3-6 "$tmp/rows" | tr ';' '\n' | sort -u |
		grep -vE '^$|^10\.20\.30\.(11|12|13|14|21|25|53|80)$|^2001:db8:20:30::(11|12|13|14|21|25|53|80)$|^fe80::|^ff02::' |
		sed "s|^|check: $file: foreign address |" | tee "$tmp/foreign"
	[ ! -s "$tmp/foreign" ] || faults=$((faults + 1))
	if [ "${1:-}" = -v ]; then
		awk -F';' -v f="$file" -v n="$packets" '
			$7 != "" { tcp[$7] } $8 != "" { udp[$8] } $9 == "0x0002" || $9 == "0x00c2" { syn++ }
			END { printf "%-55s %5d packets %4d tcp %4d udp %4d syn\n", f, n, length(tcp), length(udp), syn }' "$tmp/rows"
	fi
done

while read -r file; do
	[ -e "$OUT/$file" ] || fault "$file: in SOURCES.md, and not there"
done < <(sed -n 's/^| `\([^`]*\)`.*/\1/p' "$SOURCES")

# The same machines stand behind both labels.
diff <(sed -n 's/^benign //p' "$tmp/macs" | sort -u) <(sed -n 's/^malicious //p' "$tmp/macs" | sort -u) ||
	fault "the labels differ in hardware addresses"

echo "check: $(ls "$OUT" | wc -l) captures, $(ls "$OUT" | grep -c ^benign) benign, $(ls "$OUT" | grep -c ^malicious) malicious, $total bytes, $faults faults"
[ $faults = 0 ]
