# label: benign
# class: mail
# twin: brute_imap
# tools: curl dovecot-imapd
# about: Mail programs with an old saved password ask again and again until their owner corrects it.
# command: curl imap:// with a wrong password, then the right one
# params: phone net=far TRIES=2
# params: office net=office TRIES=3
for from in $CLIENTS; do
	{
		for ((i = 0; i < TRIES; i++)); do
			on "$from" curl -s --max-time 6 -u alice:alice-keeps-6-secrets imap://mail/
			pause 0.2 1
		done
		on "$from" curl -s -u alice:alice-keeps-7-secrets imap://mail/ 'imap://mail/INBOX?ALL' -o a$from -o b$from
	} &
	pause 0.2 1.5
done
wait
