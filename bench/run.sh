#!/bin/sh
# Ours against DuckDB on the same job and machine, in turn (A B A B ...): medians, and medians of the ratios. bench/README.md
# says what is done. Usage: run.sh BUILD; ROWS, ROUNDS and THREADS from the environment.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$(pwd)
rows=${ROWS:-1000000}
rounds=${ROUNDS:-3}
threads=${THREADS:-$(nproc)}
bench=$root/$build/bench
work=$bench/work
mkdir -p "$work"

# The peer's library: DUCKDB_LIB, or what npm packs, or none.
library=${DUCKDB_LIB:-$bench/peer/libduckdb.so}
if [ ! -e "$library" ] && command -v npm >/dev/null; then
    mkdir -p "$bench/peer"
    (cd "$bench/peer" && npm pack --silent @duckdb/node-bindings-linux-x64 >/dev/null &&
        tar xzf ./*.tgz && find package -name 'libduckdb.so*' -exec cp {} libduckdb.so \;) || true
fi
[ -e "$library" ] || { library=; echo "no DuckDB library: our figures alone"; }

input=$work/cases-$rows.csv
[ -e "$input" ] || { "$bench/gen" "$rows" 42 "$input.part" && mv "$input.part" "$input"; }

ours_ingest() {
    rm -rf "$work/ours"
    mkdir -p "$work/ours"
    cp "$here/fallzahl.yaml" "$work/ours/"
    "$root/$build/fallzahl" init "$work/ours" --test --quiet >/dev/null
    "$bench/measure" "$root/$build/fallzahl" -C "$work/ours" ingest --keep --quiet --as-of 2026-01-05 "$input"
}
peer_ingest() {
    rm -f "$work/peer.duckdb"
    "$bench/measure" "$bench/duck" "$library" "$work/peer.duckdb" "$threads" "$here/peer/ingest.sql" "$input" -
}
ours_aggregate() { "$bench/measure" "$bench/cube" "$work/ours/state/cases.db" "$threads" none; }
peer_aggregate() {
    "$bench/measure" "$bench/duck" "$library" "$work/peer.duckdb" "$threads" "$here/peer/aggregate.sql" - "$work/out.csv"
}
ours_cubed() { "$bench/measure" "$bench/cube" "$work/ours/state/cases.db" "$threads" all; }
peer_cubed() {
    "$bench/measure" "$bench/duck" "$library" "$work/peer.duckdb" "$threads" "$here/peer/cubed.sql" - "$work/out.csv"
}

# median COLUMN FILE
median() { cut -d' ' -f"$1" "$2" | sort -g | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

report() {
    printf '%-10s ours  %8.2f s  %8.2f s CPU  %6.0f MiB\n' "$1" "$(median 1 "$work/$1.ours")" "$(median 2 "$work/$1.ours")" \
        "$(median 3 "$work/$1.ours")"
    [ -n "$library" ] || return 0
    paste -d' ' "$work/$1.ours" "$work/$1.peer" | awk '{ print $1 / $4, $2 / $5, $3 / $6 }' > "$work/$1.ratio"
    printf '%-10s peer  %8.2f s  %8.2f s CPU  %6.0f MiB\n' "" "$(median 1 "$work/$1.peer")" "$(median 2 "$work/$1.peer")" \
        "$(median 3 "$work/$1.peer")"
    printf '%-10s ratio %8.2f    %8.2f        %6.2f\n' "" "$(median 1 "$work/$1.ratio")" "$(median 2 "$work/$1.ratio")" \
        "$(median 3 "$work/$1.ratio")"
}

# The same cells on both sides, or the times mean nothing.
compare_cells() {
    "$bench/duck" "$library" "$work/peer.duckdb" "$threads" "$here/peer/$2.sql" - "$work/out.csv"
    ours=$("$bench/cube" "$work/ours/state/cases.db" "$threads" "$1")
    peer=$(($(wc -l < "$work/out.csv") - 1))
    [ "$ours" -eq "$peer" ] || { echo "bench: $ours cells of ours, $peer of the peer" >&2; exit 1; }
    echo "$2: $ours cells"
}

echo "$rows rows, $threads threads, $rounds rounds"
rm -f "$work"/*.ours "$work"/*.peer
round=1
while [ "$round" -le "$rounds" ]; do
    for job in ingest aggregate cubed; do
        "ours_$job" >> "$work/$job.ours"
        [ -z "$library" ] || "peer_$job" >> "$work/$job.peer"
    done
    round=$((round + 1))
done
[ -z "$library" ] || { compare_cells none aggregate; compare_cells all cubed; }
for job in ingest aggregate cubed; do
    report "$job"
done
