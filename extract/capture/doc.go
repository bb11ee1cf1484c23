// Package capture reads frames from capture files, standard input and live interfaces.
//
// It owns the pcap and pcapng readers, gzip and zstd around them, the search for captures
// in folders, and the Linux packet ring. It does not know flows, nor how frames are
// decoded. Start with [Open] and [Listen]: what they return satisfies extract.Source.
//
// Every reader works in bounded memory whatever a length field of the input claims, hands
// frames on in the batch's own buffer, and stops with an error that names file, byte and
// cause at the first record that contradicts itself: no reader guesses where the next
// record might begin.
package capture
