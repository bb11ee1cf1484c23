// Package flowtest runs packet scripts: text files that say which packets come and which
// flows must come out of them. It builds real frames and sends them through decoder,
// meter and set, as a capture would be. For tests only. Start with [Run].
//
// A script is read line by line; # begins a comment.
//
//	at 0s      10.0.0.1:4000 > 10.0.0.2:80 tcp S  win=1000
//	at 0.010s  10.0.0.2:80 > 10.0.0.1:4000 tcp SA win=2000
//	at 30s     10.0.0.1:4000 > 10.0.0.2:80 tcp PA data="GET / HTTP/1.0\r\n"
//	at 31s     [fe80::1]:5353 > [ff02::fb]:5353 udp len=40
//	at 32s     10.0.0.1 > 10.0.0.2 icmp type=8 id=7 len=56
//	at 33s     10.0.0.1 > 10.0.0.2 47 len=20
//	end set=fm idle=60s
//	flows 4
//	flow 1 reason=input fwd_packets=2 bwd_packets=1
//
// at gives a packet: a time (a Go duration, from 2024-01-01 00:00 UTC), sender and
// receiver, a protocol (tcp, udp, sctp, icmp, icmp6 or a number), for TCP the flags
// (any of F S R P A U E C, or . for none), and settings:
//
//	len=N          payload of N bytes 'x'        data="..."   payload (Go string)
//	seq=N ack=N    TCP; without them each side counts on from 1000 (the first packet of a
//	               side) and acknowledges all that the other side sent so far
//	win=N mss=N wscale=N sackok=1 tstamp=1       TCP
//	type=N code=N id=N                           ICMP
//	ttl=N tos=N ipid=N df=1 frag=OFFSET more=1   IP (fragments are of IPv4; the offset in bytes)
//	vlan=N pad=N   a VLAN tag; bytes behind the IP packet    cap=N  captured bytes of the frame
//	badsum=N       not 0: a wrong checksum of the transport; all others are right
//
// end ends the input and names the set, with its options; it may come more than once, and
// each time the same packets run through another set. flows is how many records there must
// be, flow checks one of them (from 1, in the order of output). Its names are columns of
// the set or one of
//
//	src dst        ADDR:PORT of initiator and responder, as above
//	start end      durations since the time of 0s; over: the clock at which it was over
//	reason state   words     seen  packets of both directions, as 3+2      frame  first frame
//
// A number must be equal to 12 digits; none means that the value does not exist.
package flowtest
