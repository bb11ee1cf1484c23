# What a scenario in shell finds at hand. A scenario runs in the namespace of
# $CLIENT, in the empty folder $WORK, with the variables of its parameter set;
# $CLIENTS names all four clients, $CLIENT first.

RANDOM=$SEED
export KEY=$STAGE/id_alice
SSH="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
WORDS=(amber basil cedar delta ember fjord grove haven indigo jasper kelp lotus
	maple north ocean pearl quartz river slate tulip umber violet willow yarrow)

# on HOST COMMAND… runs a command on another of the lab's hosts.
on() { ip netns exec "$@"; }

# between LOW HIGH prints a number from LOW up to HIGH, three places after the point.
between() { awk -v a="$1" -v b="$2" -v r=$RANDOM 'BEGIN { printf "%.3f", a + (b - a) * r / 32768 }'; }

# pause LOW HIGH waits that many seconds.
pause() { sleep "$(between "$1" "$2")"; }

pick() { shift $((RANDOM % $#)); echo "$1"; }

# words N prints N different guessable words, one a line; a longer list
# has numbers after them.
words() {
	local i
	for ((i = 0; i < $1; i++)); do
		echo "${WORDS[i % ${#WORDS[@]}]}$((i < ${#WORDS[@]})) $i"
	done | sed 's/1 .*//; s/0 //'
}

# typed TEXT types a line as a person does, to standard output.
typed() {
	local i
	for ((i = 0; i < ${#1}; i++)); do
		printf %s "${1:i:1}"
		pause 0.04 0.2
	done
	echo
}
