# Every message is read alike by two foreign parsers: Python's and npm's mailparser. Part of `make check`.

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    modules=$(realpath -m "${NODE_PATH:-build/npm/node_modules}")
    { command -v node >/dev/null && [ -e "$modules/mailparser" ]; } || skip "node or mailparser is missing: see 'make deps-check'"
    folder=$(mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/../cli/survey_workspace.bash"
    make_workspace 3
}

teardown() {
    [ -z "${folder:-}" ] || rm -rf "$folder"
}

day=2026-02-03T10:00:00Z

read_alike() {
    NODE_PATH=$modules node "$BATS_TEST_DIRNAME/read_messages.js" "$@" | /usr/bin/python3 "$BATS_TEST_DIRNAME/compare_readers.py"
}

@test "invitations and requests to confirm are read alike" {
    plan_and_approve $day
    survey send $day
    read_alike w/outbox/*.eml | grep -qx '3 messages are read alike'
    survey halt 2026-02-03T11:00:00Z
    echo 'double_opt_in: true' >> w/surveys/service.yaml
    plan_and_approve 2026-02-03T12:00:00Z
    survey send 2026-02-03T12:00:00Z
    read_alike w/outbox/*.eml | grep -qx '3 messages are read alike'
}

@test "umlauts, long names, right to left, odd characters" {
    sed -i 's/^  name: .*/  name: NAME/' w/surveys/service.yaml
    cp w/surveys/service.yaml plain.yaml
    count=0
    for name in 'Ärger & Söhne' 'שירות לקוחות العربية' 'a,b;c<d>@e' 'Zoë 📦' "$(printf 'ü%.0s' $(seq 75))"; do
        count=$((count + 1))
        sed "s|NAME|\"${name//&/\\&}\"|" plain.yaml > w/surveys/service.yaml
        rm -f w/outbox/*.eml
        survey preview a@b.example 2026-02-03T10:0$count:00Z >/dev/null
        read_alike w/outbox/*.eml | grep -qx '2 messages are read alike'
    done
}
