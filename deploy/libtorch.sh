#!/usr/bin/env bash
# Provisions LibTorch into .libtorch/ of this checkout, once. Set LIBTORCH to use one of your own (with CUDA, say).
#
# The wheel is asked for by platform tag, not by the running Python, so any python3 with pip will do.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
pins=$root/deploy/libtorch.txt
dest=$root/.libtorch
stamp=$dest/pins.sha256

want=$(sha256sum <"$pins")
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && [ -e "$dest/torch/lib/libtorch_cpu.so" ]; then
    exit 0
fi
[ "$(uname -sm)" = "Linux x86_64" ] || {
    echo "libtorch: only Linux on x86_64 is pinned; set LIBTORCH to your own LibTorch 2.13 and build again" >&2
    exit 1
}
python3 -m pip --version >/dev/null 2>&1 || {
    echo "libtorch: python3 with pip is needed to download LibTorch (Debian: apt install python3-pip)" >&2
    exit 1
}

echo "libtorch: downloading LibTorch 2.13.0 (0.5 GB, once)" >&2
tmp=$(mktemp -d "$root/.libtorch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --no-cache-dir \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --abi none \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux_2_17_x86_64 \
    --platform manylinux2014_x86_64 --dest "$tmp/wheels" -r "$pins"; then
    echo "libtorch: the download failed. Is the package index reachable? A proxy or mirror is set with pip's own" >&2
    echo "libtorch: settings; without any network, set LIBTORCH to a LibTorch 2.13 that is already on this machine." >&2
    exit 1
fi
for wheel in "$tmp"/wheels/*.whl; do
    python3 -m zipfile -e "$wheel" "$tmp/site"
done
# Only the CPU library and its headers are used; the rest would be 1 GB of dead weight.
lib=$tmp/site/torch/lib
rm -rf "$lib"/libtorch_cuda* "$lib"/libc10_cuda* "$lib"/libtorch_nvshmem* "$lib"/libcaffe2_nvrtc* "$lib"/libtorch_python* "$lib"/libshm*
ln -sf libtorch_cpu.so "$lib/libtorch.so"
find "$tmp/site/torch" -mindepth 1 -maxdepth 1 ! -name lib ! -name include ! -name share ! -name version.py -exec rm -rf {} +
rm -rf "$dest"
mkdir "$dest"
mv "$tmp/site/torch" "$tmp/site/nvidia" "$dest"/
echo "$want" >"$stamp"
echo "libtorch: ready in .libtorch ($(du -sh "$dest" | cut -f1))" >&2
