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
