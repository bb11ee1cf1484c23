# label: malicious
# class: scan
# twin: service_checks
# tools: nmap
# about: Half-open TCP port scans of one host and of all.
# command: nmap -n -Pn -sS
# params: fast net=lan OPTS="-T4 --top-ports 700 files"
# params: slow net=wan OPTS="--max-rate 14 --max-retries 1 --top-ports 170 web"
# params: sweep net=office OPTS="-T3 -p 21-23,25,53,80,110,139,143,443,445,3306,3389,5432,6379,8080 web files mail infra"
nmap -n -Pn -sS $OPTS
