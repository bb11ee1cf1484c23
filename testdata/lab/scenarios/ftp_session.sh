# label: benign
# class: ftp
# tools: lftp vsftpd curl
# about: People and jobs list folders and move files over FTP.
# command: lftp and curl, passive mode, up and down
# params: mixed net=wan ROUNDS=4 HIGH=1.2
# params: mirror net=lan ROUNDS=5 HIGH=0.5
head -c 9000 /dev/urandom >new
for ((i = 0; i < ROUNDS; i++)); do
	user=$(pick alice bob)
	on "$(pick $CLIENTS)" lftp -u "$user,$user-keeps-7-secrets" -e "set ftp:ssl-allow no; ls; get note.txt -o n$i; put new -o new$((i % 3)); ls; bye" files
	pause 0.1 "$HIGH"
	on "$(pick $CLIENTS)" curl -s -u "$user:$user-keeps-7-secrets" "ftp://files/$(pick photo.jpg report.txt note.txt)" -o /dev/null
	pause 0.1 "$HIGH"
done
