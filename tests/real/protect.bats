# fallzahl protect against published answers: tables from the literature, patterns of GaussSuppression, bounds of GLPK.
bats_require_minimum_version 1.5.0
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    bounds=$(dirname "$fallzahl")/real/bounds
    tests=$(realpath tests/real)
    data=${FALLZAHL_SHARED:-$(realpath -m ../shared)}/data/sdc
    [ -d "$data" ] || skip "no shared data"
    folder=$(mktemp -d)
    cd "$folder"
}
teardown() {
    [ -z "${folder:-}" ] || rm -rf "$folder"
}

@test "protect: primary cells of every reference, and no more withheld" {
    /usr/bin/python3 "$tests/protect_reference.py" known "$data" "$fallzahl" "$bounds"
}

@test "protect: sums of magnitude1 are primary by the p%-rule and dominance, and no others" {
    /usr/bin/python3 "$tests/protect_reference.py" magnitude "$data" "$fallzahl" "$bounds"
}

@test "protect: every interval of z1, z2 and z3 is GLPK's; after the audit those of primary cells are wide" {
    /usr/bin/python3 "$tests/protect_reference.py" intervals "$data" "$fallzahl" "$bounds"
}

@test "protect: every interval of scale_5k is GLPK's; after the audit those of primary cells are wide, and few more are withheld" {
    [ -n "${FALLZAHL_LONG:-}" ] || skip "takes minutes: make attack"
    /usr/bin/python3 "$tests/protect_reference.py" scale "$data" "$fallzahl" "$bounds"
}

@test "protect: scale_25k ends, and few more are withheld" {
    [ -n "${FALLZAHL_LONG:-}" ] || skip "takes minutes: make attack"
    /usr/bin/python3 "$tests/protect_reference.py" large "$data" "$fallzahl" "$bounds"
}

# Classes of Adult as ARX and others give them: sex and race 10, the smallest 87; with age 528, 62 of one person, 985 persons in classes under 10.
@test "protect: classes of Adult" {
    adult=$(dirname "$data")/adult/adult.csv.xz
    "$fallzahl" protect "$adult" --delimiter ';' --by sex,race --audit off --quiet --out out.csv
    classes() { grep -v '(total)\|^sex' out.csv | awk -F, "$1"; }
    [ "$(classes '{ n++; if (!least || $3 < least) least = $3 } END { print n, least }')" = "10 87" ]
    "$fallzahl" protect "$adult" --delimiter ';' --by sex,age,race --audit off --quiet --out out.csv
    [ "$(classes '{ n++; one += $4 == 1; if ($4 < 10) few += $4 } END { print n, one, few }')" = "528 62 985" ]
    [ "$(classes '$4 < 10 && $5 != "primary" || $4 >= 10 && $5 == "primary"')" = "" ]
}
