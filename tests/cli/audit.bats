# fallzahl audit: releases that are unsafe in each of the known ways, and one that is safe.
bats_require_minimum_version 1.5.0
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
}
teardown() {
    rm -rf "$folder"
}
# audit EXPECTED-STATUS ARGUMENT...: findings on $output, messages on $stderr.
audit() {
    local expected=$1
    shift
    run --separate-stderr "$fallzahl" audit "$@"
    echo "$output"
    echo "$stderr"
    [ "$status" -eq "$expected" ]
}
# A table by brand and channel in which a and b are 12 and 11 at y, absent.
safe_table() {
    mkdir -p "$1/tables"
    cat > "$1/tables/channels.csv" <<'EOF'
month,brand,channel,cases
2026-01,(total),(total),200
2026-01,a,(total),80
2026-01,b,(total),70
2026-01,c,(total),50
2026-01,(total),x,140
2026-01,(total),y,60
2026-01,c,x,30
2026-01,c,y,20
EOF
}

@test "a safe release has no findings" {
    safe_table r
    audit 0 r
    [ "$output" = "finding,release,figure,cell,lower,upper,source" ]
    audit 0 --all r
    [[ $output == *'safe,,cases,"(period)=2026-01, brand=a, channel=x",40,80'* ]]
    [[ $output == *'safe,,cases,"(period)=2026-01, brand=b, channel=y",0,40'* ]]
}

@test "a published count below k" {
    printf 'brand,cases\n(total),100\na,96\nb,4\n' > t.csv
    audit 65 t.csv
    [[ $output == *'published,,cases,brand=b,4,4'* ]]
    [[ $stderr == *"not safe: 1 finding"* ]]
    audit 0 --k 4 t.csv
}

@test "one withheld cell in a line is a subtraction" {
    printf 'month,brand,cases\n1,(total),100\n1,a,60\n1,b,25\n2,c,20\n' > t.csv
    audit 65 t.csv
    [[ $output == *'exact,,cases,"(period)=1, brand=c",15,15'* ]]
}

@test "the union of absent cells is a remainder" {
    printf 'month,brand,cases\n1,(total),196\n1,a,100\n1,b,90\n2,c,12\n2,d,12\n' > t.csv
    audit 65 t.csv
    [[ $output == *'remainder,,cases,(period)=1,6,6'* ]]
}

@test "a remainder by way of a computed cell" {
    # C = 100 - 50 is not published, but known; of it 30 and 14 are published: 6 are left in its other two parts.
    printf 'child,parent\na,A\nc,C\nd,C\ne,C\nf,C\n' > h.csv
    printf 'region,cases\n(total),100\nA,50\na,50\nc,30\nd,14\n' > t.csv
    audit 65 --hierarchy region:h.csv t.csv
    [[ $output == *"exact,,cases,region=C,50,50"* ]]
    [[ $output == *"remainder,,cases,region=C,6,6"* ]]
}

@test "a row for what is withheld that holds fewer than k" {
    mkdir r
    printf 'brand,cases\n(total),106\na,100\n(withheld),6\n' > r/t.csv
    audit 65 r
    [[ $output == *"remainder,,cases,(total),6,6"* ]]
}

@test "values that nobody ever saw take what is left over" {
    mkdir r
    printf 'brand,cases\n(total),150\na,100\n(withheld),50\n' > r/t.csv
    audit 0 r
}

@test "two tables that differ by one group" {
    mkdir -p r/tables
    printf 'age,cases\n(total),300\n18-25,100\n26-40,100\n' > r/tables/age.csv
    printf 'age,delivery,cases\n18-25,home,60\n18-25,shop,33\n' > r/tables/delivery.csv
    printf '(total),home,200\n(total),shop,60\n(total),post,40\n' >> r/tables/delivery.csv
    audit 65 r # 18-25: 100 - 60 - 33 = 7 is left for the third delivery
    [[ $output == *'remainder,,cases,age=18-25,7,7'* ]]
    [[ $output == *'exact,,cases,"age=18-25, delivery=post",7,7'* ]]
}

@test "a hierarchy in two columns: a withheld country whose siblings are published" {
    mkdir -p r/tables
    cat > r/tables/countries.csv <<'EOF'
region,country,cases
(total),(total),300
EU,(total),200
EU,DE,120
EU,FR,65
EU,AT,15
UK,GB,100
EOF
    audit 0 --levels region,country r
    sed -i '/AT/d' r/tables/countries.csv
    printf 'region,country,brand,cases\nEU,AT,a,12\n' > r/tables/brands.csv
    audit 65 --levels region,country r
    [[ $output == *"exact,,cases,\"region,country=EU/AT\",15,15"* ]]
}

@test "the hierarchy comes from datapackage.json" {
    mkdir -p r/tables
    printf 'region,country,cases\n(total),(total),300\nEU,(total),206\nEU,DE,200\nUK,(total),94\n' > r/tables/c.csv
    cat > r/datapackage.json <<'EOF'
{"resources": [{"path": "tables/c.csv", "schema": {"fields": [
 {"name": "region", "type": "string", "fallzahl:hierarchy": "place"},
 {"name": "country", "type": "string", "fallzahl:hierarchy": "place"}, {"name": "cases", "type": "integer"}]}}]}
EOF
    audit 65 r
    [[ $output == *"remainder,,cases,place=EU,6,6"* ]]
}

@test "values that datapackage.json leaves open: nothing is exact as long as there may be another one" {
    mkdir -p r/tables
    printf 'category,cases\n(total),163\na,100\n(withheld),63\n' > r/tables/c.csv
    printf 'category,cases\n(total),90\na,50\nb,40\n' > r/tables/d.csv
    sed -i '1s/^/month,/; 2,$s/^/2026-01,/' r/tables/c.csv
    sed -i '1s/^/month,/; 2,$s/^/2026-02,/' r/tables/d.csv
    fields='{"name": "month"}, {"name": "category", "fallzahl:hierarchy": "category"'
    for values in '' ', "fallzahl:values": "open"'; do
        cat > r/datapackage.json <<EOF
{"resources": [{"path": "tables/c.csv", "schema": {"fields": [$fields$values}, {"name": "cases"}]}},
               {"path": "tables/d.csv", "schema": {"fields": [$fields$values}, {"name": "cases"}]}}]}
EOF
        if [ -z "$values" ]; then audit 65 r; else audit 0 r; audit 65 --closed r; fi
        [[ $output == *"exact,,cases,\"(period)=2026-01, category=b\",63,63"* ]]
    done
}

@test "the deep remainder: a withheld county whose regions are published" {
    printf 'child,parent\nr1,C1\nr2,C1\nr3,C2\nC1,(total)\nC2,(total)\n' > h.csv
    # Total 100, C1 withheld, its r1 published: what is left of the total below C2 is 100 - 56 - 40 = 4.
    printf 'region,cases\n(total),100\nr1,56\nC2,40\n' > t.csv
    audit 65 --hierarchy region:h.csv t.csv
    [[ $output == *"remainder,,cases,(total),4,4"* ]]
}

@test "two groupings of the same codes, each safe, expose a cell together" {
    printf 'child,parent\nA,c1\nB,c1\nK,c2\nL,c2\nA,small\nB,small\nK,small\nL,big\n' > h.csv
    printf 'region,cases\nc1,60\nc2,60\nsmall,90\nbig,30\n' > t.csv
    audit 65 --hierarchy region:h.csv t.csv # K = small - c1 = 30
    [[ $output == *"exact,,cases,region=K,30,30"* ]]
    sed -i /small/d t.csv
    audit 65 --hierarchy region:h.csv t.csv # big is L alone
    [[ $output == *"exact,,cases,region=L,30,30"* ]]
    sed -i /big/d t.csv
    audit 0 --hierarchy region:h.csv t.csv
}

@test "a hierarchy that goes round in a circle is refused" {
    printf 'child,parent\na,b\nb,c\nc,a\n' > h.csv
    printf 'region,cases\na,60\n' > t.csv
    audit 65 --hierarchy region:h.csv t.csv
    [[ $stderr == *"circle"* ]]
}

@test "yesterday 14, today 15" {
    for day in 1 2; do
        mkdir -p "r$day/tables"
        printf 'month,brand,cases\n2026-01,(total),100\n2026-01,a,14\n2026-01,b,86\n' > "r$day/tables/t.csv"
    done
    audit 0 r1 r2
    printf 'month,brand,cases\n2026-01,(total),101\n2026-01,a,15\n2026-01,b,86\n' > r2/tables/t.csv
    audit 0 r1
    audit 0 r2
    audit 65 r1 r2
    [[ $output == *'restated,2-1,cases,"(period)=2026-01, brand=a",1,1'* ]]
}

@test "the eleventh: 50, 60, 49 over three releases" {
    for figure in 50 60 49; do printf 'month,cases\n2026-01,%s\n' "$figure" > "r$figure.csv"; done
    audit 0 r50.csv r60.csv
    audit 65 r50.csv r60.csv r49.csv
    [[ $output == *"restated,3-1,cases,(period)=2026-01,-1,-1"* ]]
}

@test "a difference of two releases is a table too: what changed in a withheld cell" {
    printf 'month,brand,cases\n2026-01,(total),100\n2026-01,a,50\n2026-02,c,20\n' > r1.csv
    printf 'month,brand,cases\n2026-01,(total),133\n2026-01,a,80\n' > r2.csv
    audit 65 r1.csv r2.csv # b and c grew by three together
    [[ $output == *'remainder,2-1,cases,(period)=2026-01,3,3'* ]]
}

@test "months make their quarter: one absent month is a subtraction" {
    mkdir -p r/tables
    printf 'month,brand,cases\n2026-01,a,30\n2026-02,a,40\n2026-01,b,30\n2026-02,b,30\n2026-03,b,30\n' > r/tables/m.csv
    printf 'quarter,brand,cases\n2026-Q1,b,90\n' > r/tables/q.csv
    audit 0 r
    echo "2026-Q1,a,85" >> r/tables/q.csv
    audit 65 r
    [[ $output == *'exact,,cases,"(period)=2026-03, brand=a",15,15'* ]]
}

@test "a period is one whether or not the package calls it a dimension" {
    mkdir -p r/tables
    printf 'month,brand,cases\n2026-01,a,30\n2026-02,a,40\n' > r/tables/m.csv
    printf 'quarter,brand,cases\n2026-Q1,a,85\n' > r/tables/q.csv
    for table in m:month q:quarter; do
        echo "{\"path\": \"tables/${table%:*}.csv\", \"schema\": {\"fields\": [
            {\"name\": \"${table#*:}\", \"fallzahl:hierarchy\": \"${table#*:}\"}, {\"name\": \"brand\"}]}}"
    done | jq -s '{resources: .}' > r/datapackage.json
    audit 65 r
    [[ $output == *'exact,,cases,"(period)=2026-03, brand=a",15,15'* ]]
}

@test "tables in a circle are studied as one" {
    # a goes with b, b with c: then a1 with c2 cannot be, though any two of the tables could.
    mkdir r
    for table in a,b b,c; do
        x=${table%,*} y=${table#*,}
        printf '%s,cases\n(total),(total),100\n' "$table"
        printf "${x}1,${y}1,50\n${x}2,${y}2,50\n${x}1,(total),50\n${x}2,(total),50\n(total),${y}1,50\n(total),${y}2,50\n"
    done | awk '/cases/ { file = "r/" ++n ".csv" } { print > file }'
    printf 'c,a,cases\nc1,a2,50\nc2,a1,50\n' > r/3.csv
    audit 65 r
    [[ $stderr == *"contradict"* ]]
    printf 'c,a,cases\nc1,a1,50\nc2,a2,50\n' > r/3.csv
    audit 0 r
}

# Absent: x|a, x|c, w|c, w|d, y|a, y|d; one number t is free: x|a = t, x|c = 20 - t, w|c = 10 + t, w|d = 5 - t, …
# All remainders are 15 or more.
circle() {
    cat > t.csv <<'EOF'
v,u,cases
(total),(total),250
w,(total),65
x,(total),70
y,(total),115
(total),a,80
(total),c,80
(total),d,90
w,a,50
x,d,50
y,c,50
EOF
}

@test "small: below k, perhaps none, is unsafe to the strict only" {
    circle
    audit 0 t.csv
    [[ $output == *'small,,cases,"v=x, u=a",0,5'* ]]
    [[ $output == *'small,,cases,"v=w, u=d",0,5'* ]]
    audit 65 --strict t.csv
    audit 0 --strict --k 5 t.csv
}

@test "narrow: at least 1 and below k" {
    circle
    audit 0 t.csv
    audit 65 --zeros public t.csv
    [[ $output == *'narrow,,cases,"v=x, u=a",1,4'* ]]
    [[ $output == *'narrow,,cases,"v=w, u=d",1,4'* ]]
    [ "$(grep -c narrow <<< "$output")" -eq 2 ]
}

@test "with public zeros every absent cell holds somebody" {
    printf 'v,month,cases\n(total),1,11\na,1,0\nb,2,12\nc,2,12\n' > t.csv
    audit 0 --strict t.csv
    audit 65 --zeros public --k 11 t.csv
    [[ $output == *'narrow,,cases,"v=b, (period)=1",1,10'* ]]
    audit 0 --zeros public --k 10 t.csv
}

@test "contributors of a measure are a frequency table" {
    mkdir r
    printf 'brand,cases,score_n\n(total),300,100\na,100,50\nb,100,43\nc,100,\n' > r/t.csv
    audit 65 r
    [[ $output == *"remainder,,score_n,(total),7,7"* ]]
    [[ $output == *"exact,,score_n,brand=c,7,7"* ]]
}

@test "a mean under a published parent: the sum is known too closely" {
    mkdir r
    printf 'brand,cases,value_n,value_mean\n(total),300,300,50.00\na,160,160,40.00\nb,140,,\n' > r/t.csv
    audit 65 r # b's n is exactly known; its sum is 15000 - 6400 within 2.3
    [[ $output == *"exact,,value_n,brand=b,140,140"* ]]
    sed -i 's/b,140,,/b,140,140,/' r/t.csv
    audit 0 r # 140 contributors: what their sum is tells nothing of any of them
    printf 'brand,cases,value_n,value_mean\n(total),20,20,50.00\na,12,12,40.00\nb,8,8,\n' > r/t.csv
    audit 65 --k 10 r
    [[ $output == *"sum,,value_sum,brand=b,519."* ]]
}

@test "a mean at the end of its range tells everybody's answer" {
    mkdir r
    printf 'brand,cases,score_n,score_mean\n(total),300,162,3.14\na,150,12,4.92\nb,150,150,3.00\n' > r/t.csv
    cat > r/datapackage.json <<'EOF'
{"resources": [{"path": "t.csv", "schema": {"fields": [{"name": "score_mean", "type": "number",
 "constraints": {"minimum": 1, "maximum": 5}}]}}]}
EOF
    run --separate-stderr "$fallzahl" audit r
    [ "$status" -eq 65 ]
    [[ $output == *"uniform,,score_sum,brand=a,"* ]]
    [[ $output != *"uniform,,score_sum,brand=b,"* ]]
}

@test "a share that tells fewer than k from all others" {
    printf 'brand,cases,score_n,score_share\na,150,100,0.950\nb,150,100,0.500\nc,150,100,0.000\nd,150,100,\n' > t.csv
    audit 65 t.csv
    [[ $output == *"uniform,,score_share,brand=a,94.950,95.050"* ]]
    [[ $output == *"uniform,,score_share,brand=c,"* ]]
    [ "$(grep -c uniform <<< "$output")" -eq 2 ]
}

# two_sources FOLDER SOURCE-OF-U: t.csv and u.csv show the same cells with different figures.
two_sources() {
    mkdir -p "$1/tables"
    printf 'brand,channel,cases\n(total),(total),100\na,(total),60\nb,(total),40\n' > "$1/tables/t.csv"
    printf 'brand,channel,cases\n(total),(total),70\na,(total),50\na,x,47\n' > "$1/tables/u.csv"
    jq -n --arg u "$2" '{resources: [{path: "tables/t.csv", "fallzahl:source": "calls"}, {path: "tables/u.csv", "fallzahl:source": $u}]}
        | del(.resources[] | select(."fallzahl:source" == "") | ."fallzahl:source")' > "$1/datapackage.json"
}

@test "tables of several sources show other cases: each source is a system of its own, and findings name it" {
    two_sources one calls
    audit 65 one
    [[ $stderr == *"another figure for the same cell"* ]]
    two_sources two letters
    audit 65 two
    [[ $output == *'remainder,,cases,brand=a,3,3,letters'* ]]
    [[ $output != *',calls'* ]]
    run --separate-stderr "$fallzahl" audit --json two
    jq -e '.counts.remainder == 1 and ([.findings[].source] | unique == ["letters"])' <<< "$output"
    audit 0 --k 3 two
    # over several releases, too: the second has the second source alone
    two_sources two3 letters
    rm two3/tables/t.csv
    sed -i 's/47/46/' two3/tables/u.csv
    audit 65 --k 3 two two3
    [[ $output == *'restated,2-1,cases,"brand=a, channel=x",-1,-1,letters'* ]]
}

@test "a table of no named source among those of several is refused: its cases may be any of theirs" {
    two_sources r letters
    printf 'brand,cases\na,50\n' > loose.csv
    audit 65 --k 3 r loose.csv
    [[ $stderr == *"several sources, and nothing says of which 'loose.csv' is"* ]]
    # one source and tables of which none is named are one system
    two_sources one ""
    audit 65 one
    [[ $stderr == *"another figure for the same cell"* ]]
}

@test "structural zeros of a package are those of one source" {
    two_sources r letters
    sed -i 's/^a,x.*/b,x,12/' r/tables/u.csv
    for source in calls letters; do
        jq --arg s "$source" '. + {"fallzahl:structural_zeros": [{source: $s, values: {brand: ["a"], channel: ["y"]}}]}' r/datapackage.json > d
        rm -rf s && cp -r r s && cp d s/datapackage.json
        printf 'child,parent\nx,(total)\ny,(total)\n' > channels.csv
        run --separate-stderr "$fallzahl" audit --all --k 3 --hierarchy channel:channels.csv s
        [ "$(grep -c ',"channel=x, brand=a",50,50,letters' <<< "$output")" -eq "$([ $source = letters ] && echo 1 || echo 0)" ]
    done
}

@test "figures that no data could give are no pass" {
    printf 'brand,cases\n(total),100\na,60\nb,60\n' > t.csv
    audit 65 t.csv
    [[ $stderr == *"contradict each other"* ]]
    mkdir r
    printf 'brand,cases\na,60\n' > r/t.csv
    printf 'brand,cases\na,61\n' > r/u.csv
    audit 65 r
    [[ $stderr == *"another figure for the same cell"* ]]
}

@test "too large is said plainly and is no pass" {
    {
        echo "a,b,cases"
        echo "(total),(total),9000"
        for i in $(seq 30); do echo "v$i,(total),300"; echo "(total),w$i,300"; done
    } > t.csv
    audit 65 --budget 3 t.csv
    [[ $stderr == *"too large to audit"* ]]
    audit 0 t.csv
}

@test "bad input: no table, no count, a cell that is none" {
    audit 66 nowhere
    mkdir empty
    audit 66 empty
    printf 'brand,n\na,60\n' > t.csv
    audit 66 t.csv
    audit 0 --count n t.csv
    printf 'brand,cases\na,6.5\n' > t.csv
    audit 65 t.csv
    [[ $stderr == *"t.csv:2: 'cases' is not a count"* ]]
    printf 'brand,cases\na,secret\n' > t.csv
    audit 65 t.csv
    [[ $stderr != *secret* ]]
    audit 64 --zeros maybe t.csv
    audit 64 --hierarchy nofile t.csv
}

@test "JSON names the cell by dimension and counts the findings" {
    printf 'brand,cases\n(total),100\na,97\nb,3\n' > t.csv
    run --separate-stderr "$fallzahl" audit --json t.csv
    [ "$status" -eq 65 ]
    [ "$(jq -r '.findings[0] | .finding + " " + .cell.brand + " " + (.upper | tostring)' <<< "$output")" = "published b 3" ]
    [ "$(echo "$output" | jq .counts.published)" -eq 1 ]
}

@test "a hierarchy file names values that no table shows, also of columns of levels" {
    printf 'region,country,cases\n(total),(total),100\nEU,(total),60\nEU,DE,45\nUS,(total),40\n' > t.csv
    printf 'child,parent\nDE,EU\nAT,EU\nFR,EU\nEU,(total)\nUS,(total)\n' > h.csv
    audit 0 --all --levels region,country t.csv # what else is in EU is not known to be one or many
    [[ $output != *FR* ]]
    audit 0 --all --levels region,country --hierarchy region,country:h.csv t.csv
    [[ $output == *'safe,,cases,"region,country=EU/FR",0,15'* ]]
}
