#!/usr/bin/env bash
# tool.sh mdbook|cargo-deny ARGUMENTS…: runs a tool that checks the tree: the one on the PATH if it is of the version that is meant, else one
# that is fetched into .tools/ of this checkout, once. What is fetched are repackagings of the official binaries, pinned by their hashes.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
tool=$1
shift
case $tool in
mdbook) meant="mdbook v0.5." ;;
cargo-deny) meant="cargo-deny 0.2" ;;
*)
    echo "tool.sh: there is no tool $tool" >&2
    exit 2
    ;;
esac
case $("$tool" --version 2>/dev/null || true) in
"$meant"*) exec "$tool" "$@" ;;
esac
pins=$root/deploy/tools/$tool.txt
folder=$root/.tools/$tool
stamp=$folder/pins.sha256
want=$(sha256sum <"$pins")
if ! [ -f "$stamp" ] || [ "$(cat "$stamp")" != "$want" ]; then
    [ "$(uname -sm)" = "Linux x86_64" ] || {
        echo "$tool: only Linux on x86_64 is pinned; put \"$meant…\" of your own on the PATH" >&2
        exit 1
    }
    rm -rf "$folder"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --root-user-action=ignore --target "$folder" -r "$pins" || {
        echo "$tool: could not be fetched: is the package index reachable? \"$meant…\" on the PATH will do as well" >&2
        exit 1
    }
    echo "$want" >"$stamp"
fi
exec "$folder/bin/$tool" "$@"
