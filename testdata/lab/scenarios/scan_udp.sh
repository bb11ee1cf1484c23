# label: malicious
# class: scan
# twin: udp_checks
# tools: nmap
# about: UDP port scans of one host and of all.
# command: nmap -n -Pn -sU
# params: single net=lan limit=20 OPTS="-T4 --max-retries 1 --top-ports 120 --host-timeout 18s infra"
# params: sweep net=wan limit=20 OPTS="-T4 --max-retries 1 -p 53,67,69,111,123,137,161,500,514,520,623,1900,5004,5353 --host-timeout 18s web files mail infra"
nmap -n -Pn -sU $OPTS
