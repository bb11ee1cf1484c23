"""Writes the cases lightgbm-VERSION/* beside this file with the LightGBM that is installed.

    python make_lightgbm.py CASE...

Made with LightGBM 2.1.2, 2.2.3, 3.2.1, 3.3.0 (wheels of PyPI, numpy 1.23) and 4.7.0
(numpy 2, pandas), Python 3.11, glibc 2.36, one thread:

    2.1.2: rf                       2.2.3: rf multiclassova
    3.2.1: entropy_lambda linear    3.3.0: entropy_lambda
    4.7.0: binary multiclass rf linear words zero_missing poisson sqrt oneleaf names entropy_lambda

The columns: f0 a number with missing values, f1 a count that is often zero, f2 and f3
Gaussian, f4 a category from 0 to 40. Rows: 40 that were trained on, then thresholds of the
model, their neighbours among float64, and special values. Labels are those of a known rule
with noise. Expected values are the library's, from the file that lies here.
"""
import csv, gzip, io, json, os, sys
import numpy as np
import lightgbm as lgb

here = os.path.dirname(os.path.abspath(__file__))
VERSION = lgb.__version__
NAMES = ["f0", "f1", "f2", "f3", "f4"]


def data():
    r = np.random.RandomState(11)
    n = 1200
    x = np.zeros((n, 5))
    x[:, 0] = np.round(np.exp(r.randn(n) * 3), 3)
    x[r.rand(n) < 0.15, 0] = np.nan
    x[:, 1] = r.poisson(1.2, n)
    x[:, 2:4] = np.round(r.randn(n, 2), 4)
    x[:, 4] = np.minimum(40, r.geometric(0.12, n) - 1)
    z = np.nan_to_num(np.log(x[:, 0] + 0.001), nan=-1.5) * 0.7 + (x[:, 1] == 0) * 1.5 - x[:, 2] + np.isin(x[:, 4], [0, 3, 7, 8, 20]) * 2 - 1.2
    return x, z + r.randn(n) * 0.6


def rows(x, model):
    out = [("data", row) for row in x[:40]]
    trees = model.dump_model()["tree_info"]
    base = x[0].copy()
    base[0] = 3.0

    def walk(node, t):
        if "split_feature" not in node or len(out) > 90:
            return
        f, th = node["split_feature"], node["threshold"]
        if node["decision_type"] == "<=" and not isinstance(th, str):
            for kind, v in (("eq", th), ("f64-", np.nextafter(th, -np.inf)), ("f64+", np.nextafter(th, np.inf))):
                row = base.copy()
                row[f] = v
                out.append(("%s:f%d" % (kind, f), row))
        walk(node["left_child"], t)
        walk(node["right_child"], t)

    for t in trees[:2]:
        walk(t["tree_structure"], t)
    for f in range(x.shape[1]):
        for v in (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-36, -1e-35, 5e-324, 1.0000000180025095e-35, 1e300):
            row = base.copy()
            row[f] = v
            out.append(("sp:f%d:%r" % (f, float(v)), row))
    for v in (-0.5, -1, 0.99999, 31, 32, 63, 64, 1e6, 2**31, 3e9):
        row = base.copy()
        row[4] = v
        out.append(("cat:f4:%r" % float(v), row))
    return [k for k, _ in out], np.array([r for _, r in out])


def text(v):
    return repr(float(v)) if v == v else "nan"


def table(path, head, lines):
    s = io.StringIO()
    w = csv.writer(s, lineterminator="\n")
    w.writerow(head)
    w.writerows(lines)
    with open(path, "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
        z.write(s.getvalue().encode())


PARAMS = {
    "binary": dict(objective="binary", sigmoid=1.5),
    "multiclass": dict(objective="multiclass", num_class=3),
    "multiclassova": dict(objective="multiclassova", num_class=3),
    "rf": dict(objective="binary", boosting_type="rf", bagging_freq=1, bagging_fraction=0.6, feature_fraction=0.8),
    "linear": dict(objective="binary", linear_tree=True),
    "words": dict(objective="binary", min_data_per_group=10, cat_smooth=1),
    "zero_missing": dict(objective="binary", zero_as_missing=True),
    "poisson": dict(objective="poisson"),
    "sqrt": dict(objective="regression", reg_sqrt=True),
    "oneleaf": dict(objective="binary", min_data_in_leaf=5000),
    "names": dict(objective="regression", monotone_constraints=[0, 1, 0, 0, 0]),
    "entropy_lambda": dict(objective="cross_entropy_lambda"),
}


def make(case):
    x, z = data()
    params = {**dict(num_leaves=7, min_data_in_leaf=20, learning_rate=0.3, num_threads=1, seed=3, verbose=-1), **PARAMS[case]}
    y = {"multiclass": (z > 0).astype(int) + (z > 2), "multiclassova": (z > 0).astype(int) + (z > 2), "poisson": np.maximum(0, np.round(z)), "sqrt": z, "names": z,
         "entropy_lambda": np.clip(z / 4, 0, 1)}.get(case, (z > 0).astype(int))
    names, categories = (["Größe μs", "a-b", "x=1", "f.8", "last one"] if case == "names" else NAMES), None
    cat = [4]
    train = x
    if case == "words":
        import pandas as pd

        categories = {"f4": ["s%02d" % i for i in range(41)]}
        train = pd.DataFrame(x, columns=names)
        train["f4"] = pd.Categorical.from_codes(x[:, 4].astype(int), categories["f4"])
        cat = "auto"
    if case == "rf":
        cat = []
    ds = lgb.Dataset(train, y, feature_name=names, categorical_feature=cat, params=params)
    m = lgb.train(params, ds, 5)
    d = os.path.join(here, "lightgbm-" + VERSION, case)
    os.makedirs(d, exist_ok=True)
    path = os.path.join(d, "model.txt")
    m.save_model(path)
    s = open(path, "rb").read()
    m = lgb.Booster(model_file=path)
    if len(s) > 4000:
        with open(path + ".gz", "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z_:
            z_.write(s)
        os.remove(path)
    kinds, r = rows(x, m)
    raw, pred, leaf = (m.predict(r, **k).reshape(len(r), -1) for k in ({"raw_score": True}, {}, {"pred_leaf": True}))
    head = ["status"] + ["margin%d" % i for i in range(raw.shape[1])] + ["pred%d" % i for i in range(pred.shape[1])] + ["leaf%d" % i for i in range(leaf.shape[1])]
    table(os.path.join(d, "expected.csv.gz"), head, [["ok"] + [text(v) for v in a] + [text(v) for v in b] + [int(v) for v in c] for a, b, c in zip(raw, pred, leaf)])
    rows_file = "rows/lightgbm-%s-%s.csv.gz" % (VERSION, case)
    os.makedirs(os.path.join(here, "rows"), exist_ok=True)
    table(os.path.join(here, rows_file), ["kind"] + NAMES, [[k] + [text(v) for v in a] for k, a in zip(kinds, r)])
    if case not in ("linear", "oneleaf") and VERSION >= "3":
        c = m.predict(r[:20], pred_contrib=True).reshape(20, -1)
        table(os.path.join(d, "contribs.csv.gz"), ["row"] + ["c%d" % i for i in range(c.shape[1])], [[i] + [text(v) for v in a] for i, a in enumerate(c)])
    meta = {"library": "lightgbm", "version": VERSION, "case": case, "rows_file": rows_file, "features": 5, "feature_names": names if case == "names" else None,
            "categories": categories, "params": {k: v for k, v in params.items()}}
    json.dump(meta, open(os.path.join(d, "meta.json"), "w"), indent=1, ensure_ascii=False)


for c in sys.argv[1:]:
    make(c)
