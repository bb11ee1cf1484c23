#!/usr/bin/env python3
"""Compare boosted trees with LightGBM and XGBoost: CPU seconds, wall seconds, memory and
AUC, by turns in one run. Development only.

    python3 compare.py [--tables DIR] [--rounds N] [--threads N] [--libraries lightgbm,xgboost] [table ...]

Needs numpy, pandas, scikit-learn, the libraries named and Go. Tables: nsl and kdd99 (of the
reference tables in DIR, strings as index among the sorted words of the training rows), dense
(500,000 rows x 75 normal columns) and mixed (as dense, but a third of the columns are counts
and a fifth is mostly zero). All train 100 trees of 31 leaves with rate 0.1, L2 1 and 255 bins.
Each training is a process of its own; its CPU and wall seconds are those of binning and
training, its memory is the peak of the process, the table included.
"""
import argparse, io, json, os, resource, subprocess, sys, tempfile, time, zipfile

import numpy as np

def coded(train, test):
    import pandas as pd
    a, b = [], []
    for c in train.columns:
        if not pd.api.types.is_numeric_dtype(train[c]):
            code = {v: i for i, v in enumerate(sorted(set(train[c])))}
            a.append(train[c].map(code))
            b.append(test[c].map(code).fillna(-1))
        else:
            a.append(train[c])
            b.append(test[c])
    return np.array(a, dtype=float), np.array(b, dtype=float)

def table(name, folder):
    import pandas as pd
    if name == "nsl":
        z = zipfile.ZipFile(os.path.join(folder, "nsl_kdd.zip"))
        a, b = (pd.read_csv(io.BytesIO(z.read(n)), header=None) for n in ("KDDTrain+.txt", "KDDTest+.txt"))
        normal = "normal"
    elif name == "kdd99":
        a, b = (pd.read_csv(os.path.join(folder, n), header=None) for n in ("kddcup99_10_percent.gz", "kddcup99_corrected.gz"))
        normal = "normal."
    else:
        rng, rows, columns = np.random.default_rng(1), 500_000, 75
        n = rows + 50_000
        x = rng.standard_normal((columns, n))
        if name == "mixed":
            x[::3] = np.floor(np.exp(2 * x[::3]))
            x[1::5] *= rng.random((len(x[1::5]), n)) < 0.3
        z = x[2] * x[4] + np.sin(2 * x[5]) + (x[0] > 1) - 0.4 * x[7] + x[8:20:4].sum(0) / 2
        y = z + rng.standard_normal(n) > 0.5
        return x[:, :rows], y[:rows], x[:, rows:], y[rows:]
    xa, xb = coded(a.iloc[:, :41], b.iloc[:, :41])
    return xa, a[41] != normal, xb, b[41] != normal

def library(name, folder, columns, threads):
    """Trains in this process and prints what it took."""
    x, y = np.fromfile(os.path.join(folder, "x")).reshape(columns, -1).T, np.fromfile(os.path.join(folder, "y"), np.uint8)
    t = np.fromfile(os.path.join(folder, "t")).reshape(columns, -1).T
    x = np.asfortranarray(x)  # a view: the file is column after column
    if name == "lightgbm":
        import lightgbm as lib
    else:
        import xgboost as lib
    def used():
        u = resource.getrusage(resource.RUSAGE_SELF)
        with open("/proc/self/status") as f:  # ru_maxrss would begin with the parent's
            peak = next(int(l.split()[1]) for l in f if l.startswith("VmHWM"))
        return u.ru_utime + u.ru_stime, time.monotonic(), peak
    before = used()
    if name == "lightgbm":
        p = dict(objective="binary", num_leaves=31, learning_rate=0.1, lambda_l2=1, max_bin=255, min_sum_hessian_in_leaf=1, num_threads=threads, verbose=-1)
        m = lib.train(p, lib.Dataset(x, y, free_raw_data=False), 100)
        after = used()
        scores = m.predict(t, raw_score=True)
    else:
        p = dict(objective="binary:logistic", max_leaves=31, max_depth=0, grow_policy="lossguide", eta=0.1, max_bin=256, tree_method="hist", nthread=threads)
        m = lib.train(p, lib.QuantileDMatrix(x, y, nthread=threads, max_bin=256), 100)
        after = used()
        scores = m.predict(lib.DMatrix(t), output_margin=True)
    np.asarray(scores, dtype=float).tofile(os.path.join(folder, "scores"))
    print(json.dumps(dict(cpu=after[0] - before[0], wall=after[1] - before[1], before=before[2], peak=after[2])))

def main():
    from sklearn.metrics import roc_auc_score
    a = argparse.ArgumentParser()
    a.add_argument("--tables", default="../../../../shared/tables")
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--threads", type=int, default=1)
    a.add_argument("--libraries", default="lightgbm")
    a.add_argument("--library", nargs=3, help=argparse.SUPPRESS)
    a.add_argument("table", nargs="*", default=["nsl", "dense"])
    o = a.parse_args()
    if o.library:
        name, folder, columns = o.library
        return library(name, folder, int(columns), o.threads)
    env = dict(os.environ, OMP_WAIT_POLICY="passive")
    with tempfile.TemporaryDirectory() as d:
        binary = os.path.join(d, "boost.test")
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run(["go", "test", "-c", "-o", binary, ".."], check=True, cwd=here)
        for name in o.table:
            x, y, t, ty = table(name, o.tables)
            np.ascontiguousarray(x, dtype=float).tofile(os.path.join(d, "x"))
            np.asarray(y, dtype=np.uint8).tofile(os.path.join(d, "y"))
            np.ascontiguousarray(t, dtype=float).tofile(os.path.join(d, "t"))
            columns, rows = x.shape
            del x, t
            sides = {"fm": [binary, "-test.run", "TestCompare", "-compare", d, "-columns", str(columns), "-workers", str(o.threads)]}
            for lib in filter(None, o.libraries.split(",")):
                sides[lib] = [sys.executable, __file__, "--threads", str(o.threads), "--library", lib, d, str(columns)]
            took = {s: [] for s in sides}
            for i in range(o.rounds):
                for side, command in sides.items():
                    e = dict(env, GOMAXPROCS=str(o.threads))
                    out = subprocess.run(command, check=True, capture_output=True, text=True, env=e).stdout
                    r = json.loads(next(l for l in out.splitlines() if l.startswith("{")))
                    r["auc"] = roc_auc_score(ty, np.fromfile(os.path.join(d, "scores")))
                    took[side].append(r)
                    print(f"{name} {rows} x {columns}, {o.threads} threads, {side}: {r['cpu']:.2f} s CPU, {r['wall']:.2f} s wall, "
                          f"peak {r['before'] / 1024:.0f} MB before, {r['peak'] / 1024:.0f} MB after, AUC {r['auc']:.4f}", flush=True)
            for lib in list(sides)[1:]:
                best = lambda s, k: min(r[k] for r in took[s])
                print(f"{name}: fm / {lib}: CPU {best('fm', 'cpu') / best(lib, 'cpu'):.2f}, wall {best('fm', 'wall') / best(lib, 'wall'):.2f}, "
                      f"peak {best('fm', 'peak') / best(lib, 'peak'):.2f}", flush=True)

main()
