#!/usr/bin/env bash
# mdbook.sh ARGUMENTS…: runs mdBook: the one on the PATH if it is of the version that the book is written for, else one that is fetched
# into .mdbook/ of this checkout, once.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
pins=$root/deploy/mdbook.txt
stamp=$root/.mdbook/pins.sha256
case $(mdbook --version 2>/dev/null || true) in
"mdbook v0.5."*) exec mdbook "$@" ;;
esac
want=$(sha256sum <"$pins")
if ! [ -f "$stamp" ] || [ "$(cat "$stamp")" != "$want" ]; then
    [ "$(uname -sm)" = "Linux x86_64" ] || {
        echo "mdbook: only Linux on x86_64 is pinned; put an mdBook 0.5 of your own on the PATH" >&2
        exit 1
    }
    rm -rf "$root/.mdbook"
    python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
        --root-user-action=ignore --target "$root/.mdbook" -r "$pins" || {
        echo "mdbook: could not fetch mdBook: is the package index reachable? An mdBook 0.5 on the PATH will do as well" >&2
        exit 1
    }
    echo "$want" >"$stamp"
fi
exec "$root/.mdbook/bin/mdbook" "$@"
