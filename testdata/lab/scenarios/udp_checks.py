# label: benign
# class: monitoring
# twin: scan_udp
# tools: python3-minimal
# about: A monitoring host asks hosts for their time, SNMP values and names, whether they run such a service or not.
# command: UDP probes for DNS, NTP, SNMP, syslog and echo, in rounds
# params: slow net=wan ROUNDS=7 GAP=0.12
# params: fast net=lan ROUNDS=16 GAP=0.02
import os
import random
import socket
import time

random.seed(int(os.environ["SEED"]))
probes = {
    53: bytes.fromhex("3a1f01000001000000000000") + b"\x03web\x03lab\x04test\0\0\1\0\1",
    123: b"\x1b" + bytes(47),
    161: bytes.fromhex("302602010004067075626c6963a01902047a1b2c3d020100020100300b300906052b060102010500"),
    514: b"<134>monitor: check",
    5004: bytes(40),
    623: bytes.fromhex("0600ff07000000000000000000092018c88100388e04b5"),
}
for _ in range(int(os.environ["ROUNDS"])):
    for host in ("web", "files", "mail", "infra"):
        for port in random.sample(sorted(probes), 4):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.settimeout(0.15)
                try:
                    s.connect((host, port))
                    s.send(probes[port])
                    s.recv(2000)
                except OSError:
                    pass
            time.sleep(random.uniform(0, 2) * float(os.environ["GAP"]))
