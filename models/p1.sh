#!/bin/bash
# Measures how models trained by fm detect in captures of sources that they have never
# seen. For each fold of FOLDS, fm trains on the captures of the other folds and scores
# those of the fold; all scores together are then given to the evaluator.
#
# usage: models/p1.sh DETECTION CAPTURES [FLAGS OF fm train]
#   DETECTION  folder with folds.tsv, flow_labels.tsv, score.py and the scores of the baseline
#   CAPTURES   folder with benign/, malicious/ and INDEX.tsv
# It needs Go, and Python with numpy and pandas for the evaluator. FM names another fm
# than the one built from this tree, OUT a folder that keeps models and scores.
# Example: models/p1.sh detection captures --trees 300 --without state
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
detection=$(realpath "$1") captures=$(realpath "$2")
shift 2
out=${OUT:-$(mktemp -d)}
mkdir -p "$out"
[ -n "${OUT:-}" ] || trap 'rm -rf "$out"' EXIT
fm=${FM:-$out/fm}
[ -n "${FM:-}" ] || go -C "$(dirname "$0")/.." build -o "$fm" ./cmd/fm

cd "$captures"
files() { awk -F'\t' -v fold="$2" -v side="$3/" "NR > 1 && index(\$1, side) == 1 && \$3 $1 fold { print \$1 }" "$detection/folds.tsv"; }
for fold in $(awk -F'\t' 'NR > 1 { print $3 }' "$detection/folds.tsv" | sort -u); do
	# shellcheck disable=SC2046 # names of captures have no blanks
	"$fm" train -q --benign $(files != "$fold" benign) --malicious $(files != "$fold" malicious) \
		--labels "$detection/flow_labels.tsv" -o "$out/$fold.fm" "$@" >"$out/$fold.txt"
	# shellcheck disable=SC2046
	"$fm" classify -q -m "$out/$fold.fm" -r $(files == "$fold" benign) $(files == "$fold" malicious) --per-file \
		--columns source,src_ip,src_port,dst_ip,dst_port,protocol,start,score -o "$out/$fold.csv"
done
python3 - "$out" <<'PY'
import glob, sys
import pandas as pd
d = pd.concat(pd.read_csv(f) for f in sorted(glob.glob(sys.argv[1] + '/?.csv'))).rename(columns={'source': 'file'})
d['start'] = pd.to_datetime(d.start, format='ISO8601').astype('datetime64[ns, UTC]').astype('int64') / 1e6
d.to_csv(sys.argv[1] + '/scores.csv.gz', index=False)
PY
python3 "$detection/score.py" "$out/scores.csv.gz" INDEX.tsv "$detection/flow_labels.tsv" --against "$detection/nfstream_lightgbm.P1.csv.gz"
