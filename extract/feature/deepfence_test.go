package feature_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/gopacket/layers"

	"fm/extract/feature"
	"fm/extract/flow"
	"fm/extract/flowtest"
	"fm/extract/packet"
)

// workedScript is the connection that all tools were given: a handshake, a request and its
// response in five packets, two more exchanges after 1.5 and 7 s, and the end.
const workedScript = `
	at 0s          10.0.0.1:40000 > 10.0.0.2:80 tcp S mss=1460 wscale=7 tstamp=1 win=64240
	at 1ms         10.0.0.2:80 > 10.0.0.1:40000 tcp SA mss=1460 wscale=7 tstamp=1 win=65160
	at 2ms         10.0.0.1:40000 > 10.0.0.2:80 tcp A tstamp=1 win=502
	at 3ms         10.0.0.1:40000 > 10.0.0.2:80 tcp PA tstamp=1 win=502 len=100
	at 10ms        10.0.0.2:80 > 10.0.0.1:40000 tcp A tstamp=1 win=509
	at 20ms        10.0.0.2:80 > 10.0.0.1:40000 tcp A tstamp=1 win=509 len=1448
	at 20100us     10.0.0.2:80 > 10.0.0.1:40000 tcp A tstamp=1 win=509 len=1448
	at 20200us     10.0.0.2:80 > 10.0.0.1:40000 tcp A tstamp=1 win=509 len=1448
	at 20300us     10.0.0.2:80 > 10.0.0.1:40000 tcp A tstamp=1 win=509 len=1448
	at 20400us     10.0.0.2:80 > 10.0.0.1:40000 tcp PA tstamp=1 win=509 len=500
	at 21ms        10.0.0.1:40000 > 10.0.0.2:80 tcp A tstamp=1 win=480
	at 1521ms      10.0.0.1:40000 > 10.0.0.2:80 tcp PA tstamp=1 win=502 len=50
	at 1530ms      10.0.0.2:80 > 10.0.0.1:40000 tcp PA tstamp=1 win=509 len=60
	at 8530ms      10.0.0.1:40000 > 10.0.0.2:80 tcp PA tstamp=1 win=502 len=40
	at 8540ms      10.0.0.2:80 > 10.0.0.1:40000 tcp A tstamp=1 win=509
	at 8541ms      10.0.0.2:80 > 10.0.0.1:40000 tcp FA tstamp=1 win=509
	at 8542ms      10.0.0.1:40000 > 10.0.0.2:80 tcp A tstamp=1 win=502
	at 8543ms      10.0.0.1:40000 > 10.0.0.2:80 tcp FA tstamp=1 win=502
	at 8544ms      10.0.0.2:80 > 10.0.0.1:40000 tcp A tstamp=1 win=509
`

// TestDeepfenceWorkedExample has the numbers that Deepfence FlowMeter itself wrote for these
// packets; the fractions that it cuts to six digits are sums of the sizes above by hand:
// 7812/19, 726/8, 7086/11.
func TestDeepfenceWorkedExample(t *testing.T) {
	flowtest.RunText(t, "worked example", workedScript+`
		end set=deepfence faithful=true
		flows 1
		flow 1 src=10.0.0.1:40000 flowDuration=8544000000 flowLength=19 fwdFlowLength=8 bwdFlowLength=11
		flow 1 packetSizeTotal=7812 packetSizeMean=411.157894736842 packetSizeMin=66 packetSizeMax=1514
		flow 1 fwdPacketSizeTotal=726 fwdPacketSizeMean=90.75 fwdPacketSizeMin=66 fwdPacketSizeMax=166
		flow 1 bwdPacketSizeTotal=7086 bwdPacketSizeMean=644.181818181818 bwdPacketSizeMin=66 bwdPacketSizeMax=1514
		flow 1 IATMean=1005058000 IATStd=2231026000 IATMin=100000 IATMax=7010000000
		flow 1 fwdIATTotal=8543000000 fwdIATMean=1220428000 fwdIATStd=2374443000 fwdIATMin=1000000 fwdIATMax=7009000000
		flow 1 bwdIATTotal=8543000000 bwdIATMean=854300000 bwdIATStd=2083419000 bwdIATMin=100000 bwdIATMax=7010000000
		flow 1 flowLengthPerTime=2.2237827715355805e-9 bwdPacketSizeTotalPerTime=8.293539325842697e-7
		end set=deepfence local_ip=10.0.0.2
		flows 1
		flow 1 src=10.0.0.2:80 fwdFlowLength=11 bwdFlowLength=8 fwdPacketSizeTotal=7086
		end set=deepfence local_ip=10.9.9.9
		flows 0
		end set=deepfence local_ip=10.9.9.9 min_packets=1   # each direction is a flow of the other host, backward
		flows 2
		flow 1 src=10.0.0.2:80 fwdFlowLength=0 bwdFlowLength=8
		flow 2 src=10.0.0.1:40000 fwdFlowLength=0 bwdFlowLength=11`, feature.Build)
}

// TestDeepfenceRules shows cap, minimum and edge cases; what the tool does then is read off
// its sources.
func TestDeepfenceRules(t *testing.T) {
	var b strings.Builder
	for i := range 90 {
		fmt.Fprintf(&b, "at %dms 10.0.0.1:5000 > 10.0.0.2:53 udp len=%d\n", i, i)
	}
	flowtest.RunText(t, "cap", b.String()+`
		end set=deepfence
		flows 1
		flow 1 flowLength=83 flowDuration=82000000 packetSizeMax=124
		end set=deepfence max_packets=20
		flows 1
		flow 1 flowLength=21 flowDuration=20000000
		end set=deepfence min_packets=84
		flows 0`, feature.Build)
	flowtest.RunText(t, "idle", `
		at 0s   10.0.0.1:5000 > 10.0.0.2:53 udp
		at 60s  10.0.0.1:5000 > 10.0.0.2:53 udp
		at 110s 10.0.0.1:5000 > 10.0.0.2:53 udp   # left out, but no silence
		at 165s 10.0.0.1:5000 > 10.0.0.2:53 udp   # the same
		at 226s 10.0.0.2:53 > 10.0.0.1:5000 udp
		end set=deepfence min_packets=1 max_packets=1 idle=60s
		flows 2
		flow 1 src=10.0.0.1:5000 flowLength=2 flowDuration=60000000000 over=225000000001ns reason=idle
		flow 2 src=10.0.0.2:53 flowLength=1
		end set=deepfence min_packets=1 max_packets=1
		flows 1`, feature.Build)
	flowtest.RunText(t, "one packet", `
		at 0s 10.0.0.1:5000 > 10.0.0.2:53 udp
		end set=deepfence min_packets=1
		flows 1
		flow 1 packetSizeMin=42 packetSizeMax=42 fwdPacketSizeTotal=42 fwdPacketSizeMin=0 fwdPacketSizeMax=0 IATMean=0 flowLengthPerTime=none`, feature.Build)
	flowtest.RunText(t, "one endpoint", `
		at 0s 10.0.0.1:5000 > 10.0.0.1:5000 udp
		at 1s 10.0.0.1:5000 > 10.0.0.1:5000 udp len=100
		end set=deepfence min_packets=2   # both directions are known: the second packet has neither
		flows 1
		flow 1 flowLength=2 fwdFlowLength=1 bwdFlowLength=0 flowDuration=1000000000 packetSizeTotal=42 IATMax=0
		end set=deepfence min_packets=2 local_ip=10.0.0.1
		flows 1
		flow 1 fwdFlowLength=2 packetSizeTotal=184 fwdIATTotal=1000000000`, feature.Build)
	flowtest.RunText(t, "within the local host", `
		at 0s 10.0.0.1:5000 > 10.0.0.1:53 udp
		at 1s 10.0.0.1:53 > 10.0.0.1:5000 udp
		end set=deepfence min_packets=1 local_ip=10.0.0.1   # every packet is forward, under its own key
		flows 2
		flow 1 src=10.0.0.1:5000 fwdFlowLength=1 bwdFlowLength=0
		flow 2 src=10.0.0.1:53 fwdFlowLength=1 bwdFlowLength=0`, feature.Build)
	flowtest.RunText(t, "mapped addresses", `
		at 0s [::ffff:10.0.0.1]:5000 > [::ffff:10.0.0.2]:53 udp
		at 1s 10.0.0.2:53 > 10.0.0.1:5000 udp
		end set=deepfence min_packets=1 faithful=true       # equal in the text of the tool's key
		flows 1
		flow 1 fwdFlowLength=1 bwdFlowLength=1
		end set=deepfence min_packets=1
		flows 2`, feature.Build)
	flowtest.RunText(t, "backwards in time", `
		at 5s 10.0.0.1:5000 > 10.0.0.2:53 udp
		at 3s 10.0.0.1:5000 > 10.0.0.2:53 udp
		at 9s 10.0.0.2:53 > 10.0.0.1:5000 udp
		end set=deepfence min_packets=2
		flows 1
		flow 1 flowDuration=4000000000 fwdIATMin=-2000000000 fwdIATTotal=-2000000000
		end set=deepfence min_packets=3
		flows 1`, feature.Build)
}

// The names of all ports are gopacket's.
func TestDeepfencePortNames(t *testing.T) {
	set, err := feature.Build("deepfence", nil)
	if err != nil {
		t.Fatal(err)
	}
	src := set.Original.Cells[5] // dstPort: the initiator's
	if src.Name != "dstPort" {
		t.Fatalf("cell 5 is %s", src.Name)
	}
	for port := range 1 << 16 {
		f := flow.Flow{FromA: true}
		f.Key.APort = uint16(port)
		for proto, want := range map[uint8]string{packet.ProtoTCP: layers.TCPPort(port).String(), packet.ProtoUDP: layers.UDPPort(port).String()} {
			f.Key.Proto = proto
			if got := string(src.Append(nil, &flow.View{Flow: &f})); got != want {
				t.Fatalf("port %d of protocol %d: %q, want %q", port, proto, got, want)
			}
		}
	}
}

func TestDeepfenceOptions(t *testing.T) {
	for _, o := range []string{"local_ip=here", "local_ip=fe80::1%eth0", "min_packets=0", "max_packets=x", "maxNumPackets=5", "localIP=10.0.0.1", "idle=5", "active=5s"} {
		name, value, _ := strings.Cut(o, "=")
		if _, err := feature.Build("deepfence", map[string]string{name: value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want one that names it", o, err)
		}
	}
	set, err := feature.Build("deepfence", map[string]string{"local_ip": "::ffff:10.0.0.1", "min_packets": "15"})
	if err != nil || set.Options != "local_ip=10.0.0.1" {
		t.Errorf("options %q, error %v", set.Options, err)
	}
}
