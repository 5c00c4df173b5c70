# Submission to a real SMTP server (aiosmtpd, scripted): what was seen decides, nothing goes twice, nothing goes in clear.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    kill_at=$(dirname "$fallzahl")/fault/kill_at
    /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || skip "NO python3-aiosmtpd: submission is not tested"
    folder=$(mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/survey_workspace.bash"
    make_workspace 6
    sed -i 's/^transport: spool/transport: smtp/' w/surveys/service.yaml
    mkdir server
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout server/key.pem -out server/cert.pem 2>/dev/null
}

teardown() {
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}

day=2026-02-03T10:00:00Z

# start MODE [EXTRA CONFIGURATION]
start() {
    rm -f server/port
    /usr/bin/python3 "$BATS_TEST_DIRNAME/../mail/smtp_server.py" server "$1" server/cert.pem server/key.pem 3>&- 2>server/log &
    server=$!
    for _ in $(seq 400); do [ ! -e server/port ] || break; read -rt 0.05 <> <(:) || true; done
    [ "$1" = starttls ] || [ "$1" = implicit ] || set -- none "${2:-}"
    cat >> w/fallzahl.yaml <<YAML
surveys:
  smtp: {host: localhost, port: $(cat server/port), tls: $1, timeout_seconds: 5${2:-, ca_file: $folder/server/cert.pem}}
YAML
}

script() {
    echo "$1" > server/script.json
}

states() {
    sql 'SELECT state, count(*) FROM sending GROUP BY state ORDER BY state' | tr '\n' ' '
}

accepted() {
    ls server/accepted | wc -l
}

@test "by STARTTLS with a login: each message once, VERP sender and ENVID that name it" {
    echo "fallzahl geheim" > server/login
    start starttls ", ca_file: $folder/server/cert.pem, credentials: mail.login"
    printf 'fallzahl\ngeheim\n' > w/mail.login
    chmod 0600 w/mail.login
    plan_and_approve $day
    survey send $day | grep -q '^mail: sent <10, to be tried again <10, refused <10, uncertain <10'
    [ "$(accepted)" = 6 ]
    [ "$(states)" = 'sent|6 ' ]
    [ "$(waiting)" = 0 ]
    [ "$(find w/outbox/sent -name '*.eml' | wc -l)" = 6 ]
    for message in server/accepted/*.json; do
        jq -e '.tls and .user == "fallzahl" and (.from | test("^bounce\\+[0-9a-f]{32}@nordhaus.example$"))' "$message" >/dev/null
        [ "ENVID=$(jq -r .from "$message" | cut -c8-39)" = "$(jq -r '.options[] | select(startswith("ENVID"))' "$message")" ]
    done
    survey send 2026-02-03T11:00:00Z
    [ "$(accepted)" = 6 ]
}

@test "TLS from the first byte works too" {
    start implicit
    plan_and_approve $day
    survey send $day
    [ "$(accepted)" = 6 ]
    [ "$(jq -r .tls server/accepted/0000.json)" = true ]
}

@test "4yz is tried again with growing gaps, 5yz is not, and an unknown address is suppressed" {
    script '{"p1@mail.example": "later", "p2@mail.example": "refuse", "p3@mail.example": "policy", "p4@mail.example": "full", "p5@mail.example": "data_refuse"}'
    start none ""
    plan_and_approve $day
    survey send $day
    [ "$(states)" = 'failed|3 sent|1 spooled|2 ' ]
    [ "$(sql 'SELECT kind, count(*) FROM bounce GROUP BY kind')" = 'hard|1' ]
    [ "$(sql 'SELECT DISTINCT next_try_at, tries, reply_class FROM sending WHERE state = "spooled"')" = "$(($(date -u -d $day +%s) + 900))|1|4" ]
    survey send 2026-02-03T10:10:00Z
    [ "$(states)" = 'failed|3 sent|1 spooled|2 ' ]
    survey send 2026-02-03T10:15:00Z
    [ "$(states)" = 'failed|3 sent|2 spooled|1 ' ]
    [ "$(sql 'SELECT next_try_at FROM sending WHERE state = "spooled"')" = "$(($(date -u -d $day +%s) + 900 + 1800))" ]
    survey send 2026-03-20T10:15:00Z   # the invitation is over
    [ "$(states)" = 'failed|3 pulled|1 sent|2 ' ]
}

@test "requests to confirm an opt-in go the same way: tried again, refused, uncertain, none twice" {
    echo 'double_opt_in: true' >> w/surveys/service.yaml
    script '{"p1@mail.example": "later", "p2@mail.example": "refuse", "p3@mail.example": "drop_after_dot"}'
    start none ""
    plan_and_approve $day
    survey send $day
    confirmations() { sql 'SELECT state, count(*) FROM confirmation GROUP BY state ORDER BY state' | tr '\n' ' '; }
    [ "$(confirmations)" = 'failed|1 sent|3 spooled|1 uncertain|1 ' ]
    [ "$(sql 'SELECT kind, count(*) FROM bounce GROUP BY kind')" = 'hard|1' ]
    script '{}'
    survey send 2026-02-03T10:14:00Z
    [ "$(confirmations)" = 'failed|1 sent|3 spooled|1 uncertain|1 ' ]
    survey send 2026-02-03T10:15:00Z
    survey send 2026-02-04T10:15:00Z
    [ "$(confirmations)" = 'failed|1 sent|4 uncertain|1 ' ]
    [ "$(jq -rs '[.[].to[0]] | group_by(.) | map(length) | max' server/accepted/*.json)" = 1 ]
}

@test "lost before the final dot: tried again; lost after it: uncertain, shown, and not sent again" {
    script '{"p1@mail.example": "drop_before_dot", "p2@mail.example": "drop_after_dot"}'
    start none ""
    plan_and_approve $day
    survey send $day
    [ "$(states)" = 'sent|4 spooled|1 uncertain|1 ' ]
    survey status $day | grep -qx 'uncertain: <10'
    script '{}'
    survey send 2026-02-03T12:00:00Z
    survey send 2026-02-04T12:00:00Z
    [ "$(states)" = 'sent|5 uncertain|1 ' ]
    [ "$(jq -rs '[.[].to[0]] | group_by(.) | map(length) | max' server/accepted/*.json)" = 1 ]
}

@test "a server that shuts down ends the run; what was not tried waits" {
    script '{"p1@mail.example": "busy", "p2@mail.example": "busy", "p3@mail.example": "busy", "p4@mail.example": "busy", "p5@mail.example": "busy", "p6@mail.example": "busy"}'
    start none ""
    plan_and_approve $day
    run survey send $day
    [ "$status" -eq 75 ]
    [ "$(states)" = 'spooled|6 ' ]
    [ "$(accepted)" = 0 ]
}

@test "no server: exit 75, everything waits, and the night goes on" {
    start none ""
    kill "$server"; wait "$server" || true
    plan_and_approve $day
    run survey send $day
    [ "$status" -eq 75 ]
    [ "$(states)" = 'spooled|6 ' ]
    "$fallzahl" -C w run --quiet --as-of 2026-02-03T11:00:00Z
}

@test "TLS faults: unknown certificate, another name, no STARTTLS offered: nothing goes" {
    start starttls ", timeout_seconds: 5" || true
    sed -i 's/, timeout_seconds: 5, timeout_seconds: 5/, timeout_seconds: 5/' w/fallzahl.yaml
    plan_and_approve $day
    run survey send $day
    [ "$status" -eq 77 ]
    sed -i "s|host: localhost|ca_file: $folder/server/cert.pem, host: 127.0.0.1|" w/fallzahl.yaml
    run survey send $day
    [ "$status" -eq 77 ]
    kill "$server"; wait "$server" || true
    sed -i '/^surveys:/,$d' w/fallzahl.yaml
    start none ""
    sed -i 's/tls: none/tls: starttls/' w/fallzahl.yaml
    run survey send $day
    [ "$status" -eq 77 ]
    [ "$(accepted)" = 0 ]
    [ "$(states)" = 'spooled|6 ' ]
}

@test "without TLS only to this machine; a password never; a file of a password that others can read is refused" {
    printf 'surveys:\n  smtp: {host: mail.example, tls: none}\n' >> w/fallzahl.yaml
    run "$fallzahl" -C w check
    [ "$status" -eq 78 ]
    [[ $output == *"only a server on this machine may do without TLS"* ]]
    sed -i 's/mail.example, tls: none/127.0.0.1, tls: none, credentials: mail.login/' w/fallzahl.yaml
    run "$fallzahl" -C w check
    [[ $output == *"a password does not go without TLS"* ]]
    sed -i 's/tls: none/tls: starttls/' w/fallzahl.yaml
    printf 'u\np\n' > w/mail.login
    chmod 0640 w/mail.login
    plan_and_approve $day
    run survey send $day
    [ "$status" -eq 77 ]
    [[ $output == *"must be ours and have mode 0400 or 0600"* ]]
}

@test "P3: who leaves between the spool and the server gets no mail" {
    script '{"p1@mail.example": "later", "p2@mail.example": "later"}'
    start none ""
    plan_and_approve $day
    survey send $day
    [ "$(states)" = 'sent|4 spooled|2 ' ]
    change "INSERT INTO consent_event (recipient, controller, purpose, kind, origin, occurred_at, recorded_at, event_digest) SELECT recipient, '*', '*', 'objection', 'event', 1770112800, 1770112800, x'01' FROM sending JOIN invitation USING (invitation) WHERE sending.state = 'spooled' LIMIT 1"
    survey send 2026-02-03T12:00:00Z
    [ "$(states)" = 'pulled|1 sent|5 ' ]
    [ "$(accepted)" = 5 ]
}

@test "killed at any call while mail goes, no message goes twice and none is lost" {
    [ -x "$kill_at" ] || skip "no kill_at"
    start none ""
    plan_and_approve $day
    cp -r w fresh
    call=5
    while :; do
        rm -rf w server/accepted && cp -r fresh w && mkdir server/accepted
        status=0
        "$kill_at" "$call" "$fallzahl" -C w survey service send --as-of $day >/dev/null 2>&1 || status=$?
        survey send 2026-02-03T11:00:00Z >/dev/null
        survey send 2026-02-03T12:00:00Z >/dev/null
        [ "$(jq -rs '[.[].to[0]] | group_by(.) | map(length) | max' server/accepted/*.json)" = 1 ]
        # One that the killed run had begun may be uncertain: sent, or not.
        [ "$(sql 'SELECT sum(state = "sent") + sum(state = "uncertain") FROM sending')" = 6 ]
        [ "$(sql 'SELECT sum(state = "uncertain") <= 1 FROM sending')" = 1 ]
        [ "$(accepted)" -ge 5 ]
        [ "$status" -eq 99 ] || break
        call=$((call + ${KILL_STEP:-83}))
    done
    [ "$call" -gt 60 ]
}
