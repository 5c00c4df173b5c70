# All 26 nights of the demo: what is planted is found and dated, whatever else is.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    "$FALLZAHL" init --quiet demo --demo --test
    sh demo/run.sh >/dev/null 2>&1
}

setup() {
    findings=$BATS_FILE_TMPDIR/demo/published/latest/findings.csv
    trends=$BATS_FILE_TMPDIR/demo/published/latest/trends
}

# value of a column in the row of a trends file whose columns hold the texts: cell FILE COLUMN NAME TEXT...
cell() {
    /usr/bin/python3 - "$@" <<'PY'
import csv, sys
file, column, *pairs = sys.argv[1:]
wanted = dict(zip(pairs[::2], pairs[1::2]))
rows = [r for r in csv.DictReader(open(file)) if all(r[k] == v for k, v in wanted.items())]
print(rows[0][column] if len(rows) == 1 else "%d rows" % len(rows))
PY
}

@test "the trends: chat rises, phone falls" {
    grep -E '^[0-9]+,trend,.*The share of channel chat \(all\) rises' "$findings"
    grep -E '^[0-9]+,trend,.*The share of channel phone \(all\) falls' "$findings"
}

@test "the season: December is highest" {
    grep -E '^[0-9]+,season,.*The number of cases \(all\) has a yearly pattern: highest in December' "$findings"
}

@test "the break: delivery has a new level from March 2025 on" {
    grep -E '^[0-9]+,change,.*The number of cases \(category delivery\) has a new level from 2025-03 on' "$findings"
    [ "$(cell "$trends/categories.csv" change_point category delivery subcategory '(total)' channel '(total)' figure cases)" = 2025-03 ]
    [ "$(cell "$trends/categories.csv" shape category delivery subcategory '(total)' channel '(total)' figure cases)" = step ]
}

@test "no artefact is seen in the demo" {
    run grep -E '^[0-9]+,artefact' "$findings"
    [ "$status" -eq 1 ]
}
