# label: benign
# class: web
# twin: flood_syn
# tools: apache2-utils nginx-light
# about: Page loads and API batches that open many short connections at once.
# command: ab in bursts from several clients
# params: small net=lan URL=http://web/api/batch N=55 AT_ONCE=20 BURSTS=4 as=gz
# params: pages net=office URL=http://web/docs/page2.html N=32 AT_ONCE=8 BURSTS=5 as=gz
for ((i = 0; i < BURSTS; i++)); do
	on "$(pick $CLIENTS)" ab -q -n "$N" -c "$AT_ONCE" "$URL"
	pause 0.3 2
done
