# label: benign
# class: monitoring
# twin: scan_connect
# tools: python3-minimal
# about: A monitoring host connects to each known service, and to some that are down, reads what they say first and hangs up.
# command: TCP connect, read the banner, close, in rounds
# params: brief net=lan ROUNDS=8 EVERY=1.2 READ= FAMILY=4
# params: banner net=wan ROUNDS=5 EVERY=1.5 READ=1 FAMILY=4
# params: v6 net=office ROUNDS=7 EVERY=1 READ=1 FAMILY=6
import os
import random
import socket
import time

random.seed(int(os.environ["SEED"]))
services = [("web", 22), ("web", 80), ("web", 443), ("files", 21), ("files", 22), ("files", 873), ("mail", 25),
            ("mail", 143), ("infra", 53), ("infra", 6379), ("web", 8080), ("files", 2049), ("mail", 587), ("infra", 5432)]
six = "6" if os.environ["FAMILY"] == "6" else ""
for _ in range(int(os.environ["ROUNDS"])):
    # The order is that of whichever check is due.
    for host, port in random.sample(services, len(services)):
        try:
            with socket.create_connection((host + six, port), timeout=1) as s:
                if os.environ["READ"]:
                    if port in (80, 6379):
                        s.sendall(b"HEAD / HTTP/1.0\r\n\r\n" if port == 80 else b"PING\r\n")
                    s.settimeout(0.3)
                    s.recv(200)
        except OSError:
            pass
        time.sleep(random.uniform(0, 0.05))
    time.sleep(random.uniform(0.3, 1) * float(os.environ["EVERY"]))
