# Pages that are made from the source.
setup() {
    root=$BATS_TEST_DIRNAME/../..
}

@test "docs/data-protection.md is what the schema's comments say" {
    sh "$root/docs/data-protection.sh" | diff "$root/docs/data-protection.md" -
}

@test "docs/data-protection.md has every table, each with its term" {
    tables=$(cat "$root"/core/sql/*/*.sql | sed -n 's/^CREATE TABLE \([a-z_]*\).*/\1/p' | sort)
    [ "$(sed -n 's/^### //p' "$root/docs/data-protection.md" | sort)" = "$tables" ]
    [ "$(grep -c '^Kept: [a-z]' "$root/docs/data-protection.md")" -eq "$(echo "$tables" | wc -l)" ]
}

@test "docs/data-protection.md has every column that the databases have" {
    /usr/bin/python3 - "$root" <<'EOF'
import glob, re, sqlite3, sys
told, table, seen = {}, None, 0
for line in open(sys.argv[1] + "/docs/data-protection.md", encoding="utf-8"):
    table = line[4:].strip() if line.startswith("### ") else table
    column = re.match(r"\| `([a-z0-9_]+)` \| (.*) \|$", line)
    if column and table:
        told.setdefault(table, []).append(column[1])
for folder in glob.glob(sys.argv[1] + "/core/sql/*"):
    db = sqlite3.connect(":memory:")
    for path in sorted(glob.glob(folder + "/*.sql")):
        db.executescript(open(path, encoding="utf-8").read())
    for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
        assert sorted(told.get(name, [])) == sorted(columns), (name, set(columns) ^ set(told.get(name, [])))
        seen += len(columns)
assert seen > 100, seen
EOF
}
