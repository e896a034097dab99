"""`make bench-families`, tabular: who leaves, how long tasks take and which overrun, by Refit and by scikit-learn.

Attrition: repeated stratified ten-fold, the contestant chosen inside each fold, against logistic regression. Duration and risk: the
last 20 % of the tasks in time, against the estimate and against histogram gradient boosting. Same rows, same columns, same splits, in
turn, one thread a side. Tables come from ../shared/data/tabular or REFIT_TABLES. Prints `bench:` lines with Refit's figure first.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from provision import ROOT, provision  # noqa: E402

SITE = ROOT / ".bench" / "sklearn"
EXAMPLE = ROOT / "target" / "release" / "examples" / "bench_tabular"
PEER = HERE / "tabular_sklearn.py"


def tables():
    folders = [os.environ.get("REFIT_TABLES"), ROOT.parent / "shared" / "data" / "tabular"]
    found = [pathlib.Path(folder) for folder in folders if folder]
    return next((folder for folder in found if (folder / "attrition.csv").is_file()), None)


def main():
    folder = tables()
    if folder is None:
        print("bench: tabular skipped: no attrition.csv in ../shared/data/tabular or REFIT_TABLES")
        return
    provision("scikit-learn", SITE, HERE / "text.txt")
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LD_LIBRARY_PATH")}
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, PEER, EXAMPLE, folder, scratch]
        done = subprocess.run([str(part) for part in command], env=kept | one | {"PYTHONPATH": str(SITE)})
    if done.returncode != 0:
        sys.exit("bench: failed: tabular")


if __name__ == "__main__":
    main()
