#!/usr/bin/env bash
# Python's own safetensors reader, into .python/ of this checkout: tests check our weights with it.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
pins=$root/deploy/python.txt
stamp=$root/.python/pins.sha256
want=$(sha256sum <"$pins")
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && exit 0
rm -rf "$root/.python"
python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    --root-user-action=ignore --target "$root/.python" -r "$pins" || {
    echo "python: could not fetch safetensors: is the package index reachable?" >&2
    exit 1
}
echo "$want" >"$stamp"
