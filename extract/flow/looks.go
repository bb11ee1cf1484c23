package flow

import (
	"bytes"
	"encoding/binary"
)

// App is what the first bytes of a client look like, told by these bytes alone.
type App uint8

// What client bytes look like.
const (
	NoApp  App = iota // no bytes seen
	TLS               // handshake record (RFC 8446, 5.1) or SSL 2 hello
	HTTP              // request line or status line (RFC 9112), or the preface of HTTP/2
	SSH               // version line (RFC 4253, 4.2)
	DNS               // header and first label of one question (RFC 1035, 4.1), over TCP behind its length
	SMTP              // greeting of a client (RFC 5321, 4.1)
	FTP               // log-in or feature command (RFC 959, RFC 2389)
	SMB               // NetBIOS session request, or SMB magic behind its length
	RDP               // TPKT with an X.224 connection request
	MQTT              // CONNECT (MQTT 3.1 to 5)
	Random            // none of these: spread as evenly as encrypted or compressed bytes
	Text              // none of these: nine of ten bytes printable
	Binary            // none of these
	NumApps
)

// looks tells what the payload that starts with b, described by s, looks like.
func looks(b []byte, s *Sample) App {
	n := len(b)
	switch {
	case n == 0:
		return NoApp
	case n >= 6 && b[0] == 0x16 && b[1] == 3 && b[2] <= 4 && (b[5] == 1 || b[5] == 2),
		n >= 5 && b[0]&0x80 != 0 && b[2] == 1 && b[3] == 3 && b[4] <= 3:
		return TLS
	case starts(b, "SSH-"):
		return SSH
	case http(b):
		return HTTP
	case starts(b, "EHLO ", "HELO ", "MAIL FROM:"):
		return SMTP
	case starts(b, "USER ", "AUTH TLS", "AUTH SSL", "FEAT\r", "SYST\r"):
		return FTP
	case n >= 8 && b[0] == 0 && b[4] >= 0xfc && string(b[5:8]) == "SMB",
		n >= 6 && b[0] == 0x81 && b[1] == 0 && b[2] == 0 && b[3] == 0x44 && b[4] == 0x20:
		return SMB
	case n >= 6 && b[0] == 3 && b[1] == 0 && b[5] == 0xe0:
		return RDP
	case mqtt(b):
		return MQTT
	case dns(b), n >= 2 && int(binary.BigEndian.Uint16(b))+2 <= int(s.Length) && dns(b[2:]):
		return DNS
	}
	// n random bytes have nearly log₂n bits of entropy for n up to 104, and a quarter or more are high.
	most := nLogN[s.Bytes] / uint64(s.Bytes) / 1000
	switch {
	case n >= 16 && uint64(s.Entropy)*100 >= most*92 && int(s.High)*4 >= n:
		return Random
	case int(s.Printable)*10 >= n*9:
		return Text
	}
	return Binary
}

// starts tells whether b starts with one of the words, in capitals or not.
func starts(b []byte, words ...string) bool {
	for _, w := range words {
		if len(b) >= len(w) && bytes.EqualFold(b[:len(w)], []byte(w)) {
			return true
		}
	}
	return false
}

func http(b []byte) bool {
	if len(b) < 5 || b[0] < 'A' || b[0] > 'Z' {
		return false
	}
	switch string(b[:4]) {
	case "GET ", "PUT ", "POST", "HEAD", "DELE", "OPTI", "CONN", "TRAC", "PATC", "PROP":
		i := bytes.IndexByte(b, ' ')
		return i >= 3 && i <= 9 && i+1 < len(b) && b[i+1] > ' ' && b[i+1] < 0x7f
	case "HTTP":
		return b[4] == '/'
	case "PRI ":
		return b[4] == '*'
	}
	return false
}

func mqtt(b []byte) bool {
	if len(b) < 8 || b[0] != 0x10 {
		return false
	}
	i := 1
	for i < 4 && b[i]&0x80 != 0 {
		i++
	}
	b = b[i+1:]
	return bytes.HasPrefix(b, []byte("\x00\x04MQTT")) || bytes.HasPrefix(b, []byte("\x00\x06MQIsdp"))
}

// dns tells whether b starts like a message with one question.
func dns(b []byte) bool {
	if len(b) < 14 || b[2]>>3&15 > 5 || b[3]&0x40 != 0 || b[4] != 0 || b[5] != 1 || b[6] != 0 || b[8] != 0 || b[10] != 0 {
		return false
	}
	if b[2]&0x80 == 0 && (b[3]&15 != 0 || b[7] > 1) {
		return false
	}
	label := int(b[12])
	if label == 0 {
		return len(b) >= 17 && b[13] == 0 && b[15] == 0
	}
	if label > 63 {
		return false
	}
	for _, c := range b[13:min(len(b), 13+label)] {
		if c < '!' || c > '~' {
			return false
		}
	}
	return true
}
