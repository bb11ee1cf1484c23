# label: benign
# class: ssh
# tools: openssh-client openssh-server
# about: People type at a remote shell.
# command: ssh -tt, typed key by key
# params: calm net=wan HOST=web SESSIONS=2 LOW=0.3 HIGH=1.5
# params: brisk net=far HOST=files SESSIONS=3 LOW=0.1 HIGH=0.5
for ((i = 0; i < SESSIONS; i++)); do
	{
		for c in "ls -l" "cat note.txt" "df -h ." "head -30 report.txt" "date" "exit"; do
			pause "$LOW" "$HIGH"
			typed "$c"
		done
	} | on "$(pick $CLIENTS)" timeout 14 ssh $SSH -tt -i "$KEY" "alice@$HOST" &
	pause 0.5 2
done
wait
