"""`make bench-cost`: how far off the expected seconds of trainings are. Each training is expected by those before it alone.

One worker of one slot with nothing beside it; models of every family, with rows, lengths and sizes drawn at random, trained one after
the other. The first third of a family's trainings teach; of the rest the median error is printed, beside that of the plainest guess, the median
of the family's trainings so far. Rows are made up.
"""

import datetime
import math
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile

from installation import RELEASE, Refit, wait_for

MODELS, ROUNDS = 4, 9
DRAW = random.Random(7)


def prices(folder, name, bars):
    lines, close, day = ["date,open,high,low,close,adj_close,volume"], 100.0, 0
    date = datetime.date(1990, 1, 1)
    while day < bars:
        date += datetime.timedelta(days=1)
        if date.weekday() > 4:
            continue
        opened, close = close, close * math.exp(DRAW.gauss(0, 0.012))
        high, low = max(opened, close) * 1.002, min(opened, close) * 0.998
        lines.append(f"{date},{opened:.4f},{high:.4f},{low:.4f},{close:.4f},{close:.4f},{DRAW.randint(10**6, 10**7)}")
        day += 1
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder / f"{name}.csv"


def ratings(folder, name, rows):
    users, items = rows // 30, max(rows // 60, 50)
    taste = [DRAW.gauss(0, 1) for _ in range(users)], [DRAW.gauss(0, 1) for _ in range(items)]
    seen, lines = set(), ["user,item,rating,timestamp"]
    while len(lines) <= rows:
        user, item = DRAW.randrange(users), DRAW.randrange(items)
        if (user, item) in seen:
            continue
        seen.add((user, item))
        value = min(5, max(1, round(3 + taste[0][user] * taste[1][item] + DRAW.gauss(0, 0.7))))
        lines.append(f"u{user},i{item},{value},{1_000_000_000 + 3600 * len(lines)}")
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder / f"{name}.csv"


def texts(folder, name, rows):
    letters = "abcdefghijklmnopqrst"
    words = [letters[n // 400] + letters[n // 20 % 20] + letters[n % 20] for n in range(3000)]
    lines = ["id,text,label"]
    for number in range(rows):
        label = DRAW.random() < 0.3
        text = " ".join(DRAW.choice(words[: 1500 if label else 3000]) for _ in range(DRAW.randint(8, 30)))
        lines.append(f"c{number},{text},{int(label)}")
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder / f"{name}.csv"


def records(folder, name, rows):
    lines = ["id,age,income,city,tenure,left"]
    for number in range(rows):
        age, income, city, tenure = DRAW.randint(18, 70), DRAW.gauss(40, 10), DRAW.randrange(20), DRAW.random() * 10
        left = DRAW.random() < 1 / (1 + math.exp(0.4 * tenure - 1 + 0.05 * (city - 10)))
        lines.append(f"k{number},{age},{income:.2f},city{city},{tenure:.2f},{'yes' if left else 'no'}")
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder / f"{name}.csv"


class Fleet:
    def __init__(self, family, make, rows, draws, register):
        self.family, self.make, self.rows, self.draws, self.register = family, make, rows, draws, register


def log_between(low, high):
    return round(low * (high / low) ** DRAW.random())


FLEETS = [
    Fleet("forecaster", prices, (800, 6000), lambda: {"layers": DRAW.randint(1, 2), "hidden": log_between(16, 64), "window": log_between(20, 60), "epochs": log_between(4, 16)}, None),
    Fleet("recommender", ratings, (5_000, 40_000), lambda: {"n_factors": log_between(16, 64), "members": DRAW.randint(1, 4), "n_epochs": log_between(10, 40)}, []),
    Fleet("text", texts, (2_000, 12_000), lambda: {"words": DRAW.randint(1, 3), "chars_max": DRAW.randint(4, 6), "epochs": log_between(10, 40)}, []),
    Fleet("tabular", records, (2_000, 16_000), lambda: {"trees": log_between(40, 200), "leaves": log_between(4, 16), "epochs": log_between(5, 20)}, ["--predict", "left=yes"]),
]


def main():
    refit = Refit(embedded=True, worker=False, settings={"REFIT_LOG__LEVEL": "error"}.items())
    refit.start("refit-worker", "run", "--slots", "1")
    wait_for("the worker", lambda: refit.ask("GET", "/workers"))
    address = f"http://127.0.0.1:{refit.port}"

    def cli(*words):
        done = subprocess.run([RELEASE / "refit", "--api", address, *map(str, words)], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"bench: refit {' '.join(map(str, words))}: {done.stdout}{done.stderr}")

    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        models = []
        for fleet in FLEETS:
            for number in range(MODELS):
                name = f"b{fleet.family}{number}".upper() if fleet.register is None else f"b{fleet.family}{number}"
                file = fleet.make(scratch, name, log_between(*fleet.rows))
                if fleet.register is None:
                    cli("import", "prices", file)
                else:
                    key = {"recommender": ["--key", "user,item", "--time", "timestamp"], "text": ["--key", "id"], "tabular": ["--key", "id"]}[fleet.family]
                    cli("data", "import", name, file, *key)
                    cli("model", f"{fleet.family}/{name}", "--dataset", name, *fleet.register)
                models.append((fleet, f"{fleet.family}/{name}"))
        for _ in range(ROUNDS):
            for fleet, model in models:
                hyper = {name: str(value) for name, value in fleet.draws().items()}
                answer = refit.ask("POST", "/trainings", {"model": model, "mode": "complete", "force": True, "hyper": hyper})
                job = answer["items"][0]["job"]
                while (state := refit.ask("GET", f"/jobs/{job}?wait=30")["state"]) not in ("completed", "failed", "cancelled"):
                    pass
                if state != "completed":
                    sys.exit(f"bench: a training of {model} is {state}")
    database = next(pathlib.Path(refit.folder.name).rglob("*.db"), None) or next(pathlib.Path(refit.folder.name).rglob("*.sqlite*"))
    rows = sqlite3.connect(f"file:{database}?mode=ro", uri=True).execute("SELECT family, seconds, expected FROM training_costs ORDER BY id").fetchall()
    for fleet in FLEETS:
        own = [(seconds, expected) for family, seconds, expected in rows if family == fleet.family]
        taught = len(own) // 3
        off = [abs(expected / seconds - 1) for seconds, expected in own[taught:] if expected]
        plain = [abs(statistics.median(s for s, _ in own[:n]) / own[n][0] - 1) for n in range(taught, len(own))]
        seconds = sorted(seconds for seconds, _ in own)
        print(f"{fleet.family}: {len(own)} trainings of {seconds[0]:.2f} to {seconds[-1]:.2f} s, median {statistics.median(seconds):.2f} s")
        ours, theirs = 100 * statistics.median(off), 100 * statistics.median(plain)
        print(f"bench: cost_error_{fleet.family} {ours:.0f} %, median_so_far {theirs:.0f} %, ratio {ours / theirs:.2f}", flush=True)
    refit.stop()


if __name__ == "__main__":
    main()
