# label: benign
# class: ssh
# twin: brute_ssh
# tools: sshpass openssh-client openssh-server
# about: People mistype their password once or a few times, then get in and work.
# command: sshpass ssh, wrong a few times, then right
# params: once net=wan TRIES=1 PEOPLE=3
# params: often net=lan TRIES=3 PEOPLE=3
n=0
for from in $CLIENTS; do
	[ $((n += 1)) -le "$PEOPLE" ] || break
	user=$(pick alice bob)
	{
		for ((i = 0; i < TRIES; i++)); do
			on "$from" sshpass -p "$user-$(pick keep 7 secret keeps)" ssh $SSH -o NumberOfPasswordPrompts=1 "$user@$(pick web files)" true
			pause 0.3 1.2
		done
		on "$from" sshpass -p "$user-keeps-7-secrets" ssh $SSH "$user@web" 'ls -l; cat report.txt; sleep 1; date'
	} &
	pause 0.2 2
done
wait
