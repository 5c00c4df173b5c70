# fallzahl protect: disclosure control for any CSV file.
bats_require_minimum_version 1.5.0
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
}
teardown() {
    rm -rf "$folder"
}
# protect EXPECTED-STATUS ARGUMENT...
protect() {
    local expected=$1
    shift
    run --separate-stderr "$fallzahl" protect "$@"
    echo "$output"
    echo "$stderr"
    [ "$status" -eq "$expected" ]
}
# refuse STATUS MESSAGE ARGUMENT...: fails with that message, and leaves no output.
refuse() {
    local expected=$1 message=$2
    shift 2
    protect "$expected" "$@" --out refused.csv
    [[ $stderr == *"$message"* ]] || { echo "wanted: $message"; false; }
    [ ! -e refused.csv ]
}
# 12 cells of region by channel, counted.
counted() {
    cat > cells.csv <<'EOF2'
region,channel,n
north,mail,20
north,phone,30
north,shop,2
south,mail,25
south,phone,18
south,shop,40
west,mail,60
west,phone,33
west,shop,21
EOF2
}

@test "a table with one small cell: every line with a withheld cell has two, the margins are published" {
    counted
    protect 0 cells.csv --by region,channel --freq n --k 5 --quiet --out -
    [ "${lines[0]}" = "region,channel,cases,status" ]
    [ "${#lines[@]}" -eq 17 ]
    [[ $output == *"(total),(total),249,published"* ]]
    [[ $output == *"north,shop,2,primary"* ]]
    ! grep -E '\(total\).*(primary|secondary)' <<< "$output"
    for line in north south west; do [ "$(grep -Ec "^$line,.*(primary|secondary)" <<< "$output")" -ne 1 ]; done
    for line in mail phone shop; do [ "$(grep -Ec ",$line,.*(primary|secondary)" <<< "$output")" -ne 1 ]; done
    [ "$stderr" = "" ]
}

@test "--publish writes published rows alone, for everybody; the other form is for its owner" {
    counted
    protect 0 cells.csv --by region,channel --freq n --k 5 --quiet --out all.csv
    protect 0 cells.csv --by region,channel --freq n --k 5 --quiet --publish --out table.csv
    diff <(grep -v 'primary\|secondary' all.csv | cut -d, -f1-3) table.csv
    [ "$(stat -c %a all.csv)" = 600 ]
    [ "$(stat -c %a table.csv)" = 644 ]
    run "$fallzahl" audit --k 5 --strict table.csv
    [ "$status" -eq 0 ]
}

@test "microdata, the same counted, packed and from standard input give the same bytes; and so does a second run" {
    counted
    awk -F, 'NR == 1 { print "region,channel,other" } NR > 1 { for (i = 0; i < $3; i++) print $1 "," $2 "," i }' cells.csv > cases.csv
    { head -n 1 cases.csv; tail -n +2 cases.csv | sort -t, -k3n -k1r; } > shuffled.csv
    xz -k cases.csv
    protect 0 cells.csv --by region,channel --freq n --quiet --out counted.out
    for input in cases.csv shuffled.csv cases.csv.xz cells.csv; do
        [ "$input" = cells.csv ] && freq="--freq n" || freq=""
        # shellcheck disable=SC2086
        protect 0 "$input" --by region,channel $freq --quiet --out again.out
        cmp counted.out again.out
    done
    protect 0 - --by region,channel --quiet --out again.out < cases.csv
    cmp counted.out again.out
}

@test "persons are counted, not cases; rows without one are one person" {
    printf 'a,who\n' > in.csv
    for i in 1 2 3 4 5; do printf 'x,p%s\nx,p%s\ny,p1\nz,\nz,\nw,q%s\nv,r%s\n' $i $i $i $i; done >> in.csv
    protect 0 in.csv --by a --person who --k 5 --audit off --dominance 0 --p-percent 0 --quiet --out -
    [[ $output == *"x,10,published"* || $output == *"x,10,secondary"* ]]
    [[ $output == *"y,5,primary"* ]]
    [[ $output == *"z,10,primary"* ]]
}

@test "--max-n 4 is --k 5, and any threshold will do" {
    counted
    protect 0 cells.csv --by region,channel --freq n --k 5 --quiet --out a
    protect 0 cells.csv --by region,channel --freq n --max-n 4 --quiet --out b
    cmp a b
    protect 0 cells.csv --by region,channel --freq n --max-n 0 --quiet --out -
    [[ $output != *primary* && $output != *secondary* ]]
    protect 0 cells.csv --by region,channel --freq n --k 1000 --quiet --publish --out -
    [ "$output" = "region,channel,cases" ]
}

@test "zeros: rows when public; else a missing row says nothing" {
    counted
    sed -i /west,shop/d cells.csv
    protect 0 cells.csv --by region,channel --freq n --quiet --zeros public --out -
    [[ $output == *"west,shop,0,published"* ]]
    [ "${#lines[@]}" -eq 17 ]
    protect 0 cells.csv --by region,channel --freq n --quiet --out -
    [[ $output != *"west,shop"* ]]
    [ "${#lines[@]}" -eq 16 ]
}

@test "hierarchies of any depth, with several groupings of the same values" {
    printf 'city,n\na,9\nb,8\nc,7\nd,6\n' > in.csv
    printf 'child,parent\na,ab\nb,ab\nc,cd\nd,cd\nab,land\ncd,land\nland,(total)\na,coast\nc,coast\nb,inland\nd,inland\n' > h.csv
    protect 0 in.csv --by city --hierarchy city:h.csv --freq n --k 2 --quiet --out -
    for cell in '(total),30' a,9 ab,17 cd,13 land,30 coast,16 inland,14; do [[ $output == *"$cell,published"* ]]; done
    # small in one grouping, and to be protected in both
    sed -i 's/a,9/a,1/' in.csv
    protect 0 in.csv --by city --hierarchy city:h.csv --freq n --k 3 --quiet --publish --out t.csv
    ! grep -q '^a,' t.csv
    run "$fallzahl" audit --k 3 --hierarchy city:h.csv t.csv
    [ "$status" -eq 0 ]
}

@test "values that no row has are still possible cells when zeros are withheld" {
    printf 'city,n\na,9\nb,8\n' > in.csv
    printf 'child,parent\na,(total)\nb,(total)\nc,(total)\n' > h.csv
    protect 0 in.csv --by city --hierarchy city:h.csv --freq n --zeros public --audit off --max-n 1 --quiet --out -
    [[ $output == *"c,0,published"* ]]
}

# The p%-rule: a cell is unsafe when total - x1 - x2 < p/100 x1, x1 and x2 being the greatest contributions. For the second greatest
# knows x1 to within total - x1 - x2.
@test "sums: p%-rule at its bound" {
    { echo cell,who,v; for i in 1 2 3 4 5 6 7 8 9 10; do echo "other,o$i,10"; done; } > base.csv
    # x1 = 100, x2 = 50, the rest is 10: 10 % of 100 exactly, so not unsafe; and 9: unsafe
    for rest in 10 9; do
        { cat base.csv; printf 'cell,a,100\ncell,b,50\ncell,c,%s\ncell,d,0\n' "$rest"; } > in.csv
        protect 0 in.csv --by cell --person who --sum v --k 3 --audit off --dominance 0 --quiet --out "p$rest"
    done
    grep 'cell,4,[a-z]*,160,' p10 | grep -qv primary
    grep -q 'cell,4,[a-z]*,159,primary' p9
    protect 0 in.csv --by cell --person who --sum v --k 3 --audit off --dominance 0 --p-percent 9 --quiet --out -
    [[ $output != *"159,primary"* ]]
}

# (n,k)-dominance: a cell is unsafe when its n greatest contributions are more than k % of the total.
@test "sums: dominance at its bound" {
    { echo cell,who,v; for i in 1 2 3 4 5 6 7 8 9 10; do echo "other,o$i,10"; done; } > base.csv
    for first in 80 81; do
        { cat base.csv; printf 'cell,a,%s\ncell,b,10\ncell,c,%s\n' "$first" $((90 - first)); } > in.csv
        protect 0 in.csv --by cell --person who --sum v --k 2 --audit off --p-percent 0 --quiet --out "d$first"
    done
    grep 'cell,3,[a-z]*,100,' d80 | grep -qv primary
    grep -q 'cell,3,[a-z]*,100,primary' d81
    protect 0 in.csv --by cell --person who --sum v --k 2 --audit off --p-percent 0 --dominance 2,80 --quiet --out -
    [[ $output == *"100,primary"* ]]
}

# Two cases in each of four cells, k = 4: with the counts of rows and columns, 4 each, a cell may hold 0 to 4. Sums of 200 and 40, by rows and by
# columns, are safe by themselves: a,x may be 160 to 200, for 180. But 160 is more than nothing: so a,x holds 1 to 4 cases.
@test "sums: where there is an amount there is a case" {
    { echo row,column,v; for v in 90 90; do echo "a,x,$v"; done; for cell in a,y a,y b,x b,x b,y b,y; do echo "$cell,10"; done; } > in.csv
    protect 0 in.csv --by row,column --k 4 --zeros withheld --sum v --publish --quiet --out -
    echo "$output"
    for margin in '(total),(total),8' '(total),x,4' '(total),y,4' 'a,(total),4' 'b,(total),4'; do [[ $output == *"$margin,"* ]]; done
    [[ $output == *"(total),(total),8,240"* ]]
    [[ $output != *"a,(total),4,200"* && $output != *"b,(total),4,40"* ]] || [[ $output != *"(total),x,4,200"* && $output != *"(total),y,4,40"* ]]
    # with 90 each it may be 0 to 360
    sed 's/,10$/,90/' in.csv > even.csv
    protect 0 even.csv --by row,column --k 4 --zeros withheld --sum v --publish --quiet --out -
    [[ $output == *"a,(total),4,360"* && $output == *"(total),x,4,360"* ]]
}

@test "a person's rows are one contribution, and what is empty is none" {
    { echo cell,who,v; for i in 1 2 3 4 5 6 7 8 9; do echo "c,p$i,1"; echo "d,p$i,"; echo "e,p$i,"; done
        for i in 1 2 3; do echo "c,q,30"; echo "d,q$i,5"; echo "e,q$i,0"; done; } > in.csv
    protect 0 in.csv --by cell --person who --sum v --k 4 --audit off --quiet --out -
    [[ $output == *"c,12,"*",99,primary"* ]] # one person has 90 of 99
    [[ $output == *"d,12,"*",15,primary"* ]] # three contributors
    [[ $output == *"e,12,"*",0,primary"* ]]  # three who have nothing are three
}

@test "sums have their decimals exactly, with a point or a comma" {
    printf 'a;v\nx;0,1\nx;0,25\ny;1000000\ny;3\n' > in.csv
    protect 0 in.csv --by a --sum v --k 1 --delimiter ';' --decimal-comma --p-percent 0 --dominance 0 --quiet --out -
    [[ $output == *"x,2,published,0.35,published"* ]]
    [[ $output == *"y,2,published,1000003.00,published"* ]]
    [[ $output == *"(total),4,published,1000003.35,published"* ]]
}

@test "a sum is published only where its count is" {
    counted
    awk -F, 'NR == 1 { print "region,channel,v" } NR > 1 { for (i = 0; i < $3; i++) print $1 "," $2 "," 10 + i % 3 }' cells.csv > in.csv
    protect 0 in.csv --by region,channel --sum v --k 5 --quiet --out -
    [ "${lines[0]}" = "region,channel,cases,status,v_sum,v_status" ]
    ! grep -E ',(primary|secondary),[0-9]+,published' <<< "$output"
    protect 0 in.csv --by region,channel --sum v --k 5 --quiet --publish --out -
    [ "${lines[0]}" = "region,channel,cases,v_sum" ]
    ! grep -q north,shop <<< "$output"
}

@test "large amounts are protected like small ones; too large ones are refused" {
    awk 'BEGIN { print "a,b,v"; for (i = 0; i < 600; i++) { x = (x * 1103515245 + 12345) % 2147483648;
        print int(x / 7) % 6 ",c" int(x / 65536) % 5 "," int(exp((x % 1000) / 60 + 1)) } }' > in.csv
    protect 0 in.csv --by a,b --sum v --k 5 --quiet --out -
    [[ $output == *,published,*,primary* && $output == *,published,*,published* ]]
    printf 'a,v\nx,200000000000\ny,200000000000\n' > in.csv
    refuse 65 "in.csv:3: column 'v': the amounts add up to too much" in.csv --by a --sum v
}

@test "--json says what was done" {
    counted
    protect 0 cells.csv --by region,channel --freq n --k 5 --json --quiet --out t.csv
    said=$(/usr/bin/python3 -c 'import json, sys; r = json.load(sys.stdin); c = r["cases"]; print(r["k"], r["audited"], c["published"], c["primary"], c["secondary"])' <<< "$output")
    [ "$said" = "5 True $(grep -c published t.csv) $(grep -c primary t.csv) $(grep -c secondary t.csv)" ]
    protect 64 cells.csv --by region,channel --freq n --json --out -
}

@test "options that cannot be right" {
    counted
    refuse 64 "'--by' is missing" cells.csv
    refuse 64 "names 'region' twice" cells.csv --by region,region
    refuse 64 "names an empty column" cells.csv --by region,
    refuse 64 "give one of them" cells.csv --by region --k 5 --max-n 4
    refuse 64 "'--k'" cells.csv --by region --k 0
    refuse 64 "'--zeros'" cells.csv --by region --zeros maybe
    refuse 64 "'--audit'" cells.csv --by region --audit x2
    refuse 64 "'--p-percent'" cells.csv --by region --p-percent 101
    for dominance in 1 9,80 0,80 1,x 1,; do refuse 64 "'--dominance'" cells.csv --by region --dominance $dominance; done
    refuse 64 "column:file.csv" cells.csv --by region --hierarchy region
    refuse 64 "does not name" cells.csv --by region --hierarchy channel:h.csv
    refuse 64 "two hierarchies" cells.csv --by region --hierarchy region:h.csv --hierarchy region:i.csv
    refuse 64 "needs '--person'" cells.csv --by region --freq n --sum n
    refuse 64 "'--delimiter'" cells.csv --by region --delimiter ';;'
    protect 64 cells.csv --by region
    [[ $stderr == *"'--out' is missing"* ]]
    protect 64 cells.csv --by region --freq n --out ./cells.csv
    [[ $stderr == *"would replace an input"* ]]
    protect 73 cells.csv --by region --freq n --out /dev/null
}

@test "input that cannot be right is refused with file, line and column, and never a cell's content" {
    printf 'a,n,v\nx,5,1\nSECRET,5,1\n' > good.csv
    sed 's/SECRET,5/SECRET,-5/' good.csv > bad.csv
    refuse 65 "bad.csv:3: column 'n': not a whole number" bad.csv --by a --freq n
    sed 's/SECRET,5/SECRET,/' good.csv > bad.csv
    refuse 65 "bad.csv:3: column 'n': no number of cases" bad.csv --by a --freq n
    sed 's/SECRET,5/SECRET,4294967296/' good.csv > bad.csv
    refuse 65 "bad.csv:3: column 'n': more than" bad.csv --by a --freq n
    sed 's/SECRET,5,1/SECRET,5,-1/' good.csv > bad.csv
    refuse 65 "bad.csv:3: column 'v': a negative amount" bad.csv --by a --sum v
    for amount in 1e5 1,5 0x1 ' 1' 1.2.3 . SECRET; do
        printf 'a,n,v\nx,5,1\nSECRET,5,"%s"\n' "$amount" > bad.csv
        refuse 65 "bad.csv:3: column 'v': not a plain decimal number" bad.csv --by a --sum v
        [[ $stderr != *SECRET* ]]
    done
    printf 'a,n,v\nSECRET,5,1\nx,5\n' > bad.csv
    refuse 65 "bad.csv:3: 2 fields, the header has 3" bad.csv --by a --freq n
    printf 'a,who\nx,SECRET\n' > people.csv
    refuse 65 "did you mean 'who'" people.csv --by a --person whom
    refuse 65 "no column 'region'" good.csv --by region
    printf 'a,n\n(total),5\n' > bad.csv
    refuse 65 "bad.csv:2: column 'a': the label of totals" bad.csv --by a --freq n
    printf 'a,n\nx,0\n' > bad.csv
    refuse 65 "no cases" bad.csv --by a --freq n
    printf 'a,n\n' > bad.csv
    refuse 65 "no cases" bad.csv --by a --freq n
    : > bad.csv
    refuse 65 "bad.csv" bad.csv --by a
    printf 'a,n\n"x,5\n' > bad.csv
    refuse 65 "bad.csv:2" bad.csv --by a
    refuse 66 "missing.csv" missing.csv --by a
    refuse 66 "" . --by a
}

@test "hierarchies that cannot be right" {
    printf 'a,n\nx,5\n' > in.csv
    h() { printf "$1" > h.csv; refuse 65 "$2" in.csv --by a --freq n --hierarchy a:h.csv; }
    h 'child,up\nx,g\n' "h.csv:1: a hierarchy file has the columns"
    h 'child,parent\n' "h.csv: a hierarchy without a line"
    h 'child,parent\nx,\n' "h.csv:2: no parent"
    h 'child,parent\n,g\n' "h.csv:2: no child"
    h 'child,parent\nx,x\n' "h.csv:2: a value is its own parent"
    h 'child,parent\nx,g\ng,h\nh,g\n' "h.csv: a circle"
    h 'child,parent\nx,g\n(total),g\n' "h.csv:3: the total has a parent"
    h 'child,parent\nx,(withheld)\n' "h.csv:2: a reserved label"
    h 'child,parent\ny,g\n' "in.csv:2: column 'a': a value that the hierarchy file does not have"
    h 'child,parent\ny,x\n' "in.csv:2: column 'a': a value that the hierarchy file has as a parent"
    h 'child,parent\nx\n' "h.csv:2"
    { echo child,parent; for i in $(seq 1 70); do echo "g$i,g$((i + 1))"; done; echo x,g1; } > h.csv
    refuse 65 "levels" in.csv --by a --freq n --hierarchy a:h.csv
    refuse 66 "none.csv" in.csv --by a --freq n --hierarchy a:none.csv
}

@test "a table that is too large is refused at once, with its size" {
    { echo a,b,c,d; for i in $(seq 1 60); do echo "a$i,b$i,c$i,d$i"; done; } > in.csv
    refuse 65 "13845841 cells with all its margins" in.csv --by a,b,c,d
}

@test "an empty value is (missing)" {
    printf 'a,n\n,20\nx,30\n' > in.csv
    protect 0 in.csv --by a --freq n --quiet --publish --out -
    [[ $output == *"(missing),20"* ]]
}

@test "text that a spreadsheet would take for a formula is defused" {
    printf 'a,n\n=1+1,20\nx,30\n' > in.csv
    protect 0 in.csv --by a --freq n --quiet --publish --out -
    [[ $output == *"'=1+1,20"* ]]
}

@test "output that cannot be written ends with 73 or 74, and the old file stays" {
    counted
    protect 74 cells.csv --by region --freq n --quiet --out - > /dev/full || true
    run --separate-stderr sh -c "'$fallzahl' protect cells.csv --by region --freq n --quiet --out - > /dev/full"
    [ "$status" -eq 74 ]
    protect 73 cells.csv --by region --freq n --quiet --out no/such/folder.csv
    echo old > t.csv
    run --separate-stderr sh -c "ulimit -f 0; trap '' XFSZ; '$fallzahl' protect cells.csv --by region --freq n --quiet --out t.csv"
    [ "$status" -eq 74 ]
    [ "$(cat t.csv)" = old ]
}

@test "structural zeros: what readers know to be empty hides nothing" {
    # All margins given, an inner cell is free by 20 cases either way, unless north has no shop: then all of it is known.
    printf 'region,channel,n\nnorth,mail,20\nsouth,mail,3\nsouth,shop,40\n' > cells.csv
    printf 'region,channel\nnorth,shop\n' > zeros.csv
    printf 'child,parent\nnorth,(total)\nsouth,(total)\n' > regions.csv
    printf 'child,parent\nmail,(total)\nshop,(total)\n' > channels.csv
    values=(--hierarchy region:regions.csv --hierarchy channel:channels.csv)
    protect 0 cells.csv --by region,channel --freq n --k 5 --quiet --publish --out free.csv
    [ "$(grep -c '(total)' free.csv)" -eq 5 ]
    "$fallzahl" audit --quiet --k 5 "${values[@]}" free.csv
    run --separate-stderr "$fallzahl" audit --quiet --k 5 "${values[@]}" --structural-zeros zeros.csv free.csv
    [ "$status" -eq 65 ]
    [[ $output == *'exact,,cases,"region=south, channel=mail",3,3'* ]]
    protect 0 cells.csv --by region,channel --freq n --k 5 --structural-zeros zeros.csv --quiet --publish --out known.csv
    "$fallzahl" audit --quiet --k 5 "${values[@]}" --structural-zeros zeros.csv known.csv
    [ "$(grep -c '(total)' known.csv)" -lt 5 ]
}

@test "structural zeros of a group, of any value, and of cases that are there all the same" {
    printf 'region,channel,n\nnorth,mail,20\nsouth,mail,3\nsouth,shop,40\n' > cells.csv
    printf 'child,parent\nnorth,up\nisland,up\nsouth,(total)\n' > regions.csv
    printf 'child,parent\nmail,(total)\nshop,(total)\n' > channels.csv
    printf 'region,channel\nup,shop\n' > zeros.csv
    protect 0 cells.csv --by region,channel --hierarchy region:regions.csv --freq n --k 5 --structural-zeros zeros.csv --quiet --publish --out t.csv
    "$fallzahl" audit --quiet --k 5 --hierarchy region:regions.csv --hierarchy channel:channels.csv --structural-zeros zeros.csv t.csv
    printf 'channel\nshop\n' > zeros.csv
    refuse 65 "cells.csv: cases in a combination that 'zeros.csv' calls impossible" cells.csv --by region,channel --freq n --structural-zeros zeros.csv
    printf 'region,channel\n,\n' > zeros.csv
    refuse 65 "zeros.csv:2: a combination of nothing" cells.csv --by region,channel --freq n --structural-zeros zeros.csv
    printf 'shop\nx\n' > zeros.csv
    refuse 65 "zeros.csv:1: a column that '--by' does not name" cells.csv --by region,channel --freq n --structural-zeros zeros.csv
}
