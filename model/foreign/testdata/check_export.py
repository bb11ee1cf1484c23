"""Has LightGBM and XGBoost predict from models that fm wrote.

    go test ./model/foreign -run ExportGolden -export DIR
    python check_export.py DIR [OUT]

Writes OUT/TARGET-CASE.csv.gz (default: export/ beside this file): a line with the SHA-256
of the model file, then a line of predictions for each row. Made with LightGBM 4.7.0 and
XGBoost 3.2.0. XGBoost's predictions are float32; it gives the same ones for frames of words
whose categories are in another order than the model's.
"""
import glob, gzip, hashlib, os, sys
import numpy as np

d = sys.argv[1]
out = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "export")
os.makedirs(out, exist_ok=True)
for path in sorted(glob.glob(d + "/lightgbm-*.txt") + glob.glob(d + "/xgboost-*.json")):
    name = os.path.splitext(os.path.basename(path))[0]
    rows = np.loadtxt(os.path.join(d, name + ".rows"))
    if name.startswith("lightgbm"):
        import lightgbm

        p = lightgbm.Booster(model_file=path).predict(rows)
    else:
        import xgboost

        b = xgboost.Booster(model_file=path)
        p = b.predict(xgboost.DMatrix(rows, feature_names=b.feature_names, feature_types=b.feature_types, enable_categorical=True))
        import pandas

        frame = pandas.DataFrame(rows, columns=b.feature_names)
        for column, words in ("word", list("abcde")), ("more words", ["w%02d" % i for i in range(70)]):
            text = [None if v != v else words[int(v)] for v in frame[column]]
            frame[column] = pandas.Categorical(text, categories=words[::-1])
        assert np.array_equal(p, b.predict(xgboost.DMatrix(frame, enable_categorical=True)))
    p = np.asarray(p).reshape(len(rows), -1)
    text = hashlib.sha256(open(path, "rb").read()).hexdigest() + "\n" + "".join(",".join(repr(float(v)) for v in row) + "\n" for row in p)
    with open(os.path.join(out, name + ".csv.gz"), "wb") as f, gzip.GzipFile("", "wb", 9, f, 0) as z:
        z.write(text.encode())
    print(name, p.shape)
