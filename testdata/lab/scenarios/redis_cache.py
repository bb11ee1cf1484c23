# label: benign
# class: database
# tools: redis-server python3-minimal
# about: Web applications keep sessions and counters in a shared cache, over few long or many short connections.
# command: Redis commands over TCP
# params: pooled net=lan OPS=280 PER=120 HIGH=0.03
# params: brief net=office OPS=90 PER=3 HIGH=0.15
import os
import random
import socket
import time

random.seed(int(os.environ["SEED"]))
ops, per, high = int(os.environ["OPS"]), int(os.environ["PER"]), float(os.environ["HIGH"])


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


done = 0
while done < ops:
    with socket.create_connection(("infra", 6379), timeout=2) as s:
        for _ in range(random.randint(1, per)):
            key = b"session:%d" % random.randrange(40)
            s.sendall(random.choice([
                command(b"GET", key),
                command(b"SET", key, random.randbytes(random.randint(20, 300)).hex().encode(), b"EX", b"60"),
                command(b"INCR", b"visits"),
            ]))
            s.recv(4096)
            time.sleep(random.uniform(0, high))
            done += 1
