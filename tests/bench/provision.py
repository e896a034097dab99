"""Installs what a benchmark compares with, once, into a folder of its own below .bench/."""

import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def provision(what, site, pins):
    """Installs these pins for the running Python, unless they are there already."""
    stamp, wanted = site / "pins", pins.read_text() + sys.version
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"bench: installing {what} into .bench (once)", flush=True)
    shutil.rmtree(site, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-cache-dir", "--target", site, "-r", pins]
    if subprocess.run(pip).returncode != 0:
        sys.exit(f"bench: {what} could not be installed: is the package index reachable?")
    stamp.write_text(wanted)
