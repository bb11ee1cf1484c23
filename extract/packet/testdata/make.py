#!/usr/bin/env python3
"""Writes packets.txt: packets built with scapy 2.8.0 and what tshark 4.0.17 reads in them.

Only needed to add packets: python3 make.py. Each packet is one expression below; the wanted
values are tshark's for the innermost IP header that no ICMP message quotes:

    tshark -n -r one.pcap -T fields -E occurrence=a -E aggregator='|' -e FIELD... \
        -o ip.defragment:FALSE -o ipv6.defragment:FALSE -d udp.port==8472,vxlan

A packet with values behind its expression is one that tshark reads otherwise: those values
are by hand, and the reason stands there too.
"""
import os
import struct
import subprocess
import tempfile

from scapy.all import *  # noqa: F403
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS

E = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
E2 = Ether(src="02:00:00:00:01:01", dst="02:00:00:00:01:02")
A4 = IP(src="192.0.2.9", dst="198.51.100.7", id=4321)
O4 = IP(src="203.0.113.1", dst="203.0.113.2", id=99, ttl=33)
A6 = IPv6(src="2001:db8::9", dst="2001:db8:1::7", hlim=61, fl=0x12345, tc=0x20)
G4 = IP(src=O4.src, dst=O4.dst, proto=47)
O6 = IPv6(src="2001:db8:f::1", dst="2001:db8:f::2", hlim=33)
T = TCP(sport=40000, dport=443, flags="PA", seq=1000, ack=2000, window=501)
U = UDP(sport=5353, dport=9999)
P = Raw(b"hello, world")
INNER4 = A4 / T / P
INNER6 = A6 / T / P


def hx(s):
    return Raw(bytes.fromhex(s.replace(" ", "")))


def quoted(p):
    return Raw(bytes(p))


def wlan(control, qos="", addr4="", body=None):
    return hx(control + "2c00 020000000001 020000000002 020000000003 1000" + addr4 + qos) / hx("aaaa03000000 0800") / (body or INNER4)


# link type, name, expression, values by hand
PACKETS = [
    (1, "tcp", "E/INNER4"),
    (1, "tcp options", "E/A4/TCP(sport=1,dport=2,flags='S',options=[('MSS',1460),('SAckOK',b''),('Timestamp',(1,0)),('NOP',None),('WScale',7)])"),
    (1, "tcp timestamp", "E/A4/TCP(sport=1,dport=2,flags='A',options=[('NOP',None),('NOP',None),('Timestamp',(1,2))])/P"),
    (1, "tcp all flags", "E/A4/TCP(sport=65535,dport=1,flags=255)"),
    (1, "padded", "E/A4/T/Padding(b'\\0'*6)"),
    (1, "ipv4 options", "E/IP(src='192.0.2.9',dst='198.51.100.7',options=[IPOption_Router_Alert(),IPOption_NOP()])/U/P"),
    (1, "udp", "E/A4/U/P"),
    (1, "udp, no payload", "E/A4/U"),
    (1, "udp short length", "E/A4/UDP(sport=5353,dport=9999,len=14)/P"),
    (1, "udp6", "E/A6/U/P"),
    (1, "sctp", "E/A4/SCTP(sport=7000,dport=7001,tag=1)/SCTPChunkCookieAck()"),
    (1, "dccp", "E/IP(src='192.0.2.9',dst='198.51.100.7',proto=33)/hx('1388 1389 04 00 0000 05 000001 00000001')", "src=192.0.2.9 dst=198.51.100.7 proto=33 sport=5000 dport=5001 iplen=36 header=20 l4=16 payload=0 ttl=64", "tshark has no header length field"),
    (1, "udp lite", "E/IP(src='192.0.2.9',dst='198.51.100.7',proto=136)/hx('1388 1389 0008 0000')/P", "src=192.0.2.9 dst=198.51.100.7 proto=136 sport=5000 dport=5001 iplen=40 header=20 l4=8 payload=12 ttl=64", "tshark's length is the coverage"),
    (1, "icmp echo", "E/A4/ICMP(id=77,seq=1)/P"),
    (1, "icmp echo reply", "E/A4/ICMP(type=0,id=77,seq=1)/P"),
    (1, "icmp timestamp", "E/A4/ICMP(type=13,id=78)"),
    (1, "icmp unreachable", "E/A4/ICMP(type=3,code=1)/quoted(O4/U/P)"),
    (1, "icmp6 echo", "E/A6/ICMPv6EchoRequest(id=79)/P"),
    (1, "icmp6 neighbour", "E/A6/ICMPv6ND_NS(tgt='2001:db8::1')"),
    (1, "icmp6 too big", "E/A6/ICMPv6PacketTooBig(mtu=1280)/quoted(O6/U/P)"),
    (1, "ospf", "E/IP(src='192.0.2.9',dst='224.0.0.5',proto=89)/P"),
    (1, "esp", "E/A4/ESP(spi=5,seq=1,data=b'secret..')"),
    (1, "ah", "E/A4/AH(nh=6,payloadlen=4,spi=1,seq=1,icv=b'0123456789ab')/T/P", "src=192.0.2.9 dst=198.51.100.7 proto=6 sport=40000 dport=443 iplen=76 header=44 l4=20 payload=12 ttl=64 flags=24", "header with AH"),
    # link headers
    (1, "vlan", "E/Dot1Q(vlan=7,prio=5)/INNER4"),
    (1, "qinq", "E/Dot1AD(vlan=70)/Dot1Q(vlan=7)/INNER6"),
    (1, "old qinq", "Ether(src=E.src,dst=E.dst,type=0x9100)/hx('0046 8100 0007 0800')/INNER4"),
    (1, "four tags", "Ether(src=E.src,dst=E.dst,type=0x88a8)/hx('0001 88a8 0002 8100 0003 8100 0004 0800')/INNER4", "src=192.0.2.9 dst=198.51.100.7 proto=6 sport=40000 dport=443 iplen=52 header=20 l4=20 payload=12 ttl=64 flags=24 vlans=1,2,3,4", "tshark gives the second 802.1ad tag another field"),
    (1, "vlan padded", "E/Dot1Q(vlan=9)/A4/T/Padding(b'\\0'*2)"),
    (1, "mpls", "E/MPLS(label=100,s=0)/MPLS(label=200,s=1)/INNER4"),
    (1, "mpls 6", "E/MPLS(label=200,s=1)/INNER6"),
    (1, "mpls pseudowire", "Ether(src=E.src,dst=E.dst,type=0x8847)/hx('00064140 00000000')/E2/INNER4", "src=192.0.2.9 dst=198.51.100.7 proto=6 sport=40000 dport=443 iplen=52 header=20 l4=20 payload=12 ttl=64 flags=24", "tshark must be told that a control word is used"),
    (1, "mpls bare frame", "Ether(src=E.src,dst=E.dst,type=0x8847)/hx('00064140')/E2/INNER4", "src=192.0.2.9 dst=198.51.100.7 proto=6 sport=40000 dport=443 iplen=52 header=20 l4=20 payload=12 ttl=64 flags=24", "tshark must be told that no control word is used"),
    (1, "pppoe", "E/PPPoE(sessionid=1)/PPP()/INNER4"),
    (1, "pppoe 6", "E/PPPoE(sessionid=1)/PPP(proto=0x57)/INNER6"),
    (1, "pppoe padded", "E/PPPoE(sessionid=1)/PPP()/A4/U/Padding(b'\\1'*9)"),
    (1, "snap", "Dot3(src=E.src,dst=E.dst)/LLC(dsap=0xaa,ssap=0xaa,ctrl=3)/SNAP(OUI=0,code=0x800)/INNER4"),
    (1, "vn-tag", "Ether(src=E.src,dst=E.dst,type=0x8926)/hx('00000001 0800')/INNER4"),
    (1, "security group", "Ether(src=E.src,dst=E.dst,type=0x8909)/hx('01 01 0001 0005 0800')/INNER4"),
    (1, "provider bridge", "Ether(src=E.src,dst=E.dst,type=0x88e7)/hx('00012345')/E2/INNER4"),
    (1, "fabric path", "Ether(src=E.src,dst=E.dst,type=0x8903)/hx('4020')/E2/Dot1Q(vlan=7)/INNER4", "src=192.0.2.9 dst=198.51.100.7 proto=6 sport=40000 dport=443 iplen=52 header=20 l4=20 payload=12 ttl=64 flags=24 vlans=7", "tshark takes the last four bytes for a check sum"),
    (113, "cooked", "CookedLinux(pkttype=4,lladdrlen=6,proto=0x800)/INNER4"),
    (113, "cooked vlan", "CookedLinux(pkttype=4,lladdrlen=6,proto=0x8100)/hx('0007 86dd')/INNER6"),
    (276, "cooked 2", "hx('86dd 0000 00000002 0001 00 06 020000000001 0000')/INNER6"),
    (101, "raw 4", "INNER4"),
    (101, "raw 6", "INNER6"),
    (228, "ipv4", "INNER4"),
    (229, "ipv6", "INNER6"),
    (0, "null little", "hx('02000000')/INNER4"),
    (0, "null big", "hx('00000002')/INNER4"),
    (0, "null 30", "hx('1e000000')/INNER6"),
    (108, "loop", "hx('00000018')/INNER6"),
    (9, "ppp", "hx('ff03 0021')/INNER4"),
    (9, "ppp bare", "hx('0057')/INNER6"),
    (50, "ppp framed", "hx('ff03 0057')/INNER6"),
    (50, "serial hdlc", "hx('0f00 0800')/INNER4"),
    (104, "hdlc", "hx('0f00 86dd')/INNER6"),
    (105, "802.11", "wlan('0801')"),
    (105, "802.11 qos", "wlan('8801', qos='0000')"),
    (105, "802.11 bridge", "wlan('8803', qos='0000', addr4='020000000004')"),
    (127, "radiotap", "hx('0000 0800 00000000')/wlan('0802')"),
    (127, "radiotap check sum", "hx('0000 0900 02000000 10')/wlan('0802')/Padding(b'\\1\\2\\3\\4')"),
    (127, "radiotap time, padding", "hx('0000 1900 03000080 00000000 00000000 0102030405060708 30')/hx('8801 2c00 020000000001 020000000002 020000000003 1000 0000 0000 aaaa03000000 0800')/INNER4/Padding(b'\\1\\2\\3\\4')"),
    (192, "ppi", "hx('00 00 2000 69000000 0200 1400 0102030405060708 0000 0200 6c09 8000 0000 d8a0')/wlan('0801')"),
    (119, "prism", "hx('44000000 90000000')/hx('00'*136)/wlan('0801')"),
    (163, "avs", "hx('80211001 00000040')/hx('00'*56)/wlan('0801')"),
    # IPv6 extension headers
    (1, "hop by hop", "E/A6/IPv6ExtHdrHopByHop(options=[RouterAlert()])/T/P"),
    (1, "routing", "E/A6/IPv6ExtHdrRouting(type=2,addresses=['2001:db8:1::7'])/T/P"),
    (1, "segment routing", "E/A6/IPv6ExtHdrSegmentRouting(addresses=['2001:db8:1::7','2001:db8:1::8'],segleft=0,lastentry=1)/T/P"),
    (1, "destination options", "E/A6/IPv6ExtHdrDestOpt(options=[PadN(optdata=b'\\0'*12)])/U/P"),
    (1, "all extensions", "E/A6/IPv6ExtHdrHopByHop()/IPv6ExtHdrDestOpt()/IPv6ExtHdrRouting(addresses=['2001:db8:1::7'])/IPv6ExtHdrFragment(id=5)/AH(nh=60,payloadlen=4,spi=1,seq=1,icv=b'0123456789ab')/IPv6ExtHdrDestOpt()/U/P"),
    (1, "mobility", "E/IPv6(src=A6.src,dst=A6.dst,nh=135)/hx('3b 01 05 00 0000 0000 0000000000000000')", "src=2001:db8::9 dst=2001:db8:1::7 proto=59 sport=0 dport=0 iplen=56 header=56 l4=0 payload=0 ttl=64", "the protocol behind the last header"),
    (1, "no next header", "E/IPv6(src=A6.src,dst=A6.dst,nh=59)/P", "src=2001:db8::9 dst=2001:db8:1::7 proto=59 sport=0 dport=0 iplen=52 header=40 l4=0 payload=12 ttl=64", "tshark has no length for it"),
    (1, "first fragment 6", "E/A6/IPv6ExtHdrFragment(id=5,m=1)/U/Raw(b'x'*24)"),
    # tunnels
    (1, "4 in 4", "E/O4/INNER4"),
    (1, "6 in 4", "E/O4/INNER6"),
    (1, "4 in 6", "E/O6/INNER4"),
    (1, "6 in 6", "E/O6/INNER6"),
    (1, "gre", "E/O4/GRE()/INNER4"),
    (1, "gre in 6", "E/O6/GRE(proto=0x86dd)/INNER6"),
    (1, "gre all fields", "E/O4/GRE(chksum_present=1,key_present=1,seqnum_present=1)/INNER4"),
    (1, "gre routing", "E/G4/hx('4000 0800 0000 0000 0800 0004 0a000001 0000 0000')/INNER4"),
    (1, "gre bridged", "E/O4/GRE(proto=0x6558,key_present=1)/E2/Dot1Q(vlan=5)/INNER4"),
    (1, "gre mpls", "E/O4/GRE(proto=0x8847)/MPLS(label=5,s=1)/INNER4"),
    (1, "pptp", "E/G4/hx('3081 880b 0038 0001 00000005 00000004 ff03 0021')/INNER4"),
    (1, "pptp no address", "E/G4/hx('3001 880b 0035 0001 00000005 21')/INNER4"),
    (1, "eoip", "E/G4/hx('2001 6400 0042 0500')/E2/INNER4"),
    (1, "wccp", "E/G4/hx('0000 883e 00000000')/INNER4"),
    (1, "erspan 1", "E/G4/hx('0000 88be')/E2/INNER4"),
    (1, "erspan 2", "E/G4/hx('1000 88be 00000001 10640005 00000000')/E2/INNER4"),
    (1, "erspan 3", "E/G4/hx('1000 22eb 00000001 20640005 00000001 0000 0000')/E2/INNER4"),
    (1, "erspan 3 subheader", "E/G4/hx('1000 22eb 00000001 20640005 00000001 0000 0001 04000000 00000000')/E2/INNER4"),
    (1, "vxlan", "E/O4/UDP(sport=50000,dport=4789)/VXLAN(vni=9)/E2/INNER4"),
    (1, "vxlan vlans", "E/Dot1Q(vlan=3)/O6/UDP(sport=50000,dport=4789)/VXLAN(vni=9)/E2/Dot1Q(vlan=4)/INNER6"),
    (1, "vxlan policy", "E/O4/UDP(sport=50000,dport=4789)/hx('88000005 00000900')/E2/INNER4"),
    (1, "vxlan old port", "E/O4/UDP(sport=50000,dport=8472)/VXLAN(vni=9)/E2/INNER4"),
    (1, "vxlan-gpe", "E/O4/UDP(sport=50000,dport=4790)/hx('0c000001 00000900')/INNER4"),
    (1, "vxlan-gpe service header", "E/O4/UDP(sport=50000,dport=4790)/hx('0c000004 00000900')/hx('0fc2 0203 000001ff')/E2/INNER4"),
    (1, "geneve", "E/O4/UDP(sport=50000,dport=6081)/GENEVE(vni=9)/E2/INNER4"),
    (1, "geneve options", "E/O6/UDP(sport=50000,dport=6081)/hx('0240 0800 00000900 0102 8001 00000007')/INNER4"),
    (1, "gtp-u", "E/O4/UDP(sport=2152,dport=2152)/hx('30ff 0034 00000001')/INNER4"),
    (1, "gtp-u sequence", "E/O4/UDP(sport=2152,dport=2152)/hx('32ff 0038 00000001 0005 0000')/INNER4"),
    (1, "gtp-u session", "E/O4/UDP(sport=2152,dport=2152)/hx('34ff 0050 00000001 0000 00 85 01000900')/INNER6"),
    (1, "teredo", "E/O4/UDP(sport=3544,dport=40001)/IPv6(src='2001:0:1234::1',dst='2001:db8:1::7',hlim=21)/T/P"),
    (1, "teredo origin", "E/O4/UDP(sport=3544,dport=40001)/hx('0000 63be cb007101')/IPv6(src='2001:0:1234::1',dst='2001:db8:1::7',hlim=21)/T/P"),
    (1, "teredo authentication", "E/O4/UDP(sport=3544,dport=40001)/hx('0001 0000 0102030405060708 00 0000 63be cb007101')/IPv6(src='fe80::1',dst='fe80::2',hlim=21)/ICMPv6ND_RS()"),
    (1, "l2tp", "E/O4/UDP(sport=1701,dport=1701)/hx('0002 0001 0002 ff03 0021')/INNER4"),
    (1, "l2tp all fields", "E/O4/UDP(sport=1701,dport=1701)/hx('4a02 0046 0001 0002 0003 0004 0002 0000 0021')/INNER4"),
    (1, "capwap 802.3", "E/O4/UDP(sport=40002,dport=5247)/hx('00 100000 00000000')/E2/INNER4"),
    (1, "capwap 802.11", "E/O4/UDP(sport=40002,dport=5247)/hx('00 100300 00000000')/wlan('0108')"),
    (1, "capwap swapped", "E/O4/UDP(sport=40002,dport=5247)/hx('00 100300 00000000 0108 2c00 020000000001 020000000002 020000000003 0110 aaaa03000000 0800')/INNER4"),
    (1, "tzsp", "E/O4/UDP(sport=40003,dport=37008)/hx('01 00 0001 0a01ff 00 01')/E2/INNER4"),
    (1, "tzsp 802.11", "E/O4/UDP(sport=40003,dport=37008)/hx('01 00 0012 01')/wlan('0801')/Padding(b'\\1\\2\\3\\4')"),
    (1, "ethernet in ip", "E/IP(src=O4.src,dst=O4.dst,proto=97)/hx('3000')/E2/INNER4"),
    (1, "mpls in ip", "E/IP(src=O4.src,dst=O4.dst,proto=137)/MPLS(label=5,s=1)/INNER4"),
    (1, "mpls in udp", "E/O4/UDP(sport=50000,dport=6635)/MPLS(label=5,s=1)/INNER4"),
    (1, "gre in udp", "E/O4/UDP(sport=50000,dport=4754)/GRE()/INNER4"),
    (1, "l2tp 3", "E/IP(src=O4.src,dst=O4.dst,proto=115)/hx('00000007 0102030405060708 00000000')/E2/INNER4", "src=192.0.2.9 dst=198.51.100.7 proto=6 sport=40000 dport=443 iplen=52 header=20 l4=20 payload=12 ttl=64 flags=24", "tshark must be told the lengths of cookie and sublayer"),
    (1, "l2tp 3 in udp", "E/O4/UDP(sport=1701,dport=1701)/hx('0003 0000 00000007')/hx('ff03 0021')/INNER4", "src=192.0.2.9 dst=198.51.100.7 proto=6 sport=40000 dport=443 iplen=52 header=20 l4=20 payload=12 ttl=64 flags=24", "as above"),
    (1, "three tunnels", "E/O4/GRE()/O4/UDP(sport=50000,dport=4789)/VXLAN(vni=9)/E2/O6/INNER4"),
]

FIELDS = """frame.protocols ip.src ip.dst ip.len ip.hdr_len ip.proto ip.ttl ipv6.src ipv6.dst ipv6.plen ipv6.hlim ipv6.nxt
tcp.srcport tcp.dstport tcp.flags tcp.hdr_len tcp.len udp.srcport udp.dstport udp.length icmp.type icmp.code icmp.ident icmpv6.type
icmpv6.code icmpv6.echo.identifier sctp.srcport sctp.dstport vlan.id ieee8021ad.id tcp.options.mss_val tcp.options.wscale.shift""".split()


def tshark(link, data):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "one.pcap")
        with open(path, "wb") as w:
            w.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link))
            w.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)
        args = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", "-E", "separator=/t",
                "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-d", "udp.port==8472,vxlan"]
        for f in FIELDS:
            args += ["-e", f]
        out = subprocess.run(args, capture_output=True, text=True, check=True).stdout
    cells = (out.rstrip("\n").split("\t") + [""] * len(FIELDS))[: len(FIELDS)]
    return {f: c.split("|") if c else [] for f, c in zip(FIELDS, cells)}


def wanted(r):
    layers = r["frame.protocols"][0].split(":")
    for i, x in enumerate(layers):
        if x in ("icmp", "icmpv6"):
            layers = layers[: i + 1]
    n4, n6 = layers.count("ip"), layers.count("ipv6")
    last = [x for x in layers if x in ("ip", "ipv6")][-1]
    w = {}
    if last == "ip":
        k = n4 - 1
        w["src"], w["dst"] = r["ip.src"][k], r["ip.dst"][k]
        iplen, header, w["ttl"] = int(r["ip.len"][k]), int(r["ip.hdr_len"][k]), r["ip.ttl"][k]
        proto = int(r["ip.proto"][k])
    else:
        k = n6 - 1
        w["src"], w["dst"] = r["ipv6.src"][k], r["ipv6.dst"][k]
        iplen, header, w["ttl"] = int(r["ipv6.plen"][k]) + 40, None, r["ipv6.hlim"][k]
        proto = {"tcp": 6, "udp": 17, "icmpv6": 58}[[x for x in layers if x in ("tcp", "udp", "icmpv6")][-1]]
    sport = dport = l4 = payload = 0
    if proto == 6:
        k = layers.count("tcp") - 1
        sport, dport, l4, payload = (int(r["tcp." + f][k]) for f in ("srcport", "dstport", "hdr_len", "len"))
        w["flags"] = int(r["tcp.flags"][k], 16) & 255
        if r["tcp.options.mss_val"]:
            w["mss"] = r["tcp.options.mss_val"][0]
        if r["tcp.options.wscale.shift"]:
            w["wscale"] = r["tcp.options.wscale.shift"][0]
    elif proto == 17:
        k = layers.count("udp") - 1
        sport, dport, l4, payload = int(r["udp.srcport"][k]), int(r["udp.dstport"][k]), 8, int(r["udp.length"][k]) - 8
    elif proto in (1, 58):
        name, ident = ("icmp", "icmp.ident") if proto == 1 else ("icmpv6", "icmpv6.echo.identifier")
        w["type"], w["code"] = r[name + ".type"][0], r[name + ".code"][0]
        if (proto, w["type"]) in ((1, "0"), (1, "8"), (1, "13"), (1, "14"), (58, "128"), (58, "129")):
            w["query"] = int(r[ident][0], 0)
        l4 = 8
    elif proto == 132:
        sport, dport, l4 = int(r["sctp.srcport"][0]), int(r["sctp.dstport"][0]), 12
    if header is None:
        if proto == 58:
            header = 40
        else:
            header = iplen - l4 - payload
    if proto not in (6, 17):
        payload = iplen - header - l4
    w.update(proto=proto, sport=sport, dport=dport, iplen=iplen, header=header, l4=l4, payload=payload)
    vlans = r["ieee8021ad.id"] + r["vlan.id"]
    if vlans:
        w["vlans"] = ",".join(vlans)
    w["tunnels"] = n4 + n6 - 1
    return " ".join(f"{k}={w[k]}" for k in sorted(w))


def main():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "packets.txt"), "w") as f:
        f.write("# Written by make.py, which says how.\n")
        for link, name, text, *by_hand in PACKETS:
            data = bytes(eval(text))
            f.write(f"\nname {name}\nscapy {text}\nlink {link}\nhex {data.hex()}\n")
            if by_hand:
                f.write(f"hand {by_hand[1]}\nwant {by_hand[0]}\n")
                continue
            try:
                f.write(f"want {wanted(tshark(link, data))}\n")
            except IndexError:
                raise SystemExit(f"{name}: tshark reads no IP packet in it")


main()
