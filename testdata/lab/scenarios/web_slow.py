# label: benign
# class: web
# twin: slow_http
# tools: python3-minimal nginx-light
# about: Clients on slow links or with little memory fetch and send files at a trickle, or keep a connection for a request now and then, several at a time.
# command: HTTP GET read slowly through a small window, PUT in small pieces, or GETs far apart on one connection
# params: fetch net=far KIND=fetch CLIENTS_AT_ONCE=9 PIECE=400 HIGH=0.9
# params: send net=wan KIND=send CLIENTS_AT_ONCE=12 PIECE=350 HIGH=0.8
# params: idle net=lossy KIND=idle CLIENTS_AT_ONCE=14 PIECE=0 HIGH=4
import os
import random
import socket
import threading
import time

random.seed(int(os.environ["SEED"]))
kind, piece, high = os.environ["KIND"], int(os.environ["PIECE"]), float(os.environ["HIGH"])
end = time.monotonic() + 15


def client():
    s = socket.socket()
    if kind == "fetch":
        # The kernel then takes only what the client has room for.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2300)
    s.settimeout(5)
    s.connect(("web", 80))
    agent = b"Host: web\r\nUser-Agent: reader/1.0\r\n"
    if kind == "fetch":
        s.sendall(b"GET /img/pic%d.png HTTP/1.1\r\n" % random.randrange(4, 8) + agent + b"Connection: close\r\n\r\n")
        while time.monotonic() < end and s.recv(piece):
            time.sleep(random.uniform(0, high))
    elif kind == "send":
        size = random.randrange(2000, 9000)
        s.sendall(b"PUT /upload/log HTTP/1.1\r\n" + agent + b"Content-Length: %d\r\n\r\n" % size)
        while size > 0 and time.monotonic() < end:
            n = min(size, random.randint(piece // 3, piece))
            s.sendall(random.randbytes(n))
            size -= n
            time.sleep(random.uniform(0, high))
        if size <= 0:
            s.recv(1000)
    else:
        while time.monotonic() < end:
            s.sendall(b"GET /api/next HTTP/1.1\r\n" + agent + b"\r\n")
            s.recv(2000)
            time.sleep(random.uniform(1, high))
    s.close()


threads = []
for _ in range(int(os.environ["CLIENTS_AT_ONCE"])):
    threads.append(threading.Thread(target=client))
    threads[-1].start()
    time.sleep(random.uniform(0, 0.4))
for t in threads:
    t.join()
