"""What the benchmarks of the families share: where the rows lie, processes of one thread, lines to report."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from provision import ROOT, provision  # noqa: E402, F401


def rows(family, variable, kind, name):
    """The file of this name in the folder the variable names, else in ../shared/data; None, and a line that says so."""
    folders = [os.environ.get(variable), ROOT.parent / "shared" / "data" / kind]
    found = [pathlib.Path(folder) / name for folder in folders if folder]
    file = next((file for file in found if file.is_file()), None)
    if file is None:
        print(f"bench: {family} skipped: no {name} in ../shared/data/{kind} or {variable}")
    return file


def environment(site):
    """Of a process that computes on one thread, with the packages of a peer."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LD_LIBRARY_PATH")}
    return kept | {"PYTHONPATH": str(site), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def compare(name, unit, ours, peer, theirs, digits=4, note=""):
    """A `bench:` line with Refit's figure first."""
    line = f"bench: {name} {ours:.{digits}f} {unit}, {peer} {theirs:.{digits}f} {unit}, ratio {ours / theirs:.3f}{note}"
    print(line, flush=True)
