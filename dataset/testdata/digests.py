"""Writes digests.tsv: what pandas reads from the reference tables, for TestReferenceTables.

    python3 -W ignore digests.py DIR > digests.tsv        (made with pandas 3.1.1, numpy 2.4.6)

DIR is the folder of the reference tables. A line a table: its path, "bare" if it has no
header, the number of rows, the SHA-256 of the names (a newline behind each), the words
and counts of its label column, and of every column four bytes of SHA-256: over its
values as little-endian float64 (-0 as 0, NaN as 0x7ff8000000000001) if it holds numbers,
marked n, or over its words with a newline behind each (nothing where missing, blanks at
the ends cut), marked w; and the number of missing values.
"""

import gzip
import hashlib
import io
import pathlib
import sys
import zipfile

import numpy as np
import pandas as pd

BARE = ("nsl_kdd", "kddcup99", "higgs7k")


def tables(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as z:
                many = len(z.namelist()) > 1
                for member in sorted(z.namelist()):
                    yield (f"{name}:{member}" if many else name), z.read(member)
        elif path.suffix == ".gz":
            yield name, gzip.decompress(path.read_bytes())
        elif path.suffix in (".csv", ".tsv"):
            yield name, path.read_bytes()


def digest(column):
    missing = int(column.isna().sum())
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        v = column.to_numpy(dtype=np.float64, copy=True)
        v[v == 0] = 0
        bits = v.view(np.uint64).copy()
        bits[np.isnan(v)] = 0x7FF8000000000001
        return "n", hashlib.sha256(bits.astype("<u8").tobytes()).hexdigest()[:8], missing
    text = "".join(("" if pd.isna(w) else str(w).strip(" \t")) + "\n" for w in column)
    return "w", hashlib.sha256(text.encode()).hexdigest()[:8], missing


def main():
    root = pathlib.Path(sys.argv[1])
    for name, raw in tables(root):
        bare = name.startswith(BARE)
        frame = pd.read_csv(io.BytesIO(raw), sep="\t" if name.endswith(".tsv") else ",", header=None if bare else 0,
                            float_precision="round_trip", low_memory=False, encoding_errors="replace")
        frame.columns = [f"f{i}" for i in range(frame.shape[1])] if bare else [str(c).strip() for c in frame.columns]
        names = hashlib.sha256("".join(c + "\n" for c in frame.columns).encode()).hexdigest()[:16]
        label = next((c for c in frame.columns if c.lower() == "label"), None)
        if bare:
            label = "f0" if "higgs" in name else "f41"
        counts = frame[label].value_counts().sort_index()
        labels = ",".join(f"{w}={n}" for w, n in counts.items())
        columns = " ".join(f"{k}{h}:{m}" for k, h, m in map(digest, (frame[c] for c in frame.columns)))
        print(name, "bare" if bare else "", len(frame), names, f"{label}:{labels}", columns, sep="\t")


main()
