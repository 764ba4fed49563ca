#!/bin/sh
# Compile the hashed requirement files from pyproject.toml. They name packages, versions and hashes: never a registry.
# `make lock` keeps the versions already locked where they still fit; `make lock UPGRADE=1` takes the newest.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
[ -x "$uv" ] || uv=$(command -v uv) || { echo "lock: run make setup first (it brings uv)"; exit 1; }

compile() {
  out=$1; shift
  "$uv" pip compile pyproject.toml "$@" --output-file "$out" ${UPGRADE:+--upgrade} --quiet --universal \
    --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url
}
compile requirements/base.txt
compile requirements/dev.txt --group dev --constraints requirements/base.txt

if grep -nE '://|^ *-(-find-links|-index-url|-extra-index-url|f|i) ' requirements/base.txt requirements/dev.txt; then
  echo "lock: the lines above name a place; a lock may name packages only"; exit 1
fi
echo "lock: $(grep -c == requirements/base.txt) packages to run, $(grep -c == requirements/dev.txt) to develop"
