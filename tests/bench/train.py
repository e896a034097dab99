"""`make bench-train`: the same forecasters trained by Refit and by a plain PyTorch script, in turn.

Two processes on each side, one thread each, half of the tickers per process. Prices come from ../shared/data/prices,
REFIT_PRICES, or the ones shipped for the demo. PyTorch is installed once into .bench/ (from PyPI's index or the one pip is
configured for). Prints one line a run, the quality of both sides, and `bench:` lines with Refit's figure first.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from provision import ROOT, provision

SITE = ROOT / ".bench" / "site"
PINS = ROOT / "tests" / "bench" / "torch.txt"
PEER = ROOT / "tests" / "bench" / "train_torch.py"
RELEASE = ROOT / "target" / "release"
TICKERS, EPOCHS, PROCESSES, RUNS = 20, 5, 2, 3


def prices():
    """The folder with the prices, and the tickers with a full history, at most 20."""
    folders = [os.environ.get("REFIT_PRICES"), ROOT.parent / "shared" / "data" / "prices", ROOT / "deploy" / "demo" / "prices"]
    folder = next(pathlib.Path(f) for f in folders if f and pathlib.Path(f).is_dir())
    lengths = {file.stem: sum(1 for _ in file.open()) for file in sorted(folder.glob("*.csv"))}
    full = [ticker for ticker, length in lengths.items() if length == max(lengths.values())]
    return folder, full[:TICKERS]


def environment():
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LD_LIBRARY_PATH")}
    return kept | {"PYTHONPATH": str(SITE), "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def run(commands):
    """Runs the commands at the same time: wall seconds of all, the longest work without start-up, figures per ticker."""
    began = time.perf_counter()
    started = [subprocess.Popen(c, stdout=subprocess.PIPE, text=True, env=environment()) for c in commands]
    outputs = [process.communicate()[0] for process in started]
    wall = time.perf_counter() - began
    if any(process.returncode != 0 for process in started):
        sys.exit(f"bench: failed: {commands[0][0]}")
    lines = [json.loads(line) for output in outputs for line in output.splitlines()]
    return wall, max(line["work"] for line in lines if "work" in line), {l["ticker"]: l for l in lines if "ticker" in l}


def refit(folder, tickers, out):
    return [[RELEASE / "examples" / "bench_train", folder, out, str(EPOCHS), *part] for part in parts(tickers)]


def pytorch(folder, tickers, out):
    return [[sys.executable, PEER, folder, *part, "--out", out, "--epochs", str(EPOCHS)] for part in parts(tickers)]


def parts(tickers):
    return [tickers[start::PROCESSES] for start in range(PROCESSES)]


def anonymous_memory(pid):
    """Anonymous memory of a process in MiB: what it alone costs, files mapped by many not counted."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) / 1024
    sys.exit("bench: this kernel does not tell anonymous memory")


def start_and_memory(command):
    """Seconds from spawn to the first bytes on standard output, and anonymous memory then; ends the process."""
    began = time.perf_counter()
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment())
    if not process.stdout.read1(64):
        sys.exit(f"bench: said nothing: {command[0]}")
    seconds = time.perf_counter() - began
    memory = anonymous_memory(process.pid)
    process.kill()
    process.wait()
    return seconds, memory


def compare(name, unit, ours, theirs, digits=2):
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print(f"bench: {name} {ours:.{digits}f} {unit}, PyTorch {theirs:.{digits}f} {unit}, ratio {ours / theirs:.2f}", flush=True)


def train(folder, tickers):
    sides = {"Refit": refit, "PyTorch": pytorch}
    walls, works, quality = ({side: [] for side in sides} for _ in range(3))
    for turn in range(RUNS):
        for side, commands in sides.items():
            with tempfile.TemporaryDirectory() as out:
                wall, work, figures = run(commands(folder, tickers, out))
            walls[side].append(wall)
            works[side].append(work)
            quality[side] = figures
            print(f"run {turn + 1}: {side} {wall:.2f} s, without start-up {work:.2f} s", flush=True)
    print(f"{'ticker':8} {'Refit loss':>11} {'CRPS':>9} {'PyTorch loss':>13} {'CRPS':>9}")
    for ticker in tickers:
        ours, theirs = quality["Refit"][ticker], quality["PyTorch"][ticker]
        print(f"{ticker:8} {ours['loss']:11.4f} {ours['crps']:9.6f} {theirs['loss']:13.4f} {theirs['crps']:9.6f}")
    compare("train_wall", "s", walls["Refit"], walls["PyTorch"])
    compare("train_without_start_up", "s", works["Refit"], works["PyTorch"])
    for figure in ("loss", "crps"):
        of = lambda side: [statistics.mean(line[figure] for line in quality[side].values())]  # noqa: E731
        compare(f"train_{figure}", "nats" if figure == "loss" else "log-return", of("Refit"), of("PyTorch"), digits=6)


def start():
    peer = [sys.executable, "-c", "import torch, time; print('ready', flush=True); time.sleep(600)"]
    pairs = [(start_and_memory([RELEASE / "refit-worker", "executor"]), start_and_memory(peer)) for _ in range(1 + 2 * RUNS)]
    pairs = pairs[1:]  # the first reads the files from disk
    ours, theirs = zip(*pairs)
    compare("executor_start", "s", [s for s, _ in ours], [s for s, _ in theirs], digits=3)
    compare("executor_memory", "MiB", [m for _, m in ours], [m for _, m in theirs], digits=1)


def main():
    provision("PyTorch, 2.5 GB,", SITE, PINS)
    folder, tickers = prices()
    print(f"{len(tickers)} tickers, {EPOCHS} epochs, {PROCESSES} processes of one thread, {os.cpu_count()} CPUs; medians of {RUNS} runs")
    train(folder, tickers)
    start()


if __name__ == "__main__":
    main()
