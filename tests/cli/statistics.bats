# What the documentation says of derived tables is what the program writes.

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    "$FALLZAHL" init shop --test >/dev/null
    cat > shop/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
protection: {k: 5}
sources:
  cases:
    files: "cases*.csv"
    expect: none
    personal_data: none
    case_id: id
    opened_at: opened
    closed_at: closed
    closed_when: {column: status, values: [closed]}
    person: none
    dimensions:
      month: {date: closed_at, as: month}
      brand: {column: brand}
      channel: {column: channel}
    measures:
      hoped: {column: hoped, score: [1, 5], share: [4, 5]}
      got: {column: got, score: [1, 5], share: [4, 5]}
tables:
  channels:
    period: month
    by: [brand, channel]
    measures: {hoped: [mean, sd], got: [mean, sd]}
    share_of: channel
    expectations: {advice: {expected: hoped, experienced: got}}
    denominators: {orders: {file: orders.csv}}
YAML
    /usr/bin/python3 - <<'PY'
import random
random.seed(7)
n = 0
with open("shop/inbox/cases.csv", "w") as out:
    print("id,opened,closed,status,brand,channel,hoped,got", file=out)
    for month in range(9):
        for _ in range(400):
            n += 1
            brand = random.choice("ab")
            channel = random.choices(["chat", "mail", "phone"], [5, 3, 2] if brand == "a" else [2, 3, 5])[0]
            day = "2025-%02d-%02d" % (month + 1, random.randint(1, 28))
            print(n, day, day, "closed", brand, channel, random.randint(3, 5), random.randint(1, 5), sep=",", file=out)
with open("shop/orders.csv", "w") as out:
    print("month,brand,orders", file=out)
    for month in range(9):
        for brand in "ab":
            print("2025-%02d,%s,%d" % (month + 1, brand, 5000), file=out)
PY
    : > shop/inbox/cases.csv.ok
    "$FALLZAHL" -C shop run --quiet --as-of 2025-10-15
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return
    release=shop/published/latest
}

@test "preferences, expectations, trends, drivers and findings are written and described" {
    for file in preferences/channels preferences/channels_tests preferences/channels_means preferences/channels_expectations \
        trends/channels trends/channels_parts trends/channels_forecast trends/channels_drivers findings; do
        [ -e "$release/$file.csv" ]
        jq -e --arg path "$file.csv" '.resources[] | select(.path == $path)' "$release/datapackage.json" >/dev/null
    done
}

@test "docs/statistics.md names every column of every derived file" {
    missing=$(jq -r '.resources[] | select(.path | startswith("tables/") | not) | .schema.fields[].name' "$release/datapackage.json" |
        sort -u | grep -vxE 'month|brand|channel' | while read -r name; do
        grep -q "^| \`$name\` |" "$BATS_TEST_DIRNAME/../../docs/statistics.md" || echo "$name"
    done)
    echo "not described: $missing"
    [ -z "$missing" ]
}

@test "no file of a release holds nan or inf" {
    run grep -rniE '(^|,)-?(nan|inf(inity)?)(,|$)' "$release" --include='*.csv'
    [ "$status" -eq 1 ]
}

@test "the planted preference is found, in both languages" {
    run grep 'brand a: channel chat is chosen more often than by all' "$release/findings.csv"
    [ "$status" -eq 0 ]
    [[ "$output" == *"brand a: channel chat wird häufiger gewählt als bei allen"* ]]
}

@test "the gap between hope and experience is measured" {
    run awk -F, '$1 == "2025-01/2025-09" && $3 == "(total)" && $4 == "(total)"' "$release/preferences/channels_expectations.csv"
    [ "$status" -eq 0 ]
    [[ "$output" == *",advice,(total),(total),9,3600,"* ]]
}

@test "a wrong denominator holds the release back and is named" {
    cp -r shop other
    printf 'month,brand,orders\n2025-01,a,many\n' > other/orders.csv
    run "$FALLZAHL" -C other publish --trial --as-of 2025-10-16
    [ "$status" -eq 65 ]
    [[ "$output" == *"denominator 'orders': orders.csv:2: column 'orders' holds no number"* ]]
    [[ "$output" != *many* ]]
}
