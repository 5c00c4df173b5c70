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

@test "P5: years are compared over all 26 months, though no case is older than a year" {
    sums=$trends/countries_sums.csv
    for period in 2025-01/2025-12 2025-02/2026-01 2025-03/2026-02; do
        /usr/bin/python3 - "$sums" "$trends/../tables/countries.csv" "$period" <<'PY'
import csv, sys
sums, table, period = sys.argv[1:]
first, last = period.split("/")
total = lambda row: all(v == "(total)" for k, v in row.items() if k in ("country", "region", "brand", "channel"))
months = {r["month"]: int(r["cases"]) for r in csv.DictReader(open(table)) if total(r)}
year = lambda back: sum(n for m, n in months.items() if f"{int(first[:4]) - back}{first[4:]}" <= m <= f"{int(last[:4]) - back}{last[4:]}")
(row,) = [r for r in csv.DictReader(open(sums)) if r["period"] == period and r["figure"] == "cases" and total(r)]
assert len(months) == 26 and (float(row["sum"]), float(row["sum_before"])) == (year(0), year(1)), (row, year(0), year(1))
PY
    done
    /usr/bin/python3 - "$BATS_FILE_TMPDIR/demo/state/cases.db" <<'PY'
import datetime, sqlite3, sys
oldest, = sqlite3.connect(sys.argv[1]).execute("SELECT min(closed_day) FROM case_cases WHERE held = 0").fetchone()
assert datetime.date(1970, 1, 1) + datetime.timedelta(oldest) >= datetime.date(2025, 2, 3), oldest
PY
}
