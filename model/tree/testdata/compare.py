#!/usr/bin/env python3
"""Compare scoring with LightGBM, XGBoost, lleaves and leaves: CPU microseconds a row on one
core, by turns in one run, on the same trees and rows. Development only.

    python3 compare.py [--rounds N] [--shapes 100x31,500x255] [--rows N] [--no-lleaves]

Needs numpy, lightgbm, xgboost, Go and, if it is to be compared, lleaves (1.3 with llvmlite
before 0.45). Trees are trained on
75 columns of floats, counts, flags and mostly zeros, a third with missing values. Shown is
the best round: the machine may have other work. Margins must be equal in every bit.
"""
import argparse, os, subprocess, tempfile, time

os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads that wait for each other burn CPU

import numpy as np
import lightgbm, xgboost

try:
    import lleaves
except ImportError:
    lleaves = None

COLUMNS = 75

def table(rows, seed):
    shared, rng = np.random.default_rng(1), np.random.default_rng(seed)
    x = rng.normal(size=(rows, COLUMNS))
    for c in range(COLUMNS):
        v = x[:, c]
        if c % 5 == 1:
            v[:] = np.exp(2 * v)
        elif c % 5 == 2:
            v[:] = np.floor(40 * np.exp(v))
        elif c % 5 == 3:
            v[:] = rng.integers(0, 3, rows)
        elif c % 5 == 4:
            v[rng.random(rows) < 0.8] = 0
        absent = 0.3 * shared.random()
        if c % 3 == 0:
            v[rng.random(rows) < absent] = np.nan
    return x

def labels(x):
    rng = np.random.default_rng(3)
    z = np.nan_to_num(x)
    z = np.sign(z) * np.log1p(np.abs(z))
    s = sum(rng.normal() * z[:, c] + rng.normal() * z[:, c] * z[:, (7 * c + 3) % COLUMNS] for c in range(COLUMNS))
    return (s + rng.normal(size=len(s)) * s.std() / 2 > np.median(s)).astype(int)

def timed(f, rows):
    f()
    passes, start = 0, time.process_time()
    while passes == 0 or time.process_time() - start < 0.03:
        f()
        passes += 1
    return (time.process_time() - start) / passes / rows * 1e9

def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rounds", type=int, default=10)
    p.add_argument("--shapes", default="100x31,500x255")
    p.add_argument("--rows", type=int, default=4096)
    p.add_argument("--no-lleaves", action="store_true", help="its compiler takes a quarter of an hour for 500 x 255")
    a = p.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        exe = os.path.join(folder, "tree.test")
        subprocess.run(["go", "test", "-c", "-o", exe, "."], check=True, cwd=os.path.dirname(here))
        x, t = table(20000, 1), table(a.rows, 2)
        y = labels(x)
        t.tofile(os.path.join(folder, "rows"))
        server = subprocess.Popen([exe, "-test.run=TestCompare$", "-test.timeout=0", "-compare", folder], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, env=dict(os.environ, GOMAXPROCS="1"))

        def ask(model, way, batch):
            server.stdin.write(f"{model} {way} {batch}\n")
            server.stdin.flush()
            line = server.stdout.readline().strip()
            return float(line) if line != "-" else None

        for shape in a.shapes.split(","):
            trees, leaves = map(int, shape.split("x"))
            lgb, xgb = shape + ".txt", shape + ".json"
            path = os.path.join(folder, lgb)
            lightgbm.train(dict(objective="binary", num_leaves=leaves, num_threads=1, verbose=-1), lightgbm.Dataset(x, y), trees).save_model(path)
            l = lightgbm.Booster(model_file=path)
            g = xgboost.train(dict(objective="binary:logistic", tree_method="hist", grow_policy="lossguide", max_leaves=leaves, max_depth=0, nthread=1), xgboost.DMatrix(x, y), trees)
            g.save_model(os.path.join(folder, xgb))
            g.set_param({"nthread": 1})
            ways = {
                "LightGBM, batch": lambda: timed(lambda: l.predict(t, raw_score=True, num_threads=1), len(t)),
                "LightGBM, one row": lambda: timed(lambda: [l.predict(t[i:i + 1], raw_score=True, num_threads=1) for i in range(64)], 64),
                "XGBoost in place, batch": lambda: timed(lambda: g.inplace_predict(t, predict_type="margin"), len(t)),
            }
            print(f"{shape}: trained", flush=True)
            if lleaves and not a.no_lleaves:
                ll = lleaves.Model(model_file=path)
                ll.compile()
                ways["lleaves, batch"] = lambda: timed(lambda: ll.predict(t, n_jobs=1), len(t))
            for name, model in (("LightGBM's trees", lgb), ("XGBoost's trees", xgb)):
                for way in ("fm", "generic", "leaves"):
                    for batch, what in ((512, "batch"), (1, "one row")):
                        ways[f"{way}, {name}, {what}"] = lambda model=model, way=way, batch=batch: ask(model, way, batch)
            best = {}
            for _ in range(a.rounds):
                for name, run in ways.items():
                    v = run()
                    if v is not None:
                        best[name] = min(v, best.get(name, v))
            print(f"{shape}: CPU microseconds a row, best of {a.rounds} rounds")
            for name, v in best.items():
                print(f"  {name:40s} {v / 1e3:8.3f}")
            for model, want in ((lgb, l.predict(t, raw_score=True)), (xgb, g.inplace_predict(t, predict_type="margin"))):
                for way in ("fm", "generic"):
                    got = np.fromfile(os.path.join(folder, f"{model}.{way}"))
                    print(f"  {model} {way}: {np.sum(got != want.astype(float))} of {len(want)} margins differ")
        server.stdin.close()
        server.wait()

main()
