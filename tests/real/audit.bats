# fallzahl audit against published answers: patterns from the literature and the intervals of a linear-program solver.
bats_require_minimum_version 1.5.0
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    tests=$(realpath tests/real)
    data=${FALLZAHL_SHARED:-$(realpath -m ../shared)}/data/sdc
    [ -d "$data" ] || skip "no shared data"
    folder=$(mktemp -d)
    cd "$folder"
}
teardown() {
    [ -z "${folder:-}" ] || rm -rf "$folder"
}

# The published part of attack4x4: what is not primary and not named ("x d").
attack4x4() {
    awk -F, -v OFS=, -v also="$1" 'NR == 1 { print "v1,v2,freq" }
        { gsub(/"/, "") } NR > 1 && $4 == "FALSE" && $1 " " $2 != also { print $1, $2, $3 }' "$data/attack4x4.csv" > t.csv
    run --separate-stderr "$fallzahl" audit --count freq --total tot --all t.csv
    echo "$output"
}

@test "attack4x4: two withheld in every line, and w|b is exactly 47" {
    attack4x4 none
    [ "$status" -eq 65 ]
    [[ $output == *'exact,,freq,"v1=w, v2=b",47,47'* ]]
    [ "$(grep -c ^safe <<< "$output")" -eq 8 ]
    # low0 and up0 of the file, as GLPK found them
    while IFS=, read -r a b low high; do
        [[ $output == *"\"v1=$a, v2=$b\",$low,$high"* ]] || { echo "$a $b $low $high"; false; }
    done < <(awk -F, -v OFS=, '{ gsub(/"/, "") } $4 == "TRUE" { print $1, $2, $5, $6 }' "$data/attack4x4.csv")
}

@test "attack4x4: one more withheld is wide enough" {
    attack4x4 "x d"
    [ "$status" -eq 0 ]
    [[ $output == *'safe,,freq,"v1=w, v2=b",0,78'* ]]
    for more in "x b" "y a" "z a"; do
        attack4x4 "$more"
        [ "$status" -eq 0 ]
        [[ $output == *'safe,,freq,"v1=w, v2=b",0,141'* ]]
    done
}

@test "linked: safe table by table, exposed jointly, until one more is withheld" {
    /usr/bin/python3 "$tests/audit_reference.py" linked "$data" "$fallzahl"
}

@test "intervals equal the reference's: example1, z1, z2, z3" {
    /usr/bin/python3 "$tests/audit_reference.py" intervals "$data" "$fallzahl"
}

@test "scale_5k: intervals equal glpsol's on a sample" {
    /usr/bin/python3 "$tests/audit_reference.py" scale "$data" "$fallzahl"
}
