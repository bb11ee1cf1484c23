# label: benign
# class: backup
# tools: rsync
# about: Hosts send their changed files to a backup server, again and again.
# command: rsync to the rsync daemon
# params: small net=wan FILES=12 SIZE=4000 ROUNDS=5
# params: large net=lan FILES=4 SIZE=50000 ROUNDS=4 as=zst
mkdir tree
for ((i = 0; i < ROUNDS; i++)); do
	for ((f = 0; f < FILES; f++)); do
		[ $i -gt 0 ] && [ $((RANDOM % 3)) -gt 0 ] || head -c $((RANDOM % SIZE + 100)) /dev/urandom >tree/$f
	done
	on "$(pick $CLIENTS)" rsync -a tree/ "rsync://files/backup/$CLIENT/"
	pause 0.3 2
done
