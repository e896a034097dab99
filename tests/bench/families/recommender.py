"""`make bench-families`, recommender: Refit and scikit-surprise on the same ratings and folds, in turn, one thread each.

MovieLens 100k comes from REFIT_RATINGS or ../shared/data/ratings; the million ratings are generated with seed 1.
Prints the runs, and `bench:` lines with Refit's figure first. Intervals are paired cluster bootstraps over users.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import bench
from bench import HERE, ROOT, provision

SITE = ROOT / ".bench" / "surprise"
EXAMPLE = ROOT / "target" / "release" / "examples" / "bench_recommender"
FOLDS_SEED, MILLION_SEED, DRAWS = 1, 1, 2000
TUNED = {"n_factors": 100, "n_epochs": 80, "reg_all": 0.1}


def run(*command):
    """The JSON lines a command prints, and its peak memory in MiB."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, env=bench.environment(SITE))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"bench: failed: {command[0]}")
        output.seek(0)
        return [json.loads(line) for line in output], usage.ru_maxrss / 1024


def compare(name, unit, ours, theirs, digits=4, note=""):
    bench.compare(name, unit, ours, "Surprise", theirs, digits, note)


# What the peer runs, in a process of its own.


def load(file):
    from surprise import Dataset, Reader

    return Dataset.load_from_file(file, Reader(line_format="user item rating timestamp", sep="\t"))


def peer_speed(file):
    import time

    from surprise import SVD

    rows = load(file).build_full_trainset()
    began = time.perf_counter()
    SVD(random_state=0).fit(rows)
    print(json.dumps({"rows": rows.n_ratings, "fit": time.perf_counter() - began}))


def peer_folds(file, folds, out):
    """Writes the peer's own folds, and `fold row prediction` of both settings to OUT.default and OUT.tuned."""
    from surprise import SVD
    from surprise.model_selection import KFold

    data = load(file)
    row_of = {(user, item): row for row, (user, item, _, _) in enumerate(data.raw_ratings)}
    written = []
    splits = list(KFold(5, random_state=FOLDS_SEED).split(data))
    for train, test in splits:
        inner = lambda u, i: row_of[train.to_raw_uid(u), train.to_raw_iid(i)]  # noqa: B023, E731
        tested = [row_of[user, item] for user, item, _ in test]
        held = set(tested)
        users = [inner(u, i) for u, i, _ in train.all_ratings()]
        assert held.isdisjoint(users) and len(users) + len(held) == len(row_of)
        written += [" ".join(map(str, users)), " ".join(map(str, tested))]
    pathlib.Path(folds).write_text("\n".join(written) + "\n")
    for name, settings in (("default", {}), ("tuned", TUNED)):
        with open(f"{out}.{name}", "w") as lines:
            for fold, (train, test) in enumerate(splits):
                for answer in SVD(random_state=0, **settings).fit(train).test(test):
                    print(fold, row_of[answer.uid, answer.iid], answer.est, file=lines)


def generate(file):
    """A million ratings: 6,000 users, 4,000 items, popularity by rank, tastes of rank 10, ratings 1 to 5."""
    import numpy as np

    draw = np.random.default_rng(MILLION_SEED)
    users, items, wanted = 6000, 4000, 1_000_000
    weights = (np.arange(items) + 20.0) ** -0.8
    pairs = np.empty(0, dtype=np.int64)
    while len(pairs) < wanted:
        more = draw.integers(0, users, wanted) * items + draw.choice(items, wanted, p=weights / weights.sum())
        pairs = np.unique(np.concatenate([pairs, more]))
    pairs = draw.permutation(pairs)[:wanted]
    user, item = pairs // items, pairs % items
    p, q = draw.normal(0, 0.4, (users, 10)), draw.normal(0, 0.4, (items, 10))
    value = 3.5 + draw.normal(0, 0.4, users)[user] + draw.normal(0, 0.5, items)[item] + (p[user] * q[item]).sum(1)
    value = np.clip(np.rint(value + draw.normal(0, 0.8, wanted)), 1, 5).astype(int)
    with open(file, "w") as lines:
        lines.writelines(f"u{a}\ti{b}\t{c}\t{d}\n" for d, (a, b, c) in enumerate(zip(user.tolist(), item.tolist(), value.tolist())))


# What compares.


def interval(users, differences):
    """95 % of the mean of `differences`, users drawn with replacement."""
    import numpy as np

    _, cluster = np.unique(users, return_inverse=True)
    sums, counts = np.bincount(cluster, differences), np.bincount(cluster)
    drawn = np.random.default_rng(0).integers(0, len(sums), (DRAWS, len(sums)))
    return np.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), [0.025, 0.975])


def quality(file, folder):
    import numpy as np

    folds, out = folder / "folds", folder / "out"
    run(sys.executable, __file__, "folds", file, folds, out)
    lines, _ = run(EXAMPLE, "folds", file, folds, out)
    for line in lines:
        print(json.dumps(line), flush=True)
    value = np.loadtxt(file, usecols=2)
    user = np.loadtxt(file, usecols=0, dtype=int)
    def errors(name, column):
        table = np.loadtxt(f"{out}.{name}")
        error = np.empty(len(value))
        error[table[:, 1].astype(int)] = table[:, column] - value[table[:, 1].astype(int)]
        return error
    ours = {name: errors(name, 3) for name in ("svd", "implicit")}
    peer = {name: errors(name, 2) for name in ("default", "tuned")}
    rmse, mae = lambda e: float(np.sqrt(np.mean(e**2))), lambda e: float(np.mean(np.abs(e)))  # noqa: E731
    for name, (a, b) in {"svd": ("svd", "default"), "default_against_default": ("implicit", "default"), "default_against_tuned": ("implicit", "tuned")}.items():
        low, high = interval(user, ours[a] ** 2 - peer[b] ** 2)
        note = f", difference of RMSE {rmse(ours[a]) - rmse(peer[b]):+.4f}, of squared error 95 % [{low:+.4f}, {high:+.4f}]"
        compare(f"recommender_rmse_{name}", "stars", rmse(ours[a]), rmse(peer[b]), note=note)
        compare(f"recommender_mae_{name}", "stars", mae(ours[a]), mae(peer[b]))
    lines, _ = run(EXAMPLE, "seeds", file, folds)
    figures = [line["figures"]["rmse"] for line in lines]
    print(f"bench: recommender_rmse_seeds {statistics.mean(figures):.4f} stars, spread {max(figures) - min(figures):.4f} over {len(figures)} seeds", flush=True)


def speed(name, file, runs):
    ours, theirs, memory = [], [], ([], [])
    for turn in range(runs):
        (line,), own = run(EXAMPLE, "speed", file)
        (other,), peers = run(sys.executable, __file__, "speed", file)
        ours.append(line["fit"]), theirs.append(other["fit"]), memory[0].append(own), memory[1].append(peers)
        print(f"run {turn + 1}: {name} Refit {line['fit']:.3f} s {own:.0f} MiB, Surprise {other['fit']:.3f} s {peers:.0f} MiB", flush=True)
    compare(f"recommender_fit_{name}", "s", statistics.median(ours), statistics.median(theirs), digits=3)
    compare(f"recommender_memory_{name}", "MiB", statistics.median(memory[0]), statistics.median(memory[1]), digits=1)


def in_time(file):
    import numpy as np

    lines, _ = run(EXAMPLE, "forward", file)
    for line in lines:
        if "lists" in line:
            for group in (None, "many", "few", "none"):
                lists = [l for l in line["lists"] if group in (None, l["group"])]
                if not lists:
                    continue
                of = lambda figure: np.array([l[figure] for l in lists])  # noqa: E731
                low, high = interval(np.array([l["user"] for l in lists]), of("ndcg") - of("popular_ndcg"))
                print(f"bench: recommender_ndcg_given_{line['given']}_{group or 'all'} {of('ndcg').mean():.4f}, popularity {of('popular_ndcg').mean():.4f}, "
                      f"difference 95 % [{low:+.4f}, {high:+.4f}], recall {of('recall').mean():.4f} and {of('popular_recall').mean():.4f}, {len(lists)} users")
        else:
            print(json.dumps(line), flush=True)


def main():
    file = bench.rows("recommender", "REFIT_RATINGS", "ratings", "ml-100k.tsv")
    if file is None:
        return
    provision("scikit-surprise", SITE, HERE / "recommender.txt")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        eighty, million = folder / "80000.tsv", folder / "million.tsv"
        eighty.write_text("".join(file.open().readlines()[:80_000]))
        run(sys.executable, __file__, "generate", million)
        speed("80000", eighty, 5)
        speed("1000000", million, 3)
        quality(file, folder)
    in_time(file)


if __name__ == "__main__":
    sys.path.insert(0, str(SITE))
    parts = {"speed": peer_speed, "folds": peer_folds, "generate": generate}
    parts[sys.argv[1]](*sys.argv[2:]) if len(sys.argv) > 1 else main()
