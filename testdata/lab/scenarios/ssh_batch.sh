# label: benign
# class: ssh
# twin: brute_ssh
# tools: openssh-client openssh-server
# about: Configuration management logs in over and over, runs a short command each time and leaves.
# command: ssh HOST COMMAND in a loop, some at once
# params: serial net=lan RUNS=12 AT_ONCE=1
# params: parallel net=office RUNS=14 AT_ONCE=6
for ((i = 0; i < RUNS; i++)); do
	ssh $SSH -i "$KEY" "alice@$(pick web files)" "$(pick uptime 'id; uname -a' 'sha256sum report.txt' 'ls -la')" >/dev/null &
	[ $(((i + 1) % AT_ONCE)) -ne 0 ] || { wait; pause 0.1 0.9; }
done
wait
