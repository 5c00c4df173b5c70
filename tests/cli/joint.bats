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
    grep -q '"protection": "counts, contributors, sums, means and shares audited as one system' shop/published/latest/manifest.json
}
