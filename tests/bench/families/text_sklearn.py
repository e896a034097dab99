"""The peer of the text benchmark: scikit-learn's word and character TF-IDF with logistic regression, on one split.

Usage: text_sklearn.py TWEETS SPLITS FOLD C OUT. Trains on the split's training and validation rows, writes `toxic,probability` of its
test rows, and prints the seconds of the training and F1 of the minority class (not toxic) as JSON.
"""

import csv
import json
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.pipeline import FeatureUnion, make_pipeline


def pipeline(cost):
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True)
    union = FeatureUnion([("words", words), ("characters", characters)])
    return make_pipeline(union, LogisticRegression(C=cost, solver="liblinear"))


def main():
    tweets, splits, fold, cost, out = sys.argv[1:]
    with open(tweets, encoding="utf-8", errors="replace", newline="") as file:
        texts = [row[0] for row in csv.reader(file)][1:]
    with open(splits, newline="") as file:
        rows = list(csv.DictReader(file))
    labels = [int(row["toxic"]) for row in rows]
    test = [n for n, row in enumerate(rows) if row["fold"] == fold]
    train = [n for n, row in enumerate(rows) if row["fold"] != fold]
    if out == "-":  # the choice of C: validation rows stand for the test
        test = [n for n in train if rows[n]["validation"] == "1"]
        train = [n for n in train if rows[n]["validation"] == "0"]
    began = time.perf_counter()
    model = pipeline(float(cost)).fit([texts[n] for n in train], [labels[n] for n in train])
    seconds = time.perf_counter() - began
    probabilities = model.predict_proba([texts[n] for n in test])[:, 1]
    truth = [labels[n] for n in test]
    f1 = f1_score(truth, probabilities >= 0.5, pos_label=0)
    print(json.dumps({"seconds": seconds, "f1": f1, "auc": roc_auc_score(truth, probabilities)}))
    if out != "-":
        with open(out, "w", newline="") as file:
            csv.writer(file).writerows([("toxic", "probability"), *zip(truth, probabilities)])


if __name__ == "__main__":
    main()
