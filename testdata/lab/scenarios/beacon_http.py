# label: malicious
# class: c2
# twin: web_poll
# tools: python3-minimal nginx-light
# about: An implant calls home at an interval with jitter and now and then sends or fetches more.
# command: HTTP POST to the API, or GET, over plain HTTP or TLS
# params: steady net=wan EVERY=0.9 JITTER=0.1 N=20 TLS= MORE=0.1
# params: loose net=office EVERY=0.7 JITTER=0.5 N=26 TLS= MORE=0.25
# params: tls net=lan EVERY=1.1 JITTER=0.3 N=17 TLS=1 MORE=0.15
import http.client
import os
import random
import ssl
import time

random.seed(int(os.environ["SEED"]))
trust = ssl._create_unverified_context()
every, jitter = float(os.environ["EVERY"]), float(os.environ["JITTER"])
for i in range(int(os.environ["N"])):
    c = http.client.HTTPSConnection("web", timeout=4, context=trust) if os.environ["TLS"] \
        else http.client.HTTPConnection("web", timeout=4)
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"}
    more = random.random() < float(os.environ["MORE"])
    try:
        size = random.randint(2000, 9000) if more else random.randint(48, 96)
        c.request("POST", "/api/sync", random.randbytes(size), agent)
        c.getresponse().read()
        if more and random.random() < 0.5:
            c.request("GET", "/img/pic2.png", headers=agent)
            c.getresponse().read()
    except OSError:
        pass
    c.close()
    time.sleep(every * random.uniform(1 - jitter, 1 + jitter))
