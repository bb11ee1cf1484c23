"""A wire with delay, jitter, loss and a rate, for kernels without netem.

    wire.py DELAY_MS JITTER_MS LOSS_PERCENT RATE_MBIT A:B…

Copies each frame that device A receives to device B and back. Frames stay in
order, as on a wire; delay is per direction.
"""

import heapq
import random
import select
import socket
import sys
import time

ETH_P_ALL = 3
PACKET_OUTGOING = 4
QUEUE = 1000  # frames waiting a direction, as netem's own limit

delay, jitter, loss, rate = (float(a) for a in sys.argv[1:5])


def device(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind((name, ETH_P_ALL))
    s.setblocking(False)
    return s


class Direction:
    def __init__(self, out):
        self.out, self.free, self.last, self.waiting = out, 0.0, 0.0, 0


directions = {}
for pair in sys.argv[5:]:
    a, b = (device(n) for n in pair.split(":"))
    directions[a], directions[b] = Direction(b), Direction(a)

queue, count = [], 0
while True:
    wait = max(0.0, queue[0][0] - time.monotonic()) if queue else None
    for s in select.select(list(directions), [], [], wait)[0]:
        d = directions[s]
        for _ in range(64):
            try:
                frame, address = s.recvfrom(65536)
            except BlockingIOError:
                break
            if address[2] == PACKET_OUTGOING:
                continue
            if random.random() * 100 < loss or d.waiting >= QUEUE:
                continue
            now = time.monotonic()
            d.free = max(now, d.free) + len(frame) * 8 / (rate * 1e6)
            at = d.free + max(0.0, random.gauss(delay, jitter / 2)) / 1e3
            d.last = at = max(at, d.last)
            d.waiting += 1
            count += 1
            heapq.heappush(queue, (at, count, d, frame))
    now = time.monotonic()
    while queue and queue[0][0] <= now:
        _, _, d, frame = heapq.heappop(queue)
        d.waiting -= 1
        try:
            d.out.send(frame)
        except OSError:
            pass  # a full device drops frames, as a wire would
