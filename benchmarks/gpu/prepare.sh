#!/usr/bin/env bash
# Makes .gpu/: the packages that a GPU machine without a network needs beside the checkout. Run it on a machine with a network
# and Python 3.11 or later.
#
#   bash benchmarks/gpu/prepare.sh              packages, PyAV and the ffmpeg that a bare FastVideo saves with
#   bash benchmarks/gpu/prepare.sh --no-ffmpeg  20 MiB less: bare FastVideo is then timed without its saving
set -euo pipefail

kit=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(git rev-parse --show-toplevel)
cd "$root"
ffmpeg=1
[ "${1:-}" = "--no-ffmpeg" ] && ffmpeg=0

mkdir -p .gpu

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
platforms=()
for name in manylinux_2_35 manylinux_2_34 manylinux_2_28 manylinux_2_27 manylinux_2_24 manylinux_2_17 manylinux2014 manylinux1; do
  platforms+=(--platform "${name}_x86_64")
done

unpacked() { # FILE FOLDER: the packages of a requirements file, as they are on Python 3.12 for x86-64 Linux
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --only-binary=:all: \
    --python-version 3.12 --implementation cp "${platforms[@]}" --target "$2" -r "$1"
}

# What is packed depends on the lists alone.
stamp=$(cat "$kit/wheels.txt" "$kit/wheels-media.txt" "$kit/wheels-ffmpeg.txt" "$root/pyproject.toml" | sha256sum | cut -c1-16)-$ffmpeg
if [ "$(cat .gpu/stamp 2>/dev/null || true)" != "$stamp" ]; then
  rm -f .gpu/*.tar.xz .gpu/stamp
  unpacked "$kit/wheels.txt" "$made/site"
  python3 "$kit/pack.py" metadata "$root/pyproject.toml" "$made/site"
  unpacked "$kit/wheels-media.txt" "$made/media"
  python3 "$kit/pack.py" archive "$made/site" .gpu/site.tar.xz &
  python3 "$kit/pack.py" archive "$made/media" .gpu/media.tar.xz &
  wait %1 && wait %2
  if [ $ffmpeg = 1 ]; then
    unpacked "$kit/wheels-ffmpeg.txt" "$made/ffmpeg"
    python3 "$kit/pack.py" archive "$made/ffmpeg" .gpu/ffmpeg.tar.xz
  fi
  echo "$stamp" >.gpu/stamp
fi

travels=$(git ls-files -z --cached --others --exclude-standard | xargs -0 du -cb --files0-from=- 2>/dev/null | tail -1 | cut -f1 || true)
[ -n "$travels" ] || travels=$(git ls-files -z --cached --others --exclude-standard | xargs -0 stat -c %s | awk '{s += $1} END {print s}')
carried=$(du -sb .gpu | cut -f1)
awk -v tree="$travels" -v gpu="$carried" 'BEGIN {
  printf "checkout %.1f MiB + .gpu %.1f MiB = %.1f MiB\n", tree / 1048576, gpu / 1048576, (tree + gpu) / 1048576
}'
