#!/bin/sh
# Compares with other programs what they also compute. Speaks TAP; skips loudly what is not installed.
set -u
build=${1:-build/release}
/usr/bin/python3 tests/peers/bounces.py "$build/peers/bounce" || failed=1
if ! command -v Rscript >/dev/null; then
    echo "ok 1 - statistics against R # skip R is not installed: nothing was compared"
    exit "${failed:-0}"
fi
Rscript --vanilla tests/peers/statistics.R "$build/peers/method" || failed=1
Rscript --vanilla tests/peers/derived.R "$build/fallzahl" || failed=1
exit "${failed:-0}"
