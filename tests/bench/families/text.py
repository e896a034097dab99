"""`make bench-families`, text: toxicity of tweets by Refit and by scikit-learn, same rows, same splits, in turn.

Five stratified splits with near-duplicates on one side, made once by Refit's example and read by both. The peer trains on all
training rows of a split; Refit leaves every twentieth group of them to its calibration. Tweets come from ../shared/data/text or
REFIT_TEXTS. Prints `bench:` lines with Refit's figure first; differences of AUC come with DeLong's 95 % interval, pooled over the splits.
"""

import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import bench
from bench import HERE, ROOT, provision

SITE = ROOT / ".bench" / "sklearn"
EXAMPLE = ROOT / "target" / "release" / "examples" / "bench_text"
PEER = HERE / "text_sklearn.py"
FOLDS, SEEDS, COST = 5, (1, 2, 3), "8"


def run(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, env=bench.environment(SITE))
    if done.returncode != 0:
        sys.exit(f"bench: failed: {command[0]}")
    return done.stdout


def column(file, name):
    with open(file, newline="") as lines:
        return [row[name] for row in csv.DictReader(lines)]


def difference(folder, pairs):
    """The pooled difference of AUC; each pair is two columns of scores of the same rows, with their truth."""
    files = []
    for n, (truth, first, second) in enumerate(pairs):
        files.append(folder / f"pair{n}.csv")
        with open(files[-1], "w", newline="") as file:
            csv.writer(file).writerows([("toxic", "first", "second"), *zip(truth, first, second)])
    found = json.loads(run(EXAMPLE, "delong", *files))
    return f"{found['mean']:+.5f} [{found['low']:+.5f}, {found['high']:+.5f}]"


def compare(name, unit, ours, theirs, digits, against="scikit-learn"):
    bench.compare(name, unit, ours, against, theirs, digits)


def main():
    file = bench.rows("text", "REFIT_TEXTS", "text", "tweets.csv")
    if file is None:
        return
    provision("scikit-learn", SITE, HERE / "text.txt")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        splits = folder / "splits.csv"
        print(run(EXAMPLE, "split", file, splits).strip(), flush=True)
        ours, theirs = [], []
        for fold in range(FOLDS):
            theirs.append(json.loads(run(sys.executable, PEER, file, splits, fold, COST, folder / f"peer{fold}.csv")))
            for seed in SEEDS:
                line = json.loads(run(EXAMPLE, "train", file, splits, fold, seed, folder / f"refit{seed}{fold}.csv"))
                ours.append(line | {"fold": fold, "seed": seed})
            last = ours[-1]
            print(f"split {fold}: Refit {last['seconds']:.2f} s, update {last['update_seconds']:.3f} s, AUC {last['complete']['auc']:.4f};"
                  f" scikit-learn {theirs[-1]['seconds']:.2f} s, AUC {theirs[-1]['auc']:.4f}", flush=True)
        report(folder, ours, theirs)


def report(folder, ours, theirs):
    mean = lambda part, figure: statistics.mean(line[part][figure] for line in ours)  # noqa: E731
    peer = lambda figure: statistics.mean(line[figure] for line in theirs)  # noqa: E731
    median = lambda lines, figure: statistics.median(line[figure] for line in lines)  # noqa: E731
    compare("text_auc", "", mean("complete", "auc"), peer("auc"), 4)
    compare("text_f1_minority", "", mean("complete", "f1"), peer("f1"), 4)
    for seed in SEEDS:
        scores = [(folder / f"refit{seed}{fold}.csv", folder / f"peer{fold}.csv") for fold in range(FOLDS)]
        against = [(column(a, "toxic"), column(a, "complete"), column(b, "probability")) for a, b in scores]
        within = [(column(a, "toxic"), column(a, "incremental"), column(a, "complete")) for a, _ in scores]
        print(f"seed {seed}: AUC less scikit-learn's {difference(folder, against)},"
              f" incremental less complete {difference(folder, within)}", flush=True)
    compare("text_complete", "s", median(ours, "seconds"), median(theirs, "seconds"), 3)
    compare("text_incremental", "s", median(ours, "update_seconds"), median(ours, "seconds"), 4, "complete")
    compare("text_incremental_auc", "", mean("incremental", "auc"), mean("complete", "auc"), 4, "complete")
    for figure in ("log_loss", "pr_auc", "brier", "calibration_error"):
        print(f"text {figure}: {mean('complete', figure):.4f}, incremental {mean('incremental', figure):.4f}")


if __name__ == "__main__":
    main()
