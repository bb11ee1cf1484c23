# label: benign
# class: web
# twin: slow_http
# tools: curl nginx-light
# about: Clients on slow links fetch and send files at a trickle, several at a time.
# command: curl --limit-rate, down and up, in parallel
# params: fetch net=far FILE=file30.bin RATE=3k AT_ONCE=4 UP=
# params: send net=wan FILE=pic6.png RATE=1500 AT_ONCE=8 UP=1
# params: tiny net=lossy FILE=pic3.png RATE=500 AT_ONCE=10 UP=
curl -s "http://web/img/$FILE" -o body
for ((i = 0; i < AT_ONCE; i++)); do
	on "$(pick $CLIENTS)" timeout 16 curl -s --limit-rate "$RATE" ${UP:+-T body} \
		"http://web/$([ "$UP" ] && echo upload/ || echo img/)$([ "$UP" ] || echo "$FILE")" -o /dev/null &
	pause 0.1 0.9
done
wait
