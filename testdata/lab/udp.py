"""UDP servers: a log sink on 514 that says nothing, and a call partner on
5004 that sends each packet back."""

import select
import socket


def bind(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(("::", port))
    return s


log, call = bind(514), bind(5004)
while True:
    for s in select.select([log, call], [], [])[0]:
        data, peer = s.recvfrom(65536)
        if s is call:
            s.sendto(data, peer)
