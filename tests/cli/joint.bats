# All figures of a month as one system: what one says of another.
bats_require_minimum_version 1.5.0

setup() {
    . "$BATS_TEST_DIRNAME/shop_workspace.bash"
    make_shop 'score: {column: score, score: [1, 5]}' 'score: [mean]'
    # 20 persons a cell; two of those in a, x have no score
    /usr/bin/python3 - <<'EOF'
import csv
with open("shop/inbox/cases-2026-01.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["case_no", "opened_at", "closed_at", "customer_no", "brand", "channel", "score"])
    for cell in ("ax", "ay", "az", "bx", "by", "bz", "cx", "cy", "cz"):
        for i in range(20):
            score = "" if cell == "ax" and i < 2 else 1 + i % 5
            writer.writerow([f"{cell}{i}", "2026-01-05", "2026-01-09", f"p{cell}{i}", cell[0], cell[1], score])
EOF
    publish_january
}
teardown() {
    rm -rf "$folder"
}

row() { # BRAND CHANNEL: cases, contributors, status
    awk -F, -v b="$1" -v c="$2" '$2 == b && $3 == c { print $4, $5, $NF }' shop/published/latest/tables/t.csv
}

@test "cases less contributors are a group: where they are two persons the measure is withheld, not the count" {
    [ "$(row a x)" = "20  withheld" ]
    [ "$(row b y)" = "20 20 published" ]
    [ "$(row '(total)' '(total)')" = "180  withheld" ]
}

@test "the audit of all figures together is in the checker's report, and the manifest says so" {
    grep -q '^2026-01,(all),' shop/state/checks/protection-*-audit.csv
    grep -q '"protection": "counts, contributors, sums, means, deviations and shares audited as one system' shop/published/latest/manifest.json
}

cell() { # CELL NAME SCORE [AMOUNT]: a person's case
    printf '%s,2026-01-05,2026-01-09,%s,%s,%s,%s,%s\n' "$2" "$2" "${1:0:1}" "${1:1:1}" "$3" "${4:-}" >> again/inbox/cases-2026-01.csv
}

again() { # MEASURES: publishes what cell() wrote
    sed -e "s/measures: {score: \[mean\]}/measures: {$1}/" -e 's/^tables:/      amount: {column: amount, unit: EUR}\n&/' shop/fallzahl.yaml > again/fallzahl.yaml
    : > again/inbox/cases-2026-01.csv.ok
    "$fallzahl" -C again run --quiet --as-of 2026-02-20
    mv again/published/latest/tables/t.csv t.csv
}

begin() {
    rm -rf again
    "$fallzahl" init --quiet again --test
    echo case_no,opened_at,closed_at,customer_no,brand,channel,score,amount > again/inbox/cases-2026-01.csv
}

# Scores: a,x 5 5 5; a,y and b,x 3 3 3; b,y 1 and 3, six each. With counts and means of rows and columns a,x holds 0 to 6 persons, and so may the
# others hold k = 5. Their squares from 1 are 60, 60, 36, 36: a,x has at least 60 + 60 - 96 = 24, which takes two persons, as one gives 16 at most.
@test "a standard deviation tells of squares, and squares of persons" {
    for figures in mean 'mean, sd'; do
        begin
        for i in 1 2 3; do cell ax "a$i" 5; cell ay "b$i" 3; cell bx "c$i" 3; done
        for i in 1 2 3 4 5 6; do cell by "d$i" 1; cell by "e$i" 3; done
        again "score: [$figures]"
        published=$(grep -v '(withheld)' t.csv | grep -c ',published$')
        echo "$figures: $published"
        if [ "$figures" = mean ]; then [ "$published" -eq 5 ]; else [ "$published" -lt 5 ] && [ "$published" -gt 0 ]; fi
        # what the joint audit withheld has a line, with its rule and what it protects
        for cell in '(total)' brand=a brand=b channel=x channel=y; do
            case "$(grep "^t,2026-01,score_n,$cell," again/state/checks/protection-*-withheld.csv)" in
            *,audit,*": "*) echo withheld ;; *,contributor,*": "*) echo withheld ;; *) echo published ;;
            esac
        done | sort | uniq -c | tr -s ' ' > found
        if [ "$figures" = mean ]; then [ "$(cat found)" = " 5 published" ]; else grep -q " $((5 - published)) withheld" found; fi
    done
}

# Two or three cases a cell, 5 in each row and column. 90 in a,x and 10 elsewhere: a,x has at least 210 + 210 - 260 = 160, so it is not empty. With 90
# everywhere it may be.
@test "where there is an amount there is somebody who has it" {
    for amount in 90 10; do
        begin
        for i in 1 2; do cell ax "a$i" 3 90; cell by "b$i" 3 "$amount"; done
        for i in 1 2 3; do cell ay "c$i" 3 "$amount"; cell bx "d$i" 3 "$amount"; done
        again "amount: [sum]"
        published=$(grep -v '(withheld)' t.csv | grep -c ',published$')
        echo "$amount: $published"
        if [ "$amount" = 90 ]; then [ "$published" -eq 5 ]; else [ "$published" -lt 5 ] && [ "$published" -gt 0 ]; fi
    done
}

# Two of the 22 in a,x and four of the 24 in b,x have no score: at k = 5 both and their brands have no mean, but the channel has, with six. That is
# enough for 5 and too little for 10: in either there are 0 to 6, whatever is withheld now. Each count by itself is great enough.
@test "cells that only all figures together find exposed by earlier publications are recorded, and alarmed once" {
    begin
    for c in ax ay bx by; do for i in 1 2 3 4; do for s in 1 2 3 4 5; do cell $c "$c$i$s" $s; done; done; done
    for i in 1 2; do cell ax "none-a$i" ''; done
    for i in 1 2 3 4; do cell bx "none-b$i" ''; done
    again "score: [mean]"
    grep -q '^2026-01,(total),x,46,40,3.00,published$' t.csv
    grep -q '^2026-01,a,x,22,,,withheld$' t.csv
    sed -i 's/^protection: .*/protection: {k: 10}/' again/fallzahl.yaml
    echo '  brands: {title: Brands, period: month, by: [brand], measures: {score: [mean]}}' >> again/fallzahl.yaml
    run "$fallzahl" -C again run --quiet --as-of 2026-02-21
    [ "$status" -eq 0 ]
    [[ "$output" == *"cells of few persons that earlier publications alone give away, told once: 4"* ]]
    run /usr/bin/python3 -c 'import sqlite3; print(*sorted(r[0] for r in sqlite3.connect("again/state/releases.db").execute("SELECT cell FROM lost_cell")))'
    [ "$output" = '["2026-01","a","(total)"] ["2026-01","a","x"] ["2026-01","b","(total)"] ["2026-01","b","x"]' ]
    # no figure by itself is exposed: only the joint audit lists them
    [ "$(cut -d, -f2,10 again/state/checks/protection-2-audit.csv | tail -n +2 | grep -v ',0$')" = '(all),10' ]
    echo '  channels: {title: Channels, period: month, by: [channel], measures: {score: [mean]}}' >> again/fallzahl.yaml
    run "$fallzahl" -C again run --quiet --as-of 2026-02-22
    [ "$status" -eq 0 ]
    [[ "$output" == *"told once: 2;"* ]] # the brands' own table, which has come out since; not those of the first again
}
