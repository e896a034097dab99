"""scikit-learn's side of the tabular benchmark, and the comparison; see tabular.py. EXAMPLE TABLES SCRATCH."""

import csv
import io
import json
import math
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

EXAMPLE, TABLES, SCRATCH = (pathlib.Path(word) for word in sys.argv[1:4])
SEEDS, RESAMPLES = (1, 2, 3), 2000
# Keys and constants.
NO_INPUTS = {"Attrition", "EmployeeNumber", "EmployeeCount", "Over18", "StandardHours"}
CATEGORIES = ["RaisedByID", "AssignedToID", "AuthorisedByID", "ProjectCode", "ProjectBreakdownCode", "Category", "SubCategory"]


def table(name, key):
    """The latest row of each key, in the order of the file."""
    rows = {}
    for row in csv.DictReader(io.StringIO((TABLES / name).read_bytes().decode("utf-8", "replace"))):
        rows.pop(row[key], None)
        rows[row[key]] = row
    return list(rows.values())


def refit(model, name, folds, seed):
    folds_file, out = SCRATCH / "folds.json", SCRATCH / "out.json"
    folds_file.write_text(json.dumps(folds))
    subprocess.run([EXAMPLE, model, TABLES / name, folds_file, str(seed), out], check=True)
    return json.loads(out.read_text())


def compare(name, unit, ours, peer, theirs, digits=4):
    print(f"bench: {name} {ours:.{digits}f} {unit}, {peer} {theirs:.{digits}f} {unit}, ratio {ours / theirs:.3f}", flush=True)


def interval(differences, rng):
    """95 % of the mean of paired differences, by bootstrap."""
    draws = rng.integers(0, len(differences), (RESAMPLES, len(differences)))
    return np.quantile(differences[draws].mean(1), [0.025, 0.975])


def area_difference(y, ours, theirs, rng):
    """Difference of AUC, its 95 % interval and its one-sided 95 % lower bound, by paired bootstrap over rows."""
    drawn = []
    while len(drawn) < RESAMPLES:
        rows = rng.integers(0, len(y), len(y))
        if 0 < y[rows].sum() < len(y):
            drawn.append(roc_auc_score(y[rows], ours[rows]) - roc_auc_score(y[rows], theirs[rows]))
    low, high, bound = np.quantile(drawn, [0.025, 0.975, 0.05])
    return f"{roc_auc_score(y, ours) - roc_auc_score(y, theirs):+.4f} [{low:+.4f}, {high:+.4f}], one-sided bound {bound:+.4f}"


def attrition():
    rows = table("attrition.csv", "EmployeeNumber")
    y = np.array([row["Attrition"] == "Yes" for row in rows])
    names = [name for name in rows[0] if name not in NO_INPUTS]
    words = [name for name in names if not rows[0][name].isdigit()]
    numbers = [name for name in names if name not in words]
    x = np.array([[float(row[n]) for n in numbers] + [row[c] for c in words] for row in rows], dtype=object)
    scaled, encoded = list(range(len(numbers))), list(range(len(numbers), len(names)))
    areas, seconds, means = ([], []), ([], []), []
    for seed in SEEDS:
        folds = list(StratifiedKFold(10, shuffle=True, random_state=seed).split(x, y))
        keys = [[rows[i]["EmployeeNumber"] for i in test] for _, test in folds]
        results = refit("attrition", "attrition.csv", keys, seed)
        for (train, test), fold, result in zip(folds, keys, results):
            began = time.perf_counter()
            columns = make_column_transformer((StandardScaler(), scaled), (OneHotEncoder(handle_unknown="ignore"), encoded))
            peer = make_pipeline(columns, LogisticRegression(max_iter=1000)).fit(x[train], y[train])
            theirs = peer.predict_proba(x[test])[:, 1]
            seconds[1].append(time.perf_counter() - began)
            seconds[0].append(result["seconds"])
            areas[0].append(roc_auc_score(y[test], [result["predictions"][key] for key in fold]))
            areas[1].append(roc_auc_score(y[test], theirs))
        means.append(np.mean(areas[0][-10:]))
    compare("tabular_attrition_auc", "", np.mean(areas[0]), "LogisticRegression", np.mean(areas[1]))
    low, high = interval(np.array(areas[0]) - np.array(areas[1]), np.random.default_rng(0))
    print(f"attrition: AUC less the peer's over folds [{low:+.4f}, {high:+.4f}], seeds {min(means):.4f} to {max(means):.4f}")
    ours, theirs = (statistics.median(side) for side in seconds)
    compare("tabular_attrition_fit", "s", ours, "LogisticRegression", theirs)


def duration(rows, kept):
    test = rows[kept:]
    y = np.array([math.log(float(row["HoursActual"]) / float(row["HoursEstimate"])) for row in test])
    estimate, means = np.abs(y), []
    for seed in SEEDS:
        result = refit("duration", "software-tasks.csv", [[row["TaskNumber"] for row in test]], seed)[0]
        losses = np.array([result["losses"][row["TaskNumber"]] for row in test])
        means.append(losses.mean())
        low, high = interval(losses - estimate, np.random.default_rng(0))
        print(f"seed {seed}: duration {losses.mean():.4f}, less the estimate's [{low:+.4f}, {high:+.4f}], {result['seconds']:.2f} s")
    compare("tabular_duration_abs_log_error", "", np.mean(means), "estimate", estimate.mean())


def risk(rows, kept):
    late = np.array([float(row["HoursActual"]) > 1.25 * float(row["HoursEstimate"]) for row in rows])
    columns = [[math.nan if row[n] in ("NA", "") else float(row[n]) for row in rows] for n in ("HoursEstimate", "Priority")]
    for name in CATEGORIES:
        place = {value: i for i, value in enumerate(sorted({row[name] for row in rows[:kept]}))}
        columns.append([place.get(row[name], math.nan) for row in rows])
    x, y, keys = np.array(columns).T, late[kept:], [row["TaskNumber"] for row in rows[kept:]]

    def boosting(train, **settings):
        peer = HistGradientBoostingClassifier(categorical_features=list(range(2, len(columns))), **settings)
        return peer.fit(x[train], late[train]).predict_proba(x[kept:])[:, 1]

    rng, areas, seconds = np.random.default_rng(0), [], []
    began = time.perf_counter()
    theirs = boosting(np.arange(kept))
    spent = time.perf_counter() - began
    for seed in SEEDS:
        result = refit("risk", "software-tasks.csv", [keys], seed)[0]
        ours = np.array([result["predictions"][key] for key in keys])
        areas.append(roc_auc_score(y, ours))
        seconds.append(result["seconds"])
        print(f"seed {seed}: risk AUC {areas[-1]:.4f}, less the peer's {area_difference(y, ours, theirs, rng)}", flush=True)
    compare("tabular_risk_auc", "", np.mean(areas), "HistGradientBoosting", roc_auc_score(y, theirs))
    compare("tabular_risk_fit", "s", statistics.median(seconds), "HistGradientBoosting", spent)
    # What the sample can show at all: the peer against itself, trained on a random nine tenths of the same rows.
    for seed in SEEDS:
        part = np.sort(np.random.default_rng(seed).permutation(kept)[: round(0.9 * kept)])
        print(f"seed {seed}: the peer on nine tenths of its rows, less itself {area_difference(y, boosting(part), theirs, rng)}", flush=True)


def main():
    attrition()
    rows = sorted(table("software-tasks.csv", "TaskNumber"), key=lambda row: int(row["TaskNumber"]))
    kept = len(rows) - round(0.2 * len(rows))
    duration(rows, kept)
    risk(rows, kept)


if __name__ == "__main__":
    main()
