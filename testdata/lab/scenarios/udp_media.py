# label: benign
# class: media
# twin: flood_udp
# tools: python3-minimal
# about: A call's steady two-way packets, or hosts that send their logs in bursts.
# command: RTP-like packets to 5004, or syslog to 514
# params: call net=wan KIND=call SECONDS=8
# params: logs net=lan KIND=logs SECONDS=12 as=gz
import os
import random
import socket
import struct
import time

random.seed(int(os.environ["SEED"]))
end = time.monotonic() + float(os.environ["SECONDS"])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if os.environ["KIND"] == "call":
    s.connect(("infra", 5004))
    s.setblocking(False)
    n, ssrc = random.randrange(60000), random.randrange(1 << 32)
    while time.monotonic() < end:
        s.send(struct.pack(">BBHII", 0x80, 0, n & 0xFFFF, n * 160 & 0xFFFFFFFF, ssrc) + random.randbytes(160))
        n += 1
        time.sleep(0.02)
else:
    s.connect(("infra", 514))
    sent = 0
    while time.monotonic() < end and sent < 900:
        for _ in range(random.choice([1, 2, 5, 30, 200])):
            s.send(b"<%d>web app[%d]: %s" % (random.randrange(100, 190), random.randrange(9000),
                                            b"request served in %d ms " % random.randrange(900) * random.randint(1, 5)))
            sent += 1
            time.sleep(random.uniform(0.0005, 0.003))
        time.sleep(random.expovariate(2))
