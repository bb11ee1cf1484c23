# The lab's servers, each on its host in its namespace. Sourced by lab.sh.

# start HOST COMMAND… runs a server in the foreground form, in the background.
start() {
	local host=$1; shift
	ip netns exec "$host" "$@" >>"$STAGE/server-$host.log" 2>&1 </dev/null &
}

# make_users gives the lab's copies of the user files two people. Their
# passwords are made up here and good for nothing else.
make_users() {
	local user id=5000
	for user in alice bob; do
		mkdir -p $STAGE/home/$user/.ssh
		echo "$user:x:$id:$id::$STAGE/home/$user:/bin/bash" >>/etc/passwd
		echo "$user:x:$id:" >>/etc/group
		echo "$user:$(openssl passwd -6 "$user-keeps-7-secrets"):19000:0:99999:7:::" >>/etc/shadow
		head -c 16000 /dev/urandom >$STAGE/home/$user/photo.jpg
		head -c 9000 /dev/urandom | base64 >$STAGE/home/$user/report.txt
		echo "call back on Monday" >$STAGE/home/$user/note.txt
		id=$((id + 1))
	done
	ssh-keygen -q -t ed25519 -N '' -f $STAGE/id_alice
	cp $STAGE/id_alice.pub $STAGE/home/alice/.ssh/authorized_keys
	chmod 755 $STAGE $STAGE/home
	chown -R 5000:5000 $STAGE/home/alice
	chown -R 5001:5001 $STAGE/home/bob
}

start_web() {
	local www=$STAGE/www i j links
	mkdir -p $www/private $www/docs $www/img $STAGE/nginx
	for i in {1..30}; do
		links=
		for j in 1 2 3 4; do links+="<a href=\"/docs/page$((i * j % 30 + 1)).html\">more</a> "; done
		# Links that lead nowhere are part of any site, and of any crawl.
		for j in $((i % 3)) $((i % 5)); do [ $j = 0 ] || links+="<a href=\"/old/$i-$j.html\">earlier</a> "; done
		{
			echo "<html><body><h1>Page $i</h1><img src=\"/img/pic$((i % 8)).png\">$links<p>"
			head -c $((200 + i * i * 12)) /dev/urandom | base64 -w 70
			echo "</p></body></html>"
		} >$www/docs/page$i.html
	done
	for i in {0..7}; do head -c $((700 + i * 1600)) /dev/urandom >$www/img/pic$i.png; done
	for i in 30 150 400; do head -c ${i}000 /dev/urandom >$www/img/file$i.bin; done
	sed 's/Page 1</Home</' $www/docs/page1.html >$www/index.html
	mkdir -p $www/admin $www/backup $www/amber $www/river
	for i in admin backup amber river; do echo "<html>$i</html>" >$www/$i/index.html; done
	echo '<html>members only</html>' >$www/private/index.html
	echo "alice:$(openssl passwd -apr1 alice-keeps-7-secrets)" >$STAGE/htpasswd
	openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj /CN=web -addext 'subjectAltName=DNS:web,DNS:web6,DNS:mail' \
		-keyout $STAGE/tls.key -out $STAGE/tls.crt 2>/dev/null
	cat >$STAGE/nginx.conf <<-END
		daemon off; worker_processes 1; pid $STAGE/nginx.pid; error_log $STAGE/nginx.log;
		events { worker_connections 1024; }
		http {
		  include /etc/nginx/mime.types; access_log off;
		  client_body_temp_path $STAGE/nginx/b; proxy_temp_path $STAGE/nginx/p;
		  fastcgi_temp_path $STAGE/nginx/f; scgi_temp_path $STAGE/nginx/s; uwsgi_temp_path $STAGE/nginx/u;
		  server {
		    listen 80; listen [::]:80; listen 443 ssl; listen [::]:443 ssl;
		    ssl_certificate $STAGE/tls.crt; ssl_certificate_key $STAGE/tls.key;
		    root $www;
		    location /private/ { auth_basic members; auth_basic_user_file $STAGE/htpasswd; }
		    location /api/ { default_type application/json; return 200 '{"status":"ok","next":60}'; }
		    location /upload { client_max_body_size 2m; proxy_pass http://127.0.0.1:8081; }
		  }
		  server { listen 127.0.0.1:8081; location / { return 201 'stored'; } }
		}
	END
	start web nginx -c $STAGE/nginx.conf
}

start_ssh() {
	ssh-keygen -q -t ed25519 -N '' -f $STAGE/hostkey
	mkdir -p /run/sshd
	cat >$STAGE/sshd_config <<-END
		HostKey $STAGE/hostkey
		UsePAM yes
		PrintMotd no
		MaxStartups 30:50:60
		StrictModes no
		Subsystem sftp internal-sftp
		PidFile none
	END
	for host in web files; do start $host /usr/sbin/sshd -D -f $STAGE/sshd_config; done
}

start_files() {
	mkdir -p /run/vsftpd/empty $STAGE/backup
	cat >$STAGE/vsftpd.conf <<-END
		background=NO
		listen=NO
		listen_ipv6=YES
		anonymous_enable=NO
		local_enable=YES
		write_enable=YES
		pam_service_name=vsftpd
		secure_chroot_dir=/run/vsftpd/empty
		seccomp_sandbox=NO
		xferlog_enable=NO
		pasv_min_port=40000
		pasv_max_port=40200
	END
	start files vsftpd $STAGE/vsftpd.conf
	cat >$STAGE/rsyncd.conf <<-END
		use chroot = no
		uid = root
		gid = root
		[backup]
		path = $STAGE/backup
		read only = no
	END
	start files rsync --daemon --no-detach --config=$STAGE/rsyncd.conf
}

start_mail() {
	# What aiosmtpd puts in the mailbox, dovecot serves.
	chmod 644 $STAGE/tls.key   # aiosmtpd reads it as another user
	/usr/bin/python3 -c "import mailbox; mailbox.Maildir('$STAGE/mailbox')"
	chown -R 5000:5000 $STAGE/mailbox
	local address
	for address in 0.0.0.0 ::; do
		start mail setpriv --reuid 5000 --regid 5000 --clear-groups --inh-caps +net_bind_service --ambient-caps +net_bind_service \
			/usr/bin/python3 -m aiosmtpd -n -l $address:25 --tlscert $STAGE/tls.crt --tlskey $STAGE/tls.key --no-requiretls \
			-c aiosmtpd.handlers.Mailbox $STAGE/mailbox
	done
	mkdir -p /run/dovecot
	cat >$STAGE/dovecot.conf <<-END
		protocols = imap
		listen = *, ::
		base_dir = /run/dovecot
		log_path = $STAGE/dovecot.log
		ssl = yes
		ssl_cert = <$STAGE/tls.crt
		ssl_key = <$STAGE/tls.key
		disable_plaintext_auth = no
		mail_location = maildir:$STAGE/mailbox
		# Its growing wait after each failure would carry over into later runs.
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
		passdb {
		  driver = pam
		}
		userdb {
		  driver = passwd
		}
	END
	start mail dovecot -F -c $STAGE/dovecot.conf
}

# start_dns has infra answer the lab's own names and ask mail for the rest, as
# a resolver asks a name server: iodined there answers for t.test and hands
# other names to a second dnsmasq, so that the tunnel and the long names of
# its benign twin take the same way.
start_dns() {
	local i zone=$STAGE/zone.conf
	for i in {1..40}; do
		echo "address=/host$i.lab.test/10.20.30.$((100 + i))"
		echo "txt-record=s$i._domainkey.mail$i.cdn.test,\"v=DKIM1; k=rsa; p=$(head -c 120 /dev/urandom | base64 -w0)\",\"$(head -c 60 /dev/urandom | base64 -w0)\""
	done >$zone
	cat >>$zone <<-END
		address=/edge.cdn.test/10.20.30.80
		address=/rep.cdn.test/127.0.0.2
		address=/c2.cdn.test/10.20.30.80
		txt-record=version.cdn.test,"stable 4.18.2"
		txt-record=task.c2.cdn.test,"c2xlZXA2MA=="
		mx-host=cdn.test,mail.cdn.test,10
	END
	cat >$STAGE/dnsmasq.conf <<-END
		keep-in-foreground
		no-resolv
		no-hosts
		user=root
		pid-file
		no-daemon
		local=/lab.test/
		server=/test/10.20.30.25
		edns-packet-max=1232
		txt-record=lab.test,"v=spf1 ip4:10.20.30.0/24 -all"
		mx-host=lab.test,mail.lab.test,10
		address=/web.lab.test/10.20.30.80
		address=/web.lab.test/2001:db8:20:30::80
		address=/mail.lab.test/10.20.30.25
		ptr-record=80.30.20.10.in-addr.arpa,web.lab.test
		cache-size=50
	END
	grep host $zone >>$STAGE/dnsmasq.conf
	start infra dnsmasq -C $STAGE/dnsmasq.conf
	start mail dnsmasq -C $zone --keep-in-foreground --no-daemon --no-resolv --no-hosts --user=root --pid-file \
		--port=5353 --listen-address=127.0.0.1 --bind-interfaces --local=/test/
	start mail iodined -f -c -P tunnelled -b 5353 -l 10.20.30.25 10.99.0.1/24 t.test
	mkdir -p $STAGE/drop
	head -c 6000 /dev/urandom >$STAGE/drop/small
	head -c 25000 /dev/urandom >$STAGE/drop/large
	start mail /usr/bin/python3 -m http.server --directory $STAGE/drop 8000
}

start_infra() {
	start infra redis-server --bind 0.0.0.0 :: --protected-mode no --save '' --dir $STAGE
	start infra /usr/bin/python3 "$LAB/udp.py"
}

start_servers() {
	make_users
	start_web
	start_ssh
	start_files
	start_mail
	start_dns
	start_infra
	sleep 2
	local ports
	ports=$(for h in web files mail infra; do
		ip netns exec $h ss -Hlntu | awk -v h=$h '{ sub(".*:", "", $5); print h ":" $5 }'
	done | sort -u)
	for p in web:22 web:80 web:443 files:21 files:22 files:873 mail:25 mail:53 mail:143 infra:53 infra:514 infra:5004 infra:6379; do
		grep -qx $p <<<"$ports" || { cat "$STAGE/server-${p%:*}.log" >&2; die "no server on $p"; }
	done
}
