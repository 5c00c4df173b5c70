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
    run grep 'brand a: channel chat is more common than overall' "$release/findings.csv"
    [ "$status" -eq 0 ]
    [[ "$output" == *"brand a: channel chat kommt häufiger vor als insgesamt"* ]]
}

@test "the gap between hope and experience is measured" {
    run awk -F, '$1 == "2025-01/2025-09" && $3 == "(total)" && $4 == "(total)"' "$release/preferences/channels_expectations.csv"
    [ "$status" -eq 0 ]
    [[ "$output" == *",advice,(total),(total),9,3600,"* ]]
}

# 400 cases a month, 5,000 orders a brand: 40 per 1,000 orders in all.
@test "cases per order are in the trends and the drivers" {
    column() { head -n 1 "$1" | tr , '\n' | grep -nx "$2" | cut -d: -f1; }
    trends=$release/trends/channels.csv
    run awk -F, -v last="$(column "$trends" last)" '$1 == "(total)" && $2 == "(total)" && $3 == "cases_per_orders" { print $last }' "$trends"
    [ "$output" = 40.0000 ]
    run grep -c '^period,brand,cases_per_orders,[ab],(total),2025-08,2025-09,5.00,5.00,' "$release/trends/channels_drivers.csv"
    [ "$output" = 2 ]
}

@test "a denominator with a foreign column, a row twice or no file is named by check or the night" {
    cp -r shop foreign
    sed 's/brand/region/' shop/orders.csv > foreign/orders.csv
    run "$FALLZAHL" -C foreign publish --trial --as-of 2025-10-16
    [ "$status" -eq 65 ]
    [[ "$output" == *"denominator 'orders': orders.csv: table 'channels' has no dimension column 'region'"* ]]
    tail -n 1 shop/orders.csv >> foreign/orders.csv
    run "$FALLZAHL" -C foreign check
    [ "$status" -eq 77 ]
    [[ "$output" == *"denominator 'orders': orders.csv:20: the same labels as in line 19"* ]]
    rm foreign/orders.csv
    run "$FALLZAHL" -C foreign check
    [ "$status" -eq 77 ]
    [[ "$output" == *"denominator 'orders'"*"orders.csv"* ]]
}

@test "a wrong denominator holds the release back and is named" {
    cp -r shop other
    printf 'month,brand,orders\n2025-01,a,many\n' > other/orders.csv
    run "$FALLZAHL" -C other publish --trial --as-of 2025-10-16
    [ "$status" -eq 65 ]
    [[ "$output" == *"denominator 'orders': orders.csv:2: column 'orders' holds no number"* ]]
    [[ "$output" != *many* ]]
}
