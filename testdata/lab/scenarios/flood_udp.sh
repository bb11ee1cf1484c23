# label: malicious
# class: dos
# twin: udp_media
# tools: hping3
# about: Bounded floods of UDP packets at an open and at a closed port.
# command: hping3 --udp
# params: open net=lan OPTS="-p 514 -d 90 -i u2500 -c 1000" as=gz
# params: call net=wan OPTS="-p 5004 -k -s 40321 -d 172 -i u6000 -c 500" as=zst
# params: closed net=lan OPTS="-p 9999 -d 24 -i u5000 -c 900"
hping3 -q --udp $OPTS infra
true
