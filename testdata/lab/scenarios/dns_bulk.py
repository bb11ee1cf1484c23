# label: benign
# class: dns
# twin: flood_dns
# tools: python3-minimal dnsmasq-base
# about: A log analyser or a mail server resolves many names in bursts, waiting for the answers.
# command: bursts of UDP A and PTR queries
# params: log net=lan BURSTS=6 N=70 GAP=1
# params: mail net=wan BURSTS=12 N=25 GAP=0.8
import os
import random
import socket
import struct
import time

random.seed(int(os.environ["SEED"]))


def query(name, kind):
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return struct.pack(">6H", random.randrange(65536), 0x100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, kind, 1)


for _ in range(int(os.environ["BURSTS"])):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("infra", 53))
        s.settimeout(0.3)
        n = int(os.environ["N"])
        for sent in range(n):
            if random.random() < 0.5:
                s.send(query(f"{random.randrange(256)}.30.20.10.in-addr.arpa", 12))
            else:
                s.send(query(f"host{random.randrange(1, 60)}.lab.test", 1))
            if sent % 4 == 3:  # a few questions are on the way at a time
                for _ in range(4):
                    try:
                        s.recv(2000)
                    except OSError:
                        break
    time.sleep(random.uniform(0.2, 1.8) * float(os.environ["GAP"]))
