# For tests of protection: a workspace `shop` in a scratch folder, with cases by month, brand (a, b, c) and channel (x, y, z) and one measure.

# make_shop MEASURE STATISTICS: the measure of the source, and what the table has of it. The caller writes shop/inbox/cases-2026-01.csv.
make_shop() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init --quiet shop --test
    cat "$BATS_TEST_DIRNAME/../shop.yaml" - > shop/fallzahl.yaml <<YAML
    opened_at: opened_at
    dimensions:
      month: {date: closed_at, as: month}
      brand: {column: brand, allow: [a, b, c]}
      channel: {column: channel, allow: [x, y, z]}
    measures:
      $1
tables:
  t:
    title: Made up
    period: month
    by: [brand, channel]
    measures: {$2}
YAML
}

publish_january() {
    : > shop/inbox/cases-2026-01.csv.ok
    "$fallzahl" -C shop run --quiet --as-of 2026-02-20
}
