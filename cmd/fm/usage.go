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

const featuresText = `Lists the feature sets with their options and groups of columns, or, with --set or any other
flag of flows and columns, the columns of one set: name, unit, group and one sentence. The
fingerprint names the schema: rows and models of equal fingerprints belong together. A column that
its tool computes wrongly is marked with !, what is wrong and which column of set fm is right.

--map prints which columns of the tools mean the same, with units, layers of sizes, divisors of
deviations and what is to know; columns stand by what they hold, whatever they are called. It is
what "fm import --map TOOL" goes by. CIC-IDS2017 and CSE-CIC-IDS2018 are in it by the names, and
with the contents, of their published tables.`

const featuresExample = `$ fm features
$ fm features --set fm
$ fm features --set fm --with port --without early --format csv
$ fm features --set nfstream --set-option splt_analysis=20
$ fm features --map --format markdown
$ fm features --map --set nfstream`

const extractText = `Reads captures, or listens on an interface, and writes one row for every flow: who, when, how
it ended, and the columns of a feature set. Rows come in the order in which flows were over,
whatever the number of workers. What could not be counted is reported on stderr by reason.

Beside a CSV or JSON Lines file lies its card, FILE.card.json, with schema, sources and
counters; Parquet carries it inside. A file appears under its name only when it is complete.
JSON Lines and Parquet have the set's lists too, whole sequences such as the sizes of a flow's
packets; CSV, tables and training, which want one number a column, do without.

--layout original writes the rows of a tool's set as the tool does: CSV, JSON Lines (lists are
arrays; what the tool leaves unset is left out; Infinity and NaN, which JSON has not, are null) or,
of zeek-flowmeter, a log of Zeek, which is what stdout and files called .log get. With -o DIR/ both
its logs are written, flowmeter.log and conn.log, whose uids join; --per-file makes such a folder
for each capture. The times at #open and #close are the packets', so the same input gives the same
log. --mark and --labels fill the tool's own column Label, or else a column label behind the others.

--rotate goes on in another file after so many rows, from a size on (of 1024 x 1024 bytes a MB), or
with the clock: 1h is from hour to hour in UTC, and a row belongs where its flow was over. Names have
the time of the first row, or of the hour, and a number: flows-20260131T120000Z-0001.csv. Each file
is complete when it appears and has a card (counters and sources are in the last one's); nothing is
overwritten; --keep N removes the run's own files beyond the newest N. Of compressed files and Parquet
the size is known only from time to time: they come out at about what was asked for.

--anonymize hides who was who, in every layout and format, in messages and cards: addresses by
Crypto-PAn, which keeps prefixes (two addresses share as many first bits after as before), MACs and
names (the paths of inputs) by keyed BLAKE2b; a path that holds an address is hidden with these. The
same key gives the same replacements in every run. Cards leave out the SHA-256 of inputs, which would
tell a capture that others have too. Messages name only what could not be begun with as it was typed: a
capture that does not exist, an interface, a file of labels or a key that cannot be opened or read.
Whatever is made from addresses, such as the Community ID, is made from the new ones; columns of the
set are computed before, and --labels looks at what the packets hold. Rows in which another column
would still tell are refused.`

const extractExample = `$ fm extract -r lab.pcap -o flows.csv
$ fm extract -r captures/ -o rows/ --per-file --format parquet
$ tcpdump -w - | fm extract -r - --idle 60s --format jsonl
$ fm extract -i eth0 --duration 1h -o hour.parquet
$ fm extract -i eth0 --rotate 1h --keep 48 -o flows.csv.zst
$ fm extract -r lab.pcap --set cicflowmeter --layout original --mark benign -o cic.csv
$ fm extract -r lab.pcap --set zeek-flowmeter --layout original -o logs/
$ fm extract -r lab.pcap --set nfstream --set-option splt_analysis=20 -o sequences.parquet
$ fm extract -r lab.pcap --anonymize addresses,macs --anonymize-key site.key -o shared.csv`

const trainText = `Makes a model from labelled captures (each file is a stream and a group of its own) or from
tables of flows. Whole captures are held out in turn, the threshold is chosen on held-out
benign flows for --max-fpr, and then the model is fitted on everything. The report goes to
stdout: what was held out, how the model did on it, and what a single rule would have done.

Tables of other tools (--flows) train as they are: names of columns are trimmed, the second of a
name becomes NAME.1, a list of numbers in a cell columns NAME_0, NAME_1, ...; empty cells, NA, nan
and null are missing. --join adds the columns of a second table to rows of the same key, as of
Zeek's conn.log by uid; rows without a partner are counted and keep empty cells.

A model of a table judges tables. With --set NAME, the set of the tool that wrote the table, and
--set-option, how the tool was run, its columns are those of the set, and the model judges packets
too: "fm classify -r". Infinities and numbers that the tool writes for no value are missing then;
packets are read as the tool does (faithful=true) unless --set-option faithful=false says otherwise.
A card beside the table says all this, and --set must agree with it.
--map TOOL takes tables of other names or contents, such as the published ones of CIC-IDS2017 (--set
cicflowmeter --map cic-ids2017): what means the same is trained on, what differs is left out and said.

Words are categories: the 255 most frequent of a column, while rarer ones and those that training
has not seen count as missing. Columns that say which flow it was, when it was or what it was
called are left out and named in the report; --keep trains on one of them, --drop leaves another
out. A column holds numbers if nine in ten of its cells in the first 1000 rows are some: any other
cell is an error then (--bad-rows). Tables of more than --exact-cells cells are read twice: to cut
each column into at most 255 bins on a sample of 200,000 rows, and to keep one byte a cell. Two
parts of more than a million rows are held out, five of fewer.

The same data, flags and version give the same bytes, for any number of workers.`

const trainExample = `$ fm train --benign lab/benign*.pcap --malicious lab/malicious*.pcap -o lab.fm
$ fm train --benign office/ --class scan=scans/ --class c2=beacons/ -o classes.fm
$ fm train --flows flows.parquet --label attack --benign-value no --kind tree
$ fm train --flows flowmeter.log --join conn.log --on uid --label service --benign-value dns
$ fm train --flows cicids2017/ --label Label --bad-rows skip -o cicids.fm
$ fm train --flows nfstream.csv --label label --set nfstream -o served.fm
$ fm train --flows cicids2017/ --label Label --set cicflowmeter --map cic-ids2017 -o cicids.fm`

const classifyText = `Gives every flow a score (1 - P(benign)) and a verdict: malicious if the score reaches the
model's threshold. Captures and interfaces are read with the feature set and the rules that the
model was trained on, through the same code. On a terminal the flows are a table; else CSV, or
what -o and --format say. A summary goes to stderr.

--explain K adds, for every flow written, the K columns with the largest contributions to its
score: name, value, what is usual for the benign flows of training (the range that holds about nine
in ten of them), and contribution, positive where it speaks for "not benign" or, with several
classes, for the class given. Contributions are exact SHAP values; with "all", they and the bias
sum to the model's margin. The margin of boosted trees and of logistic regression is the log-odds,
that of forests and single trees the probability itself. JSON Lines has an array "explain", CSV
and Parquet have columns, a table has a phrase.

A model file of LightGBM or XGBoost is imported on the way: its features are the columns of their
names (f0, f1, ... where it has none). --raw adds to the rows of a table the margins before the
link and what the library itself predicts, --leaves the leaf of each tree as the library numbers
it. A regression gets no verdict unless --threshold is given. --columns chooses among a table's
columns, row (its number), score, verdict, class and those of these flags (explain: the array of
JSON Lines); what is not named is not written. A card lies beside the file, as for captures.

Without -m the model is the one built in: see "fm show" for what it was trained on. Its threshold
is a guess about your network until "fm adapt" has seen some of its traffic.`

const classifyExample = `$ fm classify -r new.pcap
$ fm classify -i eth0 --only malicious --format jsonl --explain 3
$ fm classify -m site.fm -r archive/ -o verdicts.parquet
$ fm classify -m site.fm -i eth0 --rotate 1h --keep 24 -o verdicts.jsonl.gz
$ fm classify -m site.fm --flows flows.csv
$ fm classify -r new.pcap --anonymize addresses --anonymize-key site.key -o shared.csv
$ fm classify -m lightgbm.txt --flows rows.csv --raw --leaves
$ fm classify -m zeek.fm --flows flowmeter.log --join conn.log --on uid --columns uid,score,verdict`

const evaluateText = `Judges labelled traffic with a model and holds the verdicts against the labels: confusion matrix,
rates with exact (Clopper-Pearson) 95 % intervals, AUC, average precision, recall at fixed false
positive rates, tables by class and by capture, and what these rates mean where only one flow in
100 to 100,000 is malicious. Every file is a stream and a group of its own; all flows count.

A gate that is not met gives exit status 3. All gates are printed with value and verdict.`

const evaluateExample = `$ fm evaluate -m my.fm --benign other/benign --malicious other/malicious
$ fm evaluate -m my.fm --flows flows.parquet --label label --format json
$ fm evaluate -m cic.fm --flows friday.csv.gz --label Label --bad-rows skip
$ fm evaluate -m my.fm --benign b/ --malicious m/ --gate 'recall>=0.9' --gate-bound lower`

const adaptText = `Writes the same model with the threshold that holds --max-fpr on this network's own benign traffic.
Each capture (with one capture, each tenth of its time) is left out in turn and judged with the
threshold of the others, which tells what to expect of traffic not seen yet. The model keeps its
earlier thresholds and why they were chosen. Captures should show every kind of traffic there is:
a threshold is only as good as they are.`

const adaptExample = `$ fm adapt my.fm --benign monday.pcap tuesday.pcap -o site.fm
$ fm adapt my.fm --benign week/ --max-fpr 1e-4 -o site.fm`

const importText = `Reads a model file of LightGBM (text, header v2 to v4) or XGBoost (binary, JSON, UBJSON; 0.72 to
3.2), plain or compressed with gzip or zstd, recognised by its content, and writes a model that
gives the library's own numbers: margins in all bits, the same leaves, the same predictions. What
fm can't do exactly so, and what is damaged, it refuses and says why.

Features become columns by their names: those of --schema or --set, or those of any table that the
model meets later. Where none is exactly so called, blanks around names do not count, and then a
"_" of the model's can be a blank, as LightGBM makes it; what could be two columns is refused.
--rename gives features other names; a file without names is bound by order, which is said (without
a schema its columns are f0, f1, ...). Categorical features take words by the labels in the file
(pandas; XGBoost 3.1 and later); a word that the model never saw is missing, as for the library, and
counted.

With --set TOOL the model was trained on that tool's own rows: packets are read as the tool does
(faithful=true) unless --set-option faithful=false says otherwise, and where the tool writes a number
for no value the model gets it. With --map TOOL features are columns of that tool, bound to those of
set fm, or of --set, that hold the same; times are put into the tool's units, sums made, and what the
tool always leaves 0 stays so. Each is printed. A column whose definition differs is refused
(--allow-differing takes it), and so is one that the set lacks, unless the model never reads it.
nfstream:accounting_mode=1 says what NFStream's sizes counted.

A folder is read as the parameters of Deepfence FlowMeter: mean.txt, std.txt, weights.txt and
intercept.txt. Its features are those of --set deepfence, which need not be named; the model gives
the tool's own probabilities and verdicts, of flows of 15 packets or more as there.

A LightGBM model is scored by a second reader (leaves) too and refused where the two differ.
--probe holds the model's predictions, or its margins, against the library's own for the rows of a
table. Both comparisons stay in the model: "fm show" prints them. Class 0 is benign; without
--classes the others are malicious, or class_1, class_2 and so on.`

const importExample = `$ fm import lightgbm.txt -o m.fm
$ fm import model.json --set fm --probe rows.csv --expect prediction -o m.fm
$ fm import nfstream.txt --set nfstream --set-option splt_analysis=20 -o m.fm
$ fm import cic.txt --map cicflowmeter -o m.fm
$ fm import FlowMeter/ml/parameters -o m.fm
$ fm import model.ubj.gz --schema flows.csv.card.json --rename names.csv -o m.fm
$ fm classify -m lightgbm.txt --flows rows.csv`

const exportText = `Writes boosted trees, forests and trees, trained or imported, as a file that LightGBM (text, 2.3 and
later) or XGBoost (JSON, 1.7 and later) loads: structure, leaf values, missing directions, sets of
categories, the names of the columns and the words of categorical ones, which pandas frames bring
along: LightGBM takes any, XGBoost 3.1 and later those of ASCII (before 3.1 it wants their codes).
What the other library can't have is refused with the reason; what changes is said.

For LightGBM predictions keep every bit, and so do the margins of boosted trees and trees; of a
forest its raw score is the sum over the trees, not their mean. XGBoost computes in float32:
thresholds are chosen so that every row of float32 numbers takes the same way, margins agree to
about seven digits; a model that came from XGBoost keeps every bit of its margins. A threshold for
verdicts is not part of these files.

For Deepfence FlowMeter a logistic regression on the columns of set deepfence (fm train --set
deepfence --set-option faithful=true --kind logistic) becomes the four files that it reads from its
folder ml/parameters.`

const exportExample = `$ fm export my.fm --to lightgbm -o my.txt
$ fm export my.fm --to xgboost -o my.json
$ fm export my.fm --to deepfence -o FlowMeter/ml/parameters`

const showText = `Prints what a model file says of its model: kind, rows and rules that it expects, thresholds with
their reasons, how it did on held-out captures, every source with its SHA-256, what each column
held in training, and which columns matter most: their share of the gain of all splits, and what is
lost on held-out flows when a column's values are dealt anew among them (of columns that say the
same, each may be spared). Without a name it is the model built into fm. "head -2 model.fm" shows
the manifest as JSON.`

const showExample = `$ fm show
$ fm show my.fm
$ fm show my.fm --format json`
