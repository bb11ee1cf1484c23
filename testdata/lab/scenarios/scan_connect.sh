# label: malicious
# class: scan
# twin: service_checks
# tools: nmap
# about: TCP port scans by whole connections, over IPv4 and IPv6.
# command: nmap -n -Pn -sT
# params: fast net=lan OPTS="-T4 --top-ports 500 mail"
# params: slow net=wan OPTS="--scan-delay 100ms --max-retries 1 --top-ports 130 infra"
# params: v6 net=office OPTS="-6 -T3 --max-rate 60 --top-ports 400 web6" as=pcapng
nmap -n -Pn -sT $OPTS
