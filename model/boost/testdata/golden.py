#!/usr/bin/env python3
"""Make golden.json, what LightGBM 4.7.0 trains on a small table. Development only.

    pip install lightgbm==4.7.0 numpy && python3 golden.py
"""
import json

import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(7)
n = 400
a, b = rng.integers(0, 40, n).astype(float), rng.integers(0, 60, n).astype(float)
gap = np.where(rng.random(n) < 0.25, np.nan, rng.integers(0, 12, n))
few, many = rng.integers(0, 3, n).astype(float), np.minimum(rng.geometric(0.12, n) - 1, 23).astype(float)
z = (a - 20) / 8 + np.where(np.isnan(gap), 1.5, 0) + np.array([0, 2, -1])[few.astype(int)] + np.sin(5 * many) * 2 + (b > 40)
y = (z + rng.standard_normal(n) > 1).astype(int)
y3 = np.digitize(z + rng.standard_normal(n), [0, 2])
weight = rng.integers(1, 6, n) / 2
columns = dict(a=a, b=b, gap=gap, few=few, many=many)
common = dict(num_leaves=8, learning_rate=0.1, min_data_in_leaf=20, min_sum_hessian_in_leaf=1, lambda_l2=1,
              max_bin=255, min_data_in_bin=1, min_data_per_group=20, num_threads=1, seed=1, verbose=-1, feature_pre_filter=False)
free = dict(min_leaf=1, min_hessian=4)  # LightGBM rounds its estimate of the rows of a side bin by bin, fm once
cases = [
    dict(name="numbers", columns="a b"),
    dict(name="missing", columns="a gap"),
    dict(name="l1 and depth", columns="a b gap", l1=2.5, max_depth=3),
    dict(name="no bounds", columns="a b gap", l2=-1, min_hessian=-1, min_leaf=3),
    dict(name="few words", columns="a few"),
    dict(name="many words", columns="a many"),
    dict(name="weights", columns="a b gap few", weight=True, **free),
    dict(name="three classes", columns="a gap many", classes=3, **free),
]
for c in cases:
    p = dict(common, lambda_l1=c.get("l1", 0), max_depth=c.get("max_depth", -1), lambda_l2=max(0, c.get("l2", 1)),
             min_sum_hessian_in_leaf=max(0, c.get("min_hessian", 1)), min_data_in_leaf=c.get("min_leaf", 20))
    names, three = c["columns"].split(), c.get("classes") == 3
    p.update(dict(objective="multiclass", num_class=3) if three else dict(objective="binary"))
    words = [i for i, name in enumerate(names) if name in ("few", "many")]
    x = np.array([columns[name] for name in names]).T
    d = lgb.Dataset(x, y3 if three else y, weight=weight if c.get("weight") else None, categorical_feature=words)
    m = lgb.train(p, d, 6)
    gains = []
    def walk(node):
        if "split_gain" in node:
            gains.append(float("%.7g" % node["split_gain"]))
            walk(node["left_child"])
            walk(node["right_child"])
    for t in m.dump_model()["tree_info"]:
        walk(t["tree_structure"])
    c["gains"] = sorted(gains)
    c["margins"] = [float("%.8g" % v) for v in np.ravel(m.predict(x, raw_score=True))]
table = {k: [None if np.isnan(v) else int(v) for v in col] for k, col in columns.items()}
with open("golden.json", "w") as f:
    json.dump(dict(made="golden.py, LightGBM " + lgb.__version__, table=table, y=y.tolist(), y3=y3.tolist(), weight=weight.tolist(), cases=cases), f)
