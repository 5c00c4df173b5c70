# fallzahl check: every mistake with its exact place, all in one go, and the modes of files.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    cat > base.yaml <<'YAML'
version: 1
timezone: Europe/Berlin
sources:
  cases:
    files: "cases*.csv"
    case_id: id
    opened_at: opened
    closed_at: closed
    identifiers:
      customer: {column: customer, kind: id}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel}
    measures:
      rating: {column: rating, score: [1, 5]}
tables:
  channels: {period: month, by: [channel], measures: {rating: [mean]}}
YAML
    mkdir w
    cp base.yaml w/fallzahl.yaml
    "$fallzahl" init --quiet w
}
teardown() {
    rm -rf "$folder"
}

# mistake SED EXPECTED...: the base, changed so, gives exactly these problems and status 78.
mistake() {
    sed -e "$1" base.yaml > w/fallzahl.yaml
    shift
    run --separate-stderr "$fallzahl" -C w check
    printf 'w/fallzahl.yaml:%s\n' "$@" > expected
    printf '%s\n' "$stderr" | sed '$d' | diff expected - || false
    [ "$status" -eq 78 ]
    [ -z "$output" ]
}

@test "the base, the starter, the demo and the incidents are in order" {
    "$fallzahl" -C w check
    "$fallzahl" init --quiet starter
    "$fallzahl" -C starter check
    "$fallzahl" init --quiet demo --demo
    "$fallzahl" -C demo check
    mkdir incidents
    cp "$BATS_TEST_DIRNAME/../../examples/incidents/fallzahl.yaml" incidents/
    "$fallzahl" init --quiet incidents
    "$fallzahl" -C incidents check
}

@test "an unknown key, with the one that was meant" {
    mistake 's/^    opened_at:/    openedat:/' \
        "7:5: unknown key 'openedat'; did you mean 'opened_at'?"
    mistake 's/kind: id/knid: id/' \
        "10:7: missing key 'kind' in 'customer'; add it" \
        "10:36: unknown key 'knid'; did you mean 'kind'?"
    mistake '$s/period: month/period: month, colour: red/' \
        "17:29: unknown key 'colour'; expected one of title, source, period, by, margins, measures, share_of, trend, expectations, denominators, survey"
}

@test "a duplicate key" {
    mistake '$a\version: 1' "18:1: duplicate key 'version'; it stands in line 1 already"
}

@test "a wrong type" {
    mistake 's/^version: 1/version: one/' "1:10: 'version' is 'one'; expected a whole number, 1"
    mistake 's/^version: 1/version: "1"/' "1:10: 'version' is '1'; expected a whole number, 1 without quotes"
    mistake 's/by: \[channel\]/by: channel/' "17:33: 'by' is 'channel'; expected a list of 0 to 8"
    mistake 's/kind: id/kind: mail/' "10:42: 'kind' is 'mail'; expected one of email, phone, id"
}

@test "out of range, and k under the floor" {
    mistake '$aprotection: {k: 4}' "18:17: 'k' is '4'; expected a whole number from 5 to 100000"
    mistake '$aprotection: {k: 012}' "18:17: 'k' is '012'; expected a whole number from 5 to 100000"
}

@test "a time zone and a country that do not exist" {
    mistake 's/Berlin/Berlyn/;2a\country: XX' \
        "2:11: 'timezone' is 'Europe/Berlyn'; expected an IANA name such as Europe/Berlin" \
        "3:10: 'country' is 'XX'; expected an ISO 3166 code such as DE"
}

@test "a table with a dimension, a measure and a period that the source does not have" {
    mistake 's/by: \[channel\]/by: [chanel]/' "17:34: there is no dimension 'chanel'; did you mean 'channel'?"
    mistake 's/{rating: \[mean\]}/{ratings: [mean]}/' "17:55: there is no measure 'ratings'; did you mean 'rating'?"
    mistake 's/period: month/period: week/' "17:22: there is no dimension 'week'; it must be configured under 'sources'"
}

@test "many mistakes in one go, in the order of the file" {
    mistake 's/^version: 1/version: 2/;s/Berlin/Nowhere/;s/kind: id/kind: mail/;s/column: channel/column: channel, fold: up/;s/\[mean\]/[average]/' \
        "1:10: 'version' is '2'; expected a whole number, 1" \
        "2:11: 'timezone' is 'Europe/Nowhere'; expected an IANA name such as Europe/Berlin" \
        "10:42: 'kind' is 'mail'; expected one of email, phone, id" \
        "13:40: 'fold' is 'up'; expected one of keep, lower, upper" \
        "17:64: 'rating' is 'average'; expected one of sum, mean, sd, median, q10, q25, q75, q90, share"
}

@test "a syntax error stands alone" {
    for text in 'a: [1' 'a: &x 1' 'a: *x' 'a: !!int 1' '- "' $'a:\n\t- 1' ''; do
        printf '%s\n' "$text" > w/fallzahl.yaml
        run --separate-stderr "$fallzahl" -C w check
        [ "$status" -eq 78 ]
        [[ $stderr =~ ^"fallzahl: w/fallzahl.yaml:"[0-9]+:[0-9]+": " ]]
        [ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
    done
}

@test "bombs end at once" {
    /usr/bin/python3 -c 'print("[" * 900000)' > w/fallzahl.yaml
    run timeout 5 "$fallzahl" -C w check
    [ "$status" -eq 78 ]
    head -c 3000000 /dev/zero | tr '\0' 'a' > w/fallzahl.yaml
    run timeout 5 "$fallzahl" -C w check
    [ "$status" -eq 78 ]
}

@test "no configuration ends with 66" {
    rm w/fallzahl.yaml
    run "$fallzahl" -C w check
    [ "$status" -eq 66 ]
}

@test "a survey's mistakes stand under its own name" {
    printf 'version: 1\nsource: complaints\ncontroller: nobody\n' > w/surveys/nps.yaml
    printf 'version: [\n' > w/surveys/other.yaml
    run --separate-stderr "$fallzahl" -C w check
    [ "$status" -eq 78 ]
    grep -qx "w/surveys/nps.yaml:2:9: the source 'complaints' is not one of 'sources' in fallzahl.yaml" <<< "$stderr"
    grep -qx "w/surveys/nps.yaml:3:13: the controller 'nobody' is not one of 'controllers' in fallzahl.yaml" <<< "$stderr"
    grep -q "^w/surveys/other.yaml:2:1: " <<< "$stderr"
}

@test "wrong modes alone end with 77" {
    chmod 0755 w/keys
    chmod 0644 w/keys/token.1
    run --separate-stderr "$fallzahl" -C w check
    [ "$status" -eq 77 ]
    [ "$stderr" = "'w/keys' has mode 0755; expected 0700 or less
'w/keys/token.1' has mode 0644; expected 0600 or less
fallzahl: 2 problems with files" ]
    echo "x: 1" >> w/fallzahl.yaml
    run "$fallzahl" -C w check
    [ "$status" -eq 78 ]
}

@test "a missing key file ends with 77" {
    rm w/keys/objection.1
    run "$fallzahl" -C w check
    [ "$status" -eq 77 ]
}

@test "--json says the same" {
    sed -i 's/^version: 1/version: 2/' w/fallzahl.yaml
    chmod 0755 w/state
    run --separate-stderr "$fallzahl" -C w check --json
    [ "$status" -eq 78 ]
    [ "$(jq -c '.configuration[] | [.file, .line, .column]' <<< "$output")" = '["w/fallzahl.yaml",1,10]' ]
    [ "$(jq -r '.files[]' <<< "$output")" = "'w/state' has mode 0755; expected 0700 or less" ]
    cp base.yaml w/fallzahl.yaml && chmod 0700 w/state
    run --separate-stderr "$fallzahl" -C w check --json
    [ "$status" -eq 0 ]
    [ "$(jq -c . <<< "$output")" = '{"configuration":[],"files":[],"notes":[]}' ]
}

@test "docs/configuration.md is what check --reference prints" {
    "$fallzahl" check --reference | diff "$BATS_TEST_DIRNAME/../../docs/configuration.md" -
}

@test "files that are none of the workspace's are named: nothing would ever delete them" {
    mkdir w/state/inputs w/state/backups w/state/backups/backup-2026-01-01T00:00:00Z
    touch w/state/cases.db w/state/cases.db-wal w/state/intake.db-shm w/state/releases.db-journal w/state/known-cases w/state/clock w/state/.tmp-1 \
        w/state/runs/2026-01-01T00:00:00Z-1.json w/state/inputs/2026-01-01.7.cases.csv.sealed w/quarantine/cases.csv-0123abcd.jsonl \
        w/answers/dpo/a.answer.txt w/answers/dpo/evidence-head-2026-01-01.txt w/answers/marketing/texts-service-1.csv w/cases-map.csv w/surveys.yaml
    chmod -R go= w/state w/quarantine
    run --separate-stderr "$fallzahl" -C w check
    [[ "$stderr" != *"no file of the workspace"* ]]
    foreign=(w/cases.db.old w/state.old w/keys-2025 w/keys/objection.1.bak w/state/.cases.db.swp w/state/cases.db~ w/state/old-cases.db w/state/runs/x.csv
        w/state/backups/backup-2026-01-01T00:00:00Z.old w/state/inputs/cases.csv w/quarantine/cases.csv w/answers/dpo/a.answer.txt~ w/answers/marketing/list.csv)
    for file in "${foreign[@]}"; do echo secret > "$file"; chmod 600 "$file"; done
    run -77 --separate-stderr "$fallzahl" -C w check
    for file in "${foreign[@]}"; do [[ "$stderr" = *"'$file' is no file of the workspace"* ]] || { echo "$file"; false; }; done
    [ "$(grep -c 'no file of the workspace' <<< "$stderr")" = "${#foreign[@]}" ]
    [[ "$stderr" != *secret* ]]
    "$fallzahl" -C w check --json | jq -e '.files | map(select(test("cases.db.old"))) | length == 1' > /dev/null
}
