# label: malicious
# class: scan
# twin: service_checks
# tools: nmap
# about: Open ports are asked for their service and its version.
# command: nmap -n -Pn -sT -sV
# params: light net=lan OPTS="--version-light -p 21,22,25,53,80,143,443,873,6379 web files mail infra"
# params: full net=wan OPTS="--version-intensity 7 -p 21,22,80,443,873 web files"
nmap -n -Pn -sT -sV $OPTS
