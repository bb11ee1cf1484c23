# Makes testdata/xgboost-VERSION/CASE with the XGBoost that it runs under:
#
#	pip install numpy==1.26.4 scipy xgboost==VERSION   (3.2.0: and pandas)
#	python make_xgboost.py testdata
#
# The layout is that of the reference models: model files, expected.csv.gz (margins,
# predictions and leaves that the library gives for each row of rows/xgboost.csv.gz, from
# the file loaded again), contribs.csv.gz (pred_contribs of the first rows), meta.json.
import gzip, io, json, os, sys
import numpy as np
import xgboost as xgb

root = sys.argv[1]
version = tuple(int(p) for p in xgb.__version__.split("."))
rng = np.random.RandomState(11)
N, F = 300, 5
X = np.round(rng.randn(N, F) * 4) / 4
X[:, 4] = rng.randint(0, 40, N)
score = X[:, 0] - X[:, 1] + 0.5 * X[:, 2] * X[:, 3] + (X[:, 4] % 3) - 1 + rng.randn(N) / 4
X[rng.rand(N, F) < 0.1] = np.nan
X[:, 4] = np.where(np.isnan(X[:, 4]), 3, X[:, 4])
y2 = (score > 0).astype(float)
y3 = np.digitize(score, [-1, 1]).astype(float)
reg = np.round(score * 4) / 4

# Rows on a grid of quarters and eighths, where thresholds lie, and one step beside them.
R = np.random.RandomState(12)
rows = R.randint(-16, 17, (48, F)) / 8.0
rows[:, 4] = R.randint(-2, 70, 48)
rows[8:16, :4] = np.nextafter(rows[8:16, :4], np.inf)
rows[16:24, :4] = np.nextafter(rows[16:24, :4], -np.inf)
rows[24:28, :4] = np.nextafter(rows[24:28, :4].astype(np.float32), np.float32(np.inf))
rows[28:32, :4] = np.nextafter(rows[28:32, :4].astype(np.float32), np.float32(-np.inf))
rows[32:40][R.rand(8, F) < 0.4] = np.nan
rows[40] = [-0.0, 0.0, 1e-40, -1e-40, 0]
rows[41] = np.nan
rows[42] = [1e30, -1e30, 1e-320, 5e-324, -0.5]
rows[43, 4], rows[44, 4], rows[45, 4], rows[46, 4], rows[47, 4] = -1e-9, 31.999999999, 16777216, 1e20, 64


def text(v, bits):
    v = np.float32(v) if bits == 32 else np.float64(v)
    if np.isnan(v):
        return "nan"
    return np.format_float_scientific(v, unique=True, trim="-") if v else ("-0" if np.signbit(v) else "0")


def table(path, head, lines):
    b = io.StringIO()
    b.write(",".join(head) + "\n")
    for line in lines:
        b.write(",".join(line) + "\n")
    with open(path, "wb") as f:
        with gzip.GzipFile(filename="", mode="wb", fileobj=f, mtime=0) as z:
            z.write(b.getvalue().encode())


os.makedirs(root + "/rows", exist_ok=True)
table(root + "/rows/xgboost.csv.gz", ["kind"] + ["f%d" % i for i in range(F)],
      [["row"] + [text(v, 64) for v in row] for row in rows])

base = {"max_depth": 3, "eta": 0.3, "seed": 7, "nthread": 1, "verbosity": 0}
data = {"max_depth": 3, "eta": 0.3}
cat = {"tree_method": "hist", "max_cat_to_onehot": 1}
CASES = [  # name, parameters, labels, first version, last version, rounds
    ("binary", {"objective": "binary:logistic", "base_score": 0.3}, y2, (0,), (9,), 3),
    ("reglogistic", {"objective": "reg:logistic"}, y2, (0,), (2,), 2),
    ("logitraw", {"objective": "binary:logitraw", "base_score": 0.3}, y2, (0,), (9,), 2),
    ("hinge", {"objective": "binary:hinge"}, y2, (0, 80), (9,), 2),
    ("softmax", {"objective": "multi:softmax", "num_class": 3}, y3, (0,), (9,), 2),
    ("softprob_parallel", {"objective": "multi:softprob", "num_class": 3, "num_parallel_tree": 2, "subsample": 0.7, "max_depth": 2}, y3, (0,), (9,), 2),
    ("dart", {"objective": "binary:logistic", "booster": "dart", "rate_drop": 0.5, "one_drop": 1}, y2, (0,), (9,), 5),
    ("gblinear", {"objective": "binary:logistic", "booster": "gblinear", "updater": "coord_descent"}, y2, (0,), (9,), 3),
    ("gblinear_multi", {"objective": "multi:softprob", "num_class": 3, "booster": "gblinear", "updater": "coord_descent"}, y3, (0,), (9,), 3),
    ("poisson", {"objective": "count:poisson"}, np.abs(reg), (0,), (9,), 2),
    ("pruned", {"objective": "reg:squarederror", "gamma": 20, "max_depth": 5, "tree_method": "exact"}, reg, (0, 83), (9,), 2),
    ("oneleaf", {"objective": "binary:logistic", "gamma": 1e6}, y2, (0,), (9,), 2),
    ("earlystop", {"objective": "binary:logistic", "eta": 2.0, "eval_metric": "logloss", "max_depth": 4}, y2, (0,), (9,), 30),
    ("names", {"objective": "reg:gamma", "base_score": 2}, np.abs(reg) + 1, (1, 5), (9,), 2),
    ("squaredlogerror", {"objective": "reg:squaredlogerror"}, np.abs(reg), (1,), (9,), 2),
    ("pseudohuber", {"objective": "reg:pseudohubererror"}, reg, (1, 3), (9,), 2),
    ("aft", {"objective": "survival:aft"}, np.abs(reg) + 1, (1, 5), (9,), 2),
    ("cox", {"objective": "survival:cox"}, reg + 0.1, (0,), (9,), 2),
    ("ranking", {"objective": "rank:pairwise"}, y3, (0,), (9,), 2),
    ("cat", dict(cat, objective="binary:logistic"), y2, (1, 6), (9,), 3),
    ("cat_frame", dict(cat, objective="binary:logistic"), y2, (3, 1), (9,), 2),
    ("multilabel", {"objective": "binary:logistic"}, np.c_[y2, y3 == 1], (1, 6), (9,), 2),
    ("vectorleaf", {"objective": "reg:squarederror", "multi_strategy": "multi_output_tree", "tree_method": "hist"}, np.c_[reg, -reg * reg], (2,), (9,), 2),
    ("quantile", {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9], "tree_method": "hist"}, reg, (2,), (9,), 2),
]
ONLY = {
    (0, 90): ["binary", "reglogistic", "logitraw", "hinge", "softmax", "dart", "gblinear", "poisson", "pruned", "earlystop", "cox"],
    (1, 0, 2): ["binary", "logitraw", "dart", "gblinear_multi", "softprob_parallel", "poisson"],
    (1, 6, 2): ["cat", "multilabel"],
    (1, 7, 6): ["binary", "dart", "gblinear_multi", "names", "earlystop", "squaredlogerror", "aft", "cat"],
    (2, 1, 4): ["vectorleaf", "quantile", "cat"],
}
BOTH = ["binary", "cat_frame", "dart", "gblinear", "vectorleaf"]  # formats in 3.2.0


def frame():
    import pandas as pd
    f = pd.DataFrame(X[:, :4], columns=["a", "b b", "c,\"", "\u00e4"])
    f["proto"] = pd.Categorical(["p%02d" % v for v in X[:, 4]])
    f["port"] = pd.Categorical(X[:, 4].astype(int) * 10)
    return f


def matrix(values, case, label=None):
    args = {"label": label}
    if case == "names":
        args["feature_names"] = ["a", "b c", "d,\"e", "\u00e4\u00df", "fx"]
    if case == "cat":
        args["feature_types"] = ["q"] * 4 + ["c"]
        args["enable_categorical"] = True
    d = xgb.DMatrix(values, **args)
    if case == "ranking":
        d.set_group([len(values)])
    if case == "aft" and label is not None:
        d.set_float_info("label_lower_bound", label)
        d.set_float_info("label_upper_bound", label * 1.5)
    return d


for name, params, label, first, last, rounds in CASES:
    if version < first or version >= last or name not in ONLY.get(version, [name]):
        continue
    params = dict(base, **params)
    dtrain = xgb.DMatrix(frame(), label=label, enable_categorical=True) if name == "cat_frame" else matrix(X, name, label)
    extra = {}
    if name == "earlystop":
        noise = np.where(np.random.RandomState(5).rand(N) < 0.2, 1 - label, label)
        extra = {"evals": [(matrix(X, name, noise), "v")], "early_stopping_rounds": 3, "verbose_eval": False}
    booster = xgb.train(params, dtrain, rounds, **extra)
    folder = "%s/xgboost-%s/%s" % (root, xgb.__version__, name)
    os.makedirs(folder, exist_ok=True)
    formats = [s for s, v in (("model", (0,)), ("json", (1,)), ("ubj", (1, 6))) if version >= v and not (s == "model" and (version >= (3, 1) or name in ("cat", "vectorleaf", "multilabel")))]
    if version >= (3,) and name not in BOTH:
        formats = ["ubj"]
    seen = None
    for suffix in formats:
        path = "%s/model.%s" % (folder, suffix)
        booster.save_model(path)
        again = xgb.Booster(params={"nthread": 1}, model_file=path)
        if name == "cat_frame":
            again.feature_names = again.feature_types = None
            d = xgb.DMatrix(np.c_[rows, np.abs(np.nan_to_num(rows[:, 4])) % 50], feature_types=["q"] * 4 + ["c"] * 2, enable_categorical=True)
        else:
            d = matrix(rows, name)
        all_trees = {"ntree_limit": 1000} if name == "dart" and version < (1,) else {}
        n = len(rows)
        margin = again.predict(d, output_margin=True, **all_trees).reshape(n, -1)
        pred = again.predict(d, **all_trees).reshape(n, -1)
        head = ["margin%d" % i for i in range(margin.shape[1])] + ["pred%d" % i for i in range(pred.shape[1])]
        columns = [margin, pred]
        if "gblinear" not in name and name != "vectorleaf":
            leaf = again.predict(d, pred_leaf=True, **all_trees).reshape(n, -1)
            head += ["leaf%d" % i for i in range(leaf.shape[1])]
            columns.append(leaf)
        best = None
        if name == "earlystop":
            best = booster.best_iteration
            limit = {"iteration_range": (0, best + 1)} if version >= (1, 4) else {"ntree_limit": best + 1}
            columns.append(again.predict(d, output_margin=True, **limit).reshape(n, -1))
            head.append("margin_best")
        values = np.concatenate(columns, axis=1)
        lines = [["ok"] + [text(v, 32) for v in line] for line in values]
        if seen is not None and seen != lines:
            print("formats differ:", folder, suffix)
        seen = lines
        # Before 1.0 pred_contribs ignores the weights of dart: it does not sum to the margin.
        if name in ("binary", "dart", "softprob_parallel", "gblinear", "cat") and not (name == "dart" and version < (1,)):
            contribs = again.predict(d, pred_contribs=True, **all_trees).reshape(n, -1)[:8]
            table(folder + "/contribs.csv.gz", ["row"] + ["c%d" % i for i in range(contribs.shape[1])],
                  [[str(i)] + [text(v, 32) for v in line] for i, line in enumerate(contribs)])
        with open(path, "rb") as f:
            b = f.read()
        if len(b) > 1500:
            os.remove(path)
            with open(path + ".gz", "wb") as f:
                with gzip.GzipFile(filename="", mode="wb", fileobj=f, mtime=0) as z:
                    z.write(b)
    table(folder + "/expected.csv.gz", ["status"] + head, seen)
    meta = {"library": "xgboost", "version": xgb.__version__, "case": name, "params": params, "rounds": rounds,
            "features": d.num_col(), "rows_file": "rows/xgboost.csv.gz", "feature_names": dtrain.feature_names if version >= (1, 5) else None,
            "feature_types": None, "best_iteration": best}
    if name == "cat_frame":
        meta["rows_file"] = "rows/xgboost_frame.csv.gz"
        f = frame()
        meta["categories"] = {c: [str(v) for v in f[c].cat.categories] for c in ("proto", "port")}
        table(root + "/" + meta["rows_file"], ["kind"] + ["f%d" % i for i in range(6)],
              [["row"] + [text(v, 64) for v in line] for line in np.c_[rows, np.abs(np.nan_to_num(rows[:, 4])) % 50]])
    with open(folder + "/meta.json", "w") as f:
        json.dump(meta, f, sort_keys=True)
        f.write("\n")
