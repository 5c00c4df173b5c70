# What the checker is told of a release's protection: in state/checks/, for nobody else.
bats_require_minimum_version 1.5.0

setup() {
    . "$BATS_TEST_DIRNAME/shop_workspace.bash"
    make_shop 'amount: {column: amount, unit: EUR, decimals: 0}' 'amount: [sum]'
    # one row per case: brand, channel, how many cases (a person each), and the amount of the first; of the others it is 10
    /usr/bin/python3 - <<'EOF'
import csv
cells = {"ax": (30, 10), "ay": (20, 10), "az": (12, 10), "bx": (25, 10), "by": (3, 10), "bz": (22, 10), "cx": (14, 10), "cy": (18, 10), "cz": (40, 5000)}
with open("shop/inbox/cases-2026-01.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["case_no", "opened_at", "closed_at", "customer_no", "brand", "channel", "amount"])
    for cell, (cases, first) in cells.items():
        for i in range(cases):
            writer.writerow([f"{cell}{i}", "2026-01-05", "2026-01-09", f"p{cell}{i}", cell[0], cell[1], first if i == 0 else 10])
EOF
    publish_january
    checks=$(echo shop/state/checks/protection-*-withheld.csv)
}
teardown() {
    rm -rf "$folder"
}

published() { # BRAND CHANNEL COLUMN-NUMBER
    awk -F, -v b="$1" -v c="$2" -v n="$3" '$2 == b && $3 == c { print $n }' shop/published/latest/tables/t.csv
}

@test "each withheld cell has its rule or what it protects, and all of them are listed" {
    grep -q '^t,2026-01,cases,"brand=b, channel=y",frequency' "$checks"
    ! grep -q '^[^,]*,[^,]*,[^,]*,[^,]*,,' "$checks"
    secondary=$(grep '^t,2026-01,cases,' "$checks" | grep -vc 'frequency')
    [ "$secondary" -ge 3 ]
    [ "$(grep -c '^t,2026-01,cases,' "$checks")" -eq $((16 - $(grep -c '^2026-01,' shop/published/latest/tables/t.csv) + $(grep -c '(withheld)' shop/published/latest/tables/t.csv))) ]
}

@test "a sum of which one person has nearly all is withheld, and so are sums that would give it away" {
    [ "$(published c z 4)" = 40 ]    # the cases themselves are not the matter
    [ -z "$(published c z 6)" ]
    grep -q '^t,2026-01,amount,"brand=c, channel=z",dominance' "$checks"
    [ "$(grep -c '^t,2026-01,amount,' "$checks")" -ge 4 ]
}

@test "the loss of each table and the work of each audit; nobody but the owner reads it" {
    tables=${checks%-withheld.csv}-tables.csv audit=${checks%-withheld.csv}-audit.csv
    [ "$(head -n 1 "$tables")" = table,period,figure,dimensions,cells,withheld_before_audit,withheld,cases,cases_before_audit,cases_withheld ]
    IFS=, read -r dimensions cells before withheld cases cases_before cases_withheld < <(sed -n 's/^t,2026-01,cases,//p' "$tables")
    [ "$dimensions,$cells,$cases" = 2,16,184 ]
    [ "$withheld" -eq "$(grep -c '^t,2026-01,cases,' "$checks")" ]
    [ "$before" -ge 4 ] && [ "$before" -le "$withheld" ] # b,y, two beside it, and their crossing
    [ "$cases_withheld" -eq $((184 - $(awk -F, '$2 !~ /^\(/ && $3 !~ /^\(/ { n += $4 } END { print n + 0 }' shop/published/latest/tables/t.csv))) ]
    [ "$cases_before" -le "$cases_withheld" ]
    grep -Eq '^2026-01,amount_n,[0-9,]+$' "$audit"
    [ "$(stat -c %a "$checks" "$tables" "$audit" | sort -u)" = 600 ]
    [ ! -e shop/published/latest/checks ]
}

@test "an outsider finds nothing" {
    "$fallzahl" audit --quiet --k 5 --closed shop/published/latest
}

@test "a table that is too large for the budget is not broken down by its last dimension, and says so" {
    "$fallzahl" init --quiet large --test
    sed -e '/^    measures:/,/^tables:/{/^tables:/!d}' -e '/measures:/d' -e 's/^      channel: .*/&\n      reason: {column: reason}/' \
        -e 's/by: .*/by: [channel, brand, reason]/' shop/fallzahl.yaml > large/fallzahl.yaml
    /usr/bin/python3 - <<'EOF'
import csv
with open("large/inbox/cases-2026-01.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["case_no", "opened_at", "closed_at", "customer_no", "brand", "channel", "reason"])
    for i in range(6000):
        writer.writerow([f"n{i}", "2026-01-05", "2026-01-09", f"q{i}", "abc"[i % 3], "xyz"[i // 3 % 3], f"r{i // 8}"])
EOF
    : > large/inbox/cases-2026-01.csv.ok
    run --separate-stderr "$fallzahl" -C large run --as-of 2026-02-20
    [ "$status" -eq 0 ]
    [[ $stderr == *"table 't', 2026-01: not broken down by 'reason'"* ]]
    grep -q '^t,2026-01,cases,2,16,0,0,6000,0,0$' large/state/checks/protection-*-tables.csv
    ! cut -d, -f4 large/published/latest/tables/t.csv | grep -qvE '^(reason|\(total\)|\(withheld\))$'
}

# A shop whose cases are those of the file: brand, channel, cases (a person each).
zero_shop() { # FOLDER
    "$fallzahl" init --quiet "$1" --test
    sed -e '/^    measures:/,/^tables:/{/^tables:/!d}' -e 's/^protection: .*/protection: {k: 5, structural_zeros: [{values: {brand: [a], channel: [y]}}]}/' \
        -e '/measures:/d' shop/fallzahl.yaml > "$1/fallzahl.yaml"
    awk -F, -v OFS=, 'BEGIN { print "case_no,opened_at,closed_at,customer_no,brand,channel" }
        { for (i = 0; i < $3; i++) print $1 $2 i, "2026-01-05", "2026-01-09", "p" $1 $2 i, $1, $2 }' > "$1/inbox/cases-2026-01.csv"
    : > "$1/inbox/cases-2026-01.csv.ok"
}

@test "structural zeros: known to the protection, to readers of the package and to the outsider's audit" {
    # b,x is 3. With all margins given, all cells are free by 20 either way, unless a has no y: then b,x = x - a.
    zero_shop zeros <<< $'a,x,20\nb,x,3\nb,y,40'
    sed 's/, structural_zeros: .*/}/' zeros/fallzahl.yaml > plain.yaml
    cp -r zeros plain
    cp plain.yaml plain/fallzahl.yaml
    for shop in zeros plain; do "$fallzahl" -C $shop run --quiet --as-of 2026-02-20; done
    [ "$(grep -c '(total)' plain/published/latest/tables/t.csv)" -eq 5 ]
    [ "$(grep -c '(total)' zeros/published/latest/tables/t.csv)" -lt 5 ]
    jq -e '."fallzahl:structural_zeros" == [{"source": "cases", "values": {"brand": ["a"], "channel": ["y"]}}]' zeros/published/latest/datapackage.json
    jq -e 'has("fallzahl:structural_zeros") | not' plain/published/latest/datapackage.json
    printf 'child,parent\nx,(total)\ny,(total)\n' > channels.csv
    printf 'child,parent\na,(total)\nb,(total)\n' > brands.csv
    values=(--closed --hierarchy channel:channels.csv --hierarchy brand:brands.csv)
    "$fallzahl" audit --quiet --k 5 "${values[@]}" zeros/published/latest
    "$fallzahl" audit --quiet --k 5 "${values[@]}" plain/published/latest
    cp zeros/published/latest/datapackage.json plain.json
    jq -s '.[0] + {"fallzahl:structural_zeros": .[1]."fallzahl:structural_zeros"}' plain/published/latest/datapackage.json plain.json > d.json
    rm -rf attacked && cp -rL plain/published/latest attacked && chmod -R u+w attacked && cp d.json attacked/datapackage.json
    run --separate-stderr "$fallzahl" audit --quiet --k 5 "${values[@]}" attacked
    [ "$status" -eq 65 ]
    grep -q "^exact,,cases,.channel=x, brand=b, .*,3,3" <<< "$output"
}

@test "structural zeros are of one source: where there are several they need its name, and the others have cases there" {
    zero_shop zeros <<< $'a,x,20\nb,x,3\nb,y,40'
    cp zeros/fallzahl.yaml one.yaml
    awk '/^  cases:/ { within = 1 }
        /^tables:/ { within = 0; sub(/  cases:/, "  orders:", block); sub(/cases-/, "orders-", block); printf "%s", block }
        within { block = block $0 "\n" }
        { print }
        /^  t:/ { print "    source: cases" }' one.yaml > zeros/fallzahl.yaml
    sed -n '/^  t:/,$p' one.yaml | sed 's/^  t:/  o:\n    source: orders/' >> zeros/fallzahl.yaml
    run "$fallzahl" -C zeros check
    [ "$status" -eq 78 ]
    [[ $output == *"the combination needs 'source'; there are several sources"* ]]
    sed -i 's/structural_zeros: \[{/&source: cases, /' zeros/fallzahl.yaml
    awk -F, -v OFS=, 'BEGIN { print "case_no,opened_at,closed_at,customer_no,brand,channel"; split("a,x a,y b,x b,y", cells, " ")
        for (c in cells) for (i = 0; i < 20; i++) print c "-" i, "2026-01-05", "2026-01-09", "o" c "-" i, cells[c] }' > zeros/inbox/orders-2026-01.csv
    : > zeros/inbox/orders-2026-01.csv.ok
    "$fallzahl" -C zeros run --quiet --as-of 2026-02-20
    grep -q '^2026-01,a,y,20' zeros/published/latest/tables/o.csv
    [ "$(grep -c '(total)' zeros/published/latest/tables/o.csv)" -eq 5 ]
    [ "$(grep -c '(total)' zeros/published/latest/tables/t.csv)" -lt 5 ]
    jq -e '[.resources[] | select(.path | startswith("tables/")) | {(.path): ."fallzahl:source"}] | add == {"tables/t.csv": "cases", "tables/o.csv": "orders"}' \
        zeros/published/latest/datapackage.json
    jq -e '."fallzahl:structural_zeros" == [{"source": "cases", "values": {"brand": ["a"], "channel": ["y"]}}]' zeros/published/latest/datapackage.json
    printf 'child,parent\nx,(total)\ny,(total)\n' > channels.csv
    "$fallzahl" audit --quiet --k 5 --closed --hierarchy channel:channels.csv zeros/published/latest # the two show other cases of the same cells
}

@test "a case where there cannot be one stops the publication: nothing is published, and no value is in the message" {
    zero_shop zeros <<< $'a,x,20\na,y,1\nb,x,30\nb,y,40'
    run --separate-stderr "$fallzahl" -C zeros run --as-of 2026-02-20
    [ "$status" -eq 65 ]
    [[ $stderr == *"table 't' has cases in a combination that 'protection.structural_zeros' calls impossible"* ]]
    [ ! -e zeros/published/latest ]
    sed -i 's/, structural_zeros: .*/}/' zeros/fallzahl.yaml
    "$fallzahl" -C zeros run --quiet --as-of 2026-02-20
    [ -e zeros/published/latest ]
}

@test "combinations of a table by quarter that are too many for its months are not protected in them, and the operator is told" {
    "$fallzahl" init --quiet longer --test
    sed -e '/^    measures:/,/^tables:/{/^tables:/!d}' -e '/measures:/d' -e 's/^      channel: .*/&\n      reason: {column: reason}\n      quarter: {date: closed_at, as: quarter}/' \
        -e 's/by: .*/by: [channel, brand]/' shop/fallzahl.yaml > longer/fallzahl.yaml
    echo '  q: {period: quarter, by: [channel, brand, reason]}' >> longer/fallzahl.yaml
    /usr/bin/python3 - <<'EOF'
import csv
with open("longer/inbox/cases-2026-01.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["case_no", "opened_at", "closed_at", "customer_no", "brand", "channel", "reason"])
    for i in range(6000):
        writer.writerow([f"n{i}", "2026-01-05", "2026-01-09", f"q{i}", "abc"[i % 3], "xyz"[i // 3 % 3], f"r{i // 8}"])
EOF
    : > longer/inbox/cases-2026-01.csv.ok
    run --separate-stderr "$fallzahl" -C longer run --as-of 2026-02-20
    [ "$status" -eq 0 ]
    [[ $stderr == *"2026-01: the combinations of table 'q' are too many to be protected in it"* ]]
    [ "$(grep -c '^2026-01,' longer/published/latest/tables/t.csv)" -eq 16 ]
}

# waivers FOLDER LIST: the shop again, with cases.csv and these waivers, published.
waivers() {
    "$fallzahl" init --quiet "$1" --test
    sed "s/^protection: .*/protection: {k: 5, waivers: [$2]}/" shop/fallzahl.yaml > "$1/fallzahl.yaml"
    cp cases.csv "$1/inbox/cases-2026-01.csv"
    : > "$1/inbox/cases-2026-01.csv.ok"
    "$fallzahl" -C "$1" run --quiet --as-of "${3:-2026-02-20}"
    outcome=$(cat "$1"/state/checks/protection-1-waivers.csv 2> /dev/null || true)
    echo "$outcome"
}

# cases CELL=CASES=FIRST...: brand and channel of the cell, its cases (a person each), the amount of the first; of the others it is 10.
cases() {
    echo case_no,opened_at,closed_at,customer_no,brand,channel,amount
    for cell; do
        awk -F= -v OFS=, '{ for (i = 0; i < $2; i++)
            print $1 i, "2026-01-05", "2026-01-09", "p" $1 i, substr($1, 1, 1), substr($1, 2), i ? 10 : $3 }' <<< "$cell"
    done
}

# The amounts of c,x are one person's for the most, and that person has agreed.
@test "a waiver: its cell is published until it expires, what others protect is not, and the checker is told" {
    cases ax=30=10 ay=3=10 bx=25=10 by=22=10 cx=40=5000 cy=18=9000 > cases.csv
    about="name: consent_1, reason: letter of 3 March, person: A. Adler"
    cell="table: t, cell: {brand: c, channel: x}"
    sum() { awk -F, '$2 == "c" && $3 == "x" { print $6 }' "$1/published/latest/tables/t.csv"; }
    waivers plain ""
    [ -z "$outcome" ]
    [ -z "$(sum plain)" ]
    waivers agreed "{$about, expires: 2026-02-20, $cell}"
    grep -q '^consent_1,t,2026-01,"brand=c, channel=x",published,2026-02-20,A. Adler,letter of 3 March$' <<< "$outcome"
    [ "$(sum agreed)" = 5390 ]
    [ "$(stat -c %a agreed/state/checks/protection-1-waivers.csv)" = 600 ]
    "$fallzahl" audit --quiet --k 5 --closed agreed/published/latest
    waivers late "{$about, expires: 2026-02-19, $cell}"
    grep -q ',expired,' <<< "$outcome"
    cmp late/published/latest/tables/t.csv plain/published/latest/tables/t.csv
    waivers other "{$about, period: 2025-12, expires: 2026-12-31, $cell}"
    grep -q ',no such cell,' <<< "$outcome"
    cmp other/published/latest/tables/t.csv plain/published/latest/tables/t.csv
}

@test "a waiver is none for fewer than k persons, and none to expose another cell" {
    cases ax=30=10 bx=3=10 cx=25=10 ay=20=10 by=22=10 cy=18=10 > cases.csv
    of="reason: r, person: p, expires: 2026-12-31, table: t, cell:"
    waivers few "{name: few, $of {brand: b, channel: x}}"
    grep -q '^few,t,2026-01,"brand=b, channel=x",fewer than k persons,' <<< "$outcome"
    ! grep -q '^2026-01,b,x,3,' few/published/latest/tables/t.csv
    waivers all "{name: w1, $of {brand: b, channel: y}}, {name: w2, $of {brand: b}}, {name: w3, $of {channel: x}}"
    grep -q ',withheld: it would expose another cell,' <<< "$outcome"
    grep -q ',published,' <<< "$outcome"
    "$fallzahl" audit --quiet --k 5 --closed all/published/latest
}

# One amount of 500 beside 49 of 10: with the sum, the others are 490 and hide it. With mean, standard deviation and number the squares are
# known, too: 254,900 less the 100 of one's own is 504.8 squared, one per cent off.
@test "a standard deviation that tells the greatest amount to within some per cent is withheld, and its mean with it" {
    cases ax=50=500 ay=60=10 bx=70=10 by=80=10 > cases.csv
    awk -F, -v OFS=, 'NR > 1 && $7 == 10 { $7 = 8 + NR % 5 } { print }' cases.csv > varied.csv && mv varied.csv cases.csv
    for figures in mean 'mean, sd'; do
        rm -rf w && "$fallzahl" init --quiet w --test
        sed "s/measures: {amount: \[sum\]}/measures: {amount: [$figures]}/" shop/fallzahl.yaml > w/fallzahl.yaml
        cp cases.csv w/inbox/cases-2026-01.csv
        : > w/inbox/cases-2026-01.csv.ok
        "$fallzahl" -C w run --quiet --as-of 2026-02-20
        status_of_ax=$(awk -F, '$2 == "a" && $3 == "x" { print $NF }' w/published/latest/tables/t.csv)
        if [ "$figures" = mean ]; then [ "$status_of_ax" = published ]; else [ "$status_of_ax" = withheld ]; fi
    done
    grep -Eq '^t,2026-01,amount,"brand=a, channel=x",.*p percent' w/state/checks/protection-*-withheld.csv
}
