package main

// Texts that the help, README.md and the tests share.

// sentence is what fm is.
const sentence = "packets to flows, flows to features, features to verdicts, in one static binary"

// overview follows the list of commands.
const overview = `
Rows go to stdout or to -o FILE; messages go to stderr and begin with "fm:".
Exit status: 0 done, 1 error, 2 wrong usage, 3 a gate was not met, 130 interrupted.

"fm COMMAND -h" explains a command. The shortest way from captures to verdicts:

  fm train --benign lab/benign --malicious lab/malicious -o my.fm
  fm evaluate -m my.fm --benign other/benign --malicious other/malicious
  fm classify -m my.fm -r new.pcap
`

// defaultSet is the feature set where none is named.
const defaultSet = "fm"
