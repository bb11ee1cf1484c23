# label: benign
# class: web
# twin: dir_guess
# tools: wget nginx-light
# about: A search engine's crawler follows the site's links, some of which are dead.
# command: wget -r over the site's links
# params: polite net=office URL=http://web WAIT=0.4 DEPTH=2
# params: fast net=lan URL=http://web WAIT=0 DEPTH=2 OPTS=--no-http-keep-alive
# params: tls net=wan URL=https://web WAIT=0.15 DEPTH=2
timeout 18 wget -q -r -l "$DEPTH" --no-check-certificate -e robots=off --wait "$WAIT" --random-wait \
	-U "crawler/2.1 (+http://search.lab.test/about)" --tries 1 $OPTS -R '*.bin' "$URL/"
true
