#!/usr/bin/env python3
"""Compares what the decoder reads in captures with what tshark 4.0.17 reads, frame by frame.

    go test -run TestCaptures -captures DIR -write OUT .
    python3 testdata/crosscheck.py OUT DIR/*.pcap*

For every capture it prints the kinds of difference with a count and the first frame; README.md
beside this file lists those that remain and why. tshark's innermost IP header that no ICMP
message quotes is compared; fragments are not put together by either.
"""
import collections
import concurrent.futures
import os
import subprocess
import sys

FIELDS = """frame.number frame.protocols ip.src ip.dst ip.len ip.hdr_len ip.proto ip.ttl ip.dsfield ip.id ip.frag_offset
ipv6.src ipv6.dst ipv6.plen ipv6.hlim ipv6.flow ipv6.tclass tcp.srcport tcp.dstport tcp.flags tcp.hdr_len tcp.window_size_value
tcp.seq_raw tcp.ack_raw tcp.len tcp.options.mss_val tcp.options.wscale.shift udp.srcport udp.dstport udp.length icmp.type icmp.code
icmp.ident icmpv6.type icmpv6.code icmpv6.echo.identifier sctp.srcport sctp.dstport dccp.srcport dccp.dstport vlan.id
ieee8021ad.id""".split()


def tshark(path):
    args = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", "-E", "separator=/t",
            "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE",
            "-o", "ip.tso_support:TRUE", "-d", "udp.port==8472,vxlan"]
    for f in FIELDS:
        args += ["-e", f]
    out = subprocess.run(args, capture_output=True, text=True, errors="replace").stdout
    frames = {}
    for line in out.splitlines():
        cells = line.split("\t")
        if cells[0].isdigit():
            frames[int(cells[0])] = {f: c.split("|") if c else [] for f, c in zip(FIELDS, cells)}
    return frames


def ours(path):
    frames = {}
    for line in open(path):
        number, outcome, *pairs = line.rstrip("\n").split("\t")
        frames[int(number)] = (outcome, dict(p.split("=", 1) for p in pairs))
    return frames


def compare(t, outcome, g):
    """Returns the kind of difference of a frame, or None."""
    layers = t["frame.protocols"][0].split(":") if t["frame.protocols"] else []
    for i, x in enumerate(layers):
        if x in ("icmp", "icmpv6"):
            layers = layers[:i]
            break
    n4, n6 = layers.count("ip"), layers.count("ipv6")
    has_ip = bool(n4 + n6 and (t["ip.src"] or t["ipv6.src"]))
    if outcome != "admitted":
        return "outcome " + outcome if has_ip else None
    if not has_ip:
        return "admitted, tshark reads no IP"
    if int(g["tunnels"]) + 1 != n4 + n6:
        return "other number of IP headers"
    bad = []

    def same(name, field, k, number=True, base=0):
        v = t[field]
        if not v:
            bad.append(name + " missing")
        elif (int(v[k], base) if number else v[k]) != (int(g[name]) + minus if number else g[name]):
            bad.append(name)

    minus = 0
    bits = int(g["bits"])
    fragment, later, cut = bits & 1, bits & 2, bits & 16
    if [x for x in layers if x in ("ip", "ipv6")][-1] == "ip":
        k = n4 - 1
        for name, field in (("src", "ip.src"), ("dst", "ip.dst")):
            same(name, field, k, number=False)
        for name, field in (("iplen", "ip.len"), ("ttl", "ip.ttl"), ("tos", "ip.dsfield"), ("id", "ip.id"), ("offset", "ip.frag_offset")):
            same(name, field, k)
        if "ah" not in layers:
            same("header", "ip.hdr_len", k)
            if not later:
                same("proto", "ip.proto", k)
    else:
        k = n6 - 1
        for name, field in (("src", "ipv6.src"), ("dst", "ipv6.dst")):
            same(name, field, k, number=False)
        for name, field in (("ttl", "ipv6.hlim"), ("label", "ipv6.flow"), ("tos", "ipv6.tclass")):
            same(name, field, k)
        minus = -40
        same("iplen", "ipv6.plen", k)
        minus = 0
    proto = int(g["proto"])
    if not later and proto == 6:
        k = layers.count("tcp") - 1
        same("sport", "tcp.srcport", k)
        same("dport", "tcp.dstport", k)
        if not cut:
            for name, field in (("l4", "tcp.hdr_len"), ("window", "tcp.window_size_value"), ("seq", "tcp.seq_raw"), ("ack", "tcp.ack_raw")):
                same(name, field, k)
            if t["tcp.flags"] and int(t["tcp.flags"][k], 16) & 255 != int(g["flags"]):
                bad.append("flags")
            if t["tcp.len"]:
                same("payload", "tcp.len", k)
            for bit, name, field in ((1, "mss", "tcp.options.mss_val"), (2, "wscale", "tcp.options.wscale.shift")):
                if t[field]:
                    same(name, field, -1)
                elif int(g["options"]) & bit:
                    bad.append(name + " missing")
    elif not later and proto == 17:
        k = layers.count("udp") - 1
        same("sport", "udp.srcport", k)
        same("dport", "udp.dstport", k)
        minus = 8
        # FEATURES: a length field that contradicts the IP length, or that counts other fragments too, does not hold.
        if t["udp.length"] and not fragment and 8 <= int(t["udp.length"][k]) <= int(g["iplen"]) - int(g["header"]):
            same("payload", "udp.length", k)
        minus = 0
    elif not later and proto in (1, 58):
        name = "icmp" if proto == 1 else "icmpv6"
        if t[name + ".type"]:
            same("type", name + ".type", 0)
            same("code", name + ".code", 0)
        ident = "icmp.ident" if proto == 1 else "icmpv6.echo.identifier"
        if g["type"] in ("0", "8", "128", "129") and t[ident]:
            same("sport", ident, 0)
    elif not later and proto in (132, 33):
        name = "sctp" if proto == 132 else "dccp"
        if t[name + ".srcport"]:
            same("sport", name + ".srcport", 0)
            same("dport", name + ".dstport", 0)
    if g["vlans"] != "[" + " ".join((t["ieee8021ad.id"] + t["vlan.id"])[:4]) + "]":
        bad.append("vlans")
    return " ".join(sorted(set(bad))) or None


def one(args):
    path, out = args
    written = os.path.join(out, os.path.basename(path) + ".tsv")
    theirs, mine = tshark(path), ours(written) if os.path.exists(written) else {}
    kinds = collections.OrderedDict()
    if set(theirs) != set(mine):
        kinds[f"frames: {len(mine)}, tshark {len(theirs)}"] = [0]
    equal = 0
    for n in sorted(set(theirs) & set(mine)):
        kind = compare(theirs[n], *mine[n])
        if kind is None:
            equal += 1
        else:
            kinds.setdefault(kind, []).append(n)
    return path, equal, kinds


def main():
    total = differ = 0
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for path, equal, kinds in pool.map(one, [(p, sys.argv[1]) for p in sys.argv[2:]]):
            total += equal + sum(len(v) for v in kinds.values())
            differ += sum(len(v) for v in kinds.values())
            for kind, frames in kinds.items():
                print(f"{os.path.basename(path)}: {kind}: {len(frames)} frames, first {frames[0]}")
    print(f"{total} frames, {differ} differ")


main()
