# label: benign
# class: monitoring
# twin: flood_icmp
# tools: iputils-ping
# about: Reachability checks of all hosts, and link quality tests with many echoes of several sizes.
# command: ping, at an interval or adaptive
# params: checks net=wan ROUNDS=5
# params: quality net=lan ROUNDS=0 as=gz
for ((i = 0; i < ROUNDS; i++)); do
	for host in web files mail infra web6; do
		on "$(pick $CLIENTS)" ping -q -c 3 -i 0.2 -s "$(pick 56 56 24 120)" "$host" &
	done
	wait
	pause 0.5 2
done
# ping -A sends as fast as answers come.
if [ "$ROUNDS" = 0 ]; then
	for size in 56 200 500; do
		ping -q -A -i 0.004 -c 120 -s $size "$(pick web files)"
		pause 0.5 2
	done
fi
true
