#!/usr/bin/env python3
"""Compare forest and logistic with scikit-learn: CPU seconds and AUC, by turns in one run.

Development only; needs numpy, scikit-learn and Go. Run in this directory:
    python3 compare.py [rows [columns [rounds [kind ...]]]]
It makes a table with interactions, noise and missing values, half of it for testing,
and prints the ratios of user CPU seconds, fm's over scikit-learn's.
"""
import json, os, resource, subprocess, sys, tempfile

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

rows, cols, rounds = (int(a) for a in (sys.argv[1:4] + ["100000", "250", "1"][len(sys.argv[1:4]):]))
rng = np.random.default_rng(1)
n = rows * 3 // 2
x = rng.standard_normal((n, cols))
x[:, ::3] = np.floor(np.exp(2 * x[:, ::3]))            # counts and sizes
x[:, 1::5] *= rng.random((n, len(range(1, cols, 5)))) < 0.3  # mostly zero
z = x[:, 2] * x[:, 4] + np.sin(2 * x[:, 5]) + (x[:, 0] > 3) - 0.4 * x[:, 7] + x[:, 8:20:4].sum(1) / 2
y = (z + rng.standard_normal(n) > 0.5).astype(np.uint8)
test = np.arange(n) >= rows

def cpu(who):
    u = resource.getrusage(who)
    return u.ru_utime + u.ru_stime

def ours(kind, directory):
    out = subprocess.run([binary, "-test.run", "TestCompare", "-compare", directory, "-rows", str(rows), "-columns", str(cols), "-kind", kind],
                         check=True, capture_output=True, text=True).stdout
    line = next(l for l in out.splitlines() if l.startswith("{"))
    return json.loads(line)["cpu"], np.fromfile(os.path.join(directory, "scores"))

def theirs(kind):
    before = cpu(resource.RUSAGE_SELF)
    if kind == "forest":
        m = RandomForestClassifier(100, n_jobs=1, random_state=1).fit(x[~test], y[~test])
        used = cpu(resource.RUSAGE_SELF) - before
        return used, m.predict_proba(x[test])[:, 1]
    s = StandardScaler().fit(x[~test])
    m = LogisticRegression(max_iter=1000).fit(s.transform(x[~test]), y[~test])
    used = cpu(resource.RUSAGE_SELF) - before
    return used, m.predict_proba(s.transform(x[test]))[:, 1]

with tempfile.TemporaryDirectory() as d:
    binary = os.path.join(d, "kinds.test")
    subprocess.run(["go", "test", "-c", "-o", binary, "../../kinds"], check=True)
    x.tofile(os.path.join(d, "x"))
    y.tofile(os.path.join(d, "y"))
    for kind in (sys.argv[4:] or ["forest", "logistic"]):
        for i in range(rounds):
            a, b = ours(kind, d), theirs(kind)
            print(f"{kind}: fm {a[0]:.1f} s CPU, AUC {roc_auc_score(y[test], a[1]):.4f}; scikit-learn {b[0]:.1f} s, AUC {roc_auc_score(y[test], b[1]):.4f}; ratio {a[0] / b[0]:.2f}", flush=True)
