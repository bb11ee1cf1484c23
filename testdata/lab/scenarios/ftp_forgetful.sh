# label: benign
# class: ftp
# twin: brute_ftp
# tools: curl vsftpd
# about: People and a job with an old password fail to log in, and do in the end.
# command: curl ftp:// with wrong passwords, then the right one
# params: people net=wan TRIES=2 HIGH=1.5
# params: job net=lan TRIES=4 HIGH=0.4
for from in $CLIENTS; do
	user=$(pick alice bob)
	{
		for ((i = 0; i < TRIES; i++)); do
			on "$from" curl -s -u "$user:$user-keeps-$((RANDOM % 10))" ftp://files/note.txt
			pause 0.1 "$HIGH"
		done
		on "$from" curl -s -u "$user:$user-keeps-7-secrets" ftp://files/ ftp://files/report.txt -o /dev/null -o /dev/null
	} &
	pause 0.1 "$HIGH"
done
wait
