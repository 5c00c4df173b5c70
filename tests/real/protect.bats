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

@test "protect: every interval of scale_5k is GLPK's" {
    [ -n "${FALLZAHL_LONG:-}" ] || skip "takes a minute: make attack"
    /usr/bin/python3 "$tests/protect_reference.py" scale "$data" "$fallzahl" "$bounds"
}
