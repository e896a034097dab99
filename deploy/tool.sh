#!/usr/bin/env bash
# tool.sh NAME ARGUMENTS…: runs a tool that checks the tree: the one on the PATH if it is of the version that is meant, else one that is fetched
# into .tools/NAME of this checkout, once. Without arguments it is only fetched, as a library for Python must be. What is fetched is pinned by
# its hashes in deploy/tools; the tools are repackagings of the official binaries.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
name=$1
shift
case $name in
mdbook) meant="mdbook v0.5." ;;
cargo-deny) meant="cargo-deny 0.2" ;;
safetensors) meant="" ;; # Python's own reader: tests check our weights with it
*)
    echo "tool.sh: there is no tool $name" >&2
    exit 2
    ;;
esac
own=$([ -z "$meant" ] || "$name" --version 2>/dev/null || true)
if [ -n "$meant" ] && [ "${own#"$meant"}" != "$own" ]; then exec "$name" "$@"; fi
pins=$root/deploy/tools/$name.txt
folder=$root/.tools/$name
stamp=$folder/pins.sha256
want=$(sha256sum <"$pins")
if ! [ -f "$stamp" ] || [ "$(cat "$stamp")" != "$want" ]; then
    instead=${meant:+"; or put \"$meant…\" of your own on the PATH"}
    [ "$(uname -sm)" = "Linux x86_64" ] || {
        echo "$name: only Linux on x86_64 is pinned$instead" >&2
        exit 1
    }
    rm -rf "$folder"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --root-user-action=ignore --target "$folder" -r "$pins" || {
        echo "$name: could not be fetched: see that the package index can be reached$instead" >&2
        exit 1
    }
    echo "$want" >"$stamp"
fi
[ $# -eq 0 ] || exec "$folder/bin/$name" "$@"
