# label: benign
# class: ssh
# tools: openssh-client openssh-server
# about: Files are copied to and from a host.
# command: scp and sftp
# params: fetch net=office FILES="photo.jpg report.txt note.txt" UP=
# params: store net=far FILES="a b c" UP=1
for f in a b c; do head -c $((RANDOM % 25000 + 900)) /dev/urandom >$f; done
for f in $FILES; do
	if [ "$UP" ]; then
		on "$(pick $CLIENTS)" scp -q $SSH -i "$KEY" $f "alice@files:up-$f"
	else
		on "$(pick $CLIENTS)" scp -q $SSH -i "$KEY" "alice@files:$f" got
	fi
	pause 0.3 1.5
done
printf 'ls -l\npwd\nget note.txt\nls\nbye\n' | sftp -q $SSH -i "$KEY" -b - alice@files
