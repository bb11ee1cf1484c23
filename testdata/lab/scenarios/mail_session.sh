# label: benign
# class: mail
# tools: swaks curl dovecot-imapd python3-aiosmtpd
# about: Mail is sent over SMTP, some with STARTTLS and attachments, and read over IMAP.
# command: swaks to send, curl imap:// to read
# params: plain net=office TLS= ROUNDS=5
# params: tls net=wan TLS=1 ROUNDS=5
for ((i = 0; i < ROUNDS; i++)); do
	head -c $((RANDOM % 9000 + 500)) /dev/urandom >scan.pdf
	on "$(pick $CLIENTS)" swaks --server mail --to alice@lab.test --from "$(pick bob carol)@lab.test" ${TLS:+--tls} \
		--h-Subject "Note $i" --body "See you at $((RANDOM % 12)). $(words 20 | tr '\n' ' ')" $([ $((i % 2)) = 0 ] || echo --attach @scan.pdf)
	pause 0.1 1
	on "$(pick $CLIENTS)" curl -sk ${TLS:+--ssl-reqd} -u alice:alice-keeps-7-secrets \
		"imap://mail/" "imap://mail/INBOX;MAILINDEX=$((i + 1))" -o /dev/null -o /dev/null
	pause 0.1 1
done
