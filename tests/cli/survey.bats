# From plan to outbox: what goes, goes once; what must not go is taken back.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    . "$BATS_TEST_DIRNAME/survey_workspace.bash"
    make_workspace 12
}

teardown() {
    rm -rf "$folder"
}

day=2026-02-03T10:00:00Z

states() {
    sql 'SELECT state, count(*) FROM sending GROUP BY state ORDER BY state'
}

@test "planned, approved, sent: one message each, and a second run sends none" {
    run survey send $day
    [ "$status" -eq 64 ]
    [[ $output == *"has no plan"* ]]
    survey plan $day > plan
    grep -qx 'to be asked: 10' plan
    run survey send $day
    [[ $output == *"is not approved"* ]]
    survey approve "$(sed -n 's/^plan: //p' plan)" $day
    survey send $day
    [ "$(waiting)" = 12 ]
    survey send 2026-02-03T11:00:00Z
    [ "$(waiting)" = 12 ]
    [ "$(states)" = 'spooled|12' ]
}

@test "P4: with a token or contact key given up, what waits in the outbox goes nowhere: nobody could answer it or opt out" {
    plan_and_approve $day
    survey send $day
    pick_up $(find w/outbox -name '*.eml' | sort | head -n 5)
    cp -r w intact
    for purpose in token contact; do
        rm -rf w && cp -r intact w
        [ "$(waiting)" = 7 ]
        rm w/keys/$purpose.1
        "$fallzahl" -C w key give-up $purpose --as-of 2026-02-03T11:00:00Z
        [ "$(waiting)" = 0 ]
        [ "$(find w/outbox/sent -name '*.eml' | wc -l)" = 5 ]
        survey send 2026-02-03T12:00:00Z
        [ "$(waiting)" = 0 ]
    done
}

@test "what a mail system took is noted as sent; after an older backup it is not sent again" {
    cp w/state/surveys.db older.db
    plan_and_approve $day
    cp w/state/surveys.db approved.db
    survey send $day
    pick_up $(find w/outbox -name '*.eml' | sort | head -n 5)
    survey send 2026-02-03T11:00:00Z
    [ "$(states)" = 'sent|5
spooled|7' ]
    rm -f w/state/surveys.db-*
    cp approved.db w/state/surveys.db
    survey send 2026-02-03T12:00:00Z
    [ "$(waiting)" = 7 ]
    [ "$(find w/outbox/sent -name '*.eml' | wc -l)" = 5 ]
    rm -f w/state/surveys.db-*
    cp older.db w/state/surveys.db
    plan_and_approve 2026-02-03T13:00:00Z
    survey send 2026-02-03T13:00:00Z
    [ "$(waiting)" = 7 ]
    [ "$(states)" = 'sent|5
spooled|7' ]
}

# Of a backup from before anybody was asked, once everybody was.
restore_older() {
    "$fallzahl" -C w backup --quiet --as-of 2026-02-02T10:00:00Z
    plan_and_approve $day
    survey send $day
    pick_up w/outbox/*.eml
    survey send 2026-02-03T11:00:00Z
    rm w/state/surveys.db*
    run -0 --separate-stderr "$fallzahl" -C w restore --as-of "$1" w/state/backups/backup-2026-02-02T10:00:00Z
    [[ "$stderr" == *"who was asked in surveys since the backup is not known"* ]]
    "$fallzahl" -C w restore --replayed --quiet --as-of "$1"
}

# case DAY: another case of each of two people, closed that day.
another_case() {
    printf 'id,closed,email,phone,may_ask,may_call,language,country,channel\n%s-1,%s,p1@mail.example,,yes,yes,de,DE,chat\n%s-2,%s,p2@mail.example,,yes,yes,de,DE,chat\n' "$1" "$1" "$1" "$1" > "w/inbox/cases-$1.csv"
    "$fallzahl" -C w ingest --quiet --as-of "$1" "w/inbox/cases-$1.csv"
}

@test "P3: after a restore nobody is asked twice about a case nor above the cap, by whatever survey" {
    restore_older 2026-02-10T09:00:00Z
    sed 's/^title:/title: /' w/surveys/service.yaml > w/surveys/other.yaml
    for name in service other; do
        run -64 --separate-stderr "$fallzahl" -C w survey $name plan --as-of 2026-02-11
        [[ "$stderr" == *"from a backup of 2026-02-02T10:00:00Z"*"before 2026-05-12"* ]] # 90 days of the cap after the day of the restore
        [[ "$("$fallzahl" -C w survey $name why p1@mail.example --as-of 2026-02-11)" == *"a plan made now: refused: "*"before 2026-05-12"* ]]
    done
    another_case 2026-05-11
    run -64 survey plan 2026-05-11T09:00:00Z
    run -64 --separate-stderr survey plan 2026-05-12T09:00:00Z
    [[ "$stderr" == *"'wave' to a new number and 'begins' to a day after 2026-02-10"* ]]
    sed -i -e 's/^wave:.*//' -e 's/^begins:.*//' w/surveys/service.yaml
    printf 'wave: 7\nbegins: 2026-02-10\n' >> w/surveys/service.yaml
    run -64 survey plan 2026-05-12T09:00:00Z
    sed -i 's/^begins:.*/begins: 2026-02-11/' w/surveys/service.yaml
    plan_and_approve 2026-05-12T09:00:00Z
    survey send 2026-05-12T09:00:00Z
    [ "$(waiting)" = 2 ] # of new cases alone
    # a window of cases that reaches back further than the cap
    sed 's/^closed_within_days:.*/closed_within_days: 120/' w/surveys/service.yaml > w/surveys/longer.yaml
    run -64 --separate-stderr "$fallzahl" -C w survey longer plan --as-of 2026-05-12T10:00:00Z
    [[ "$stderr" == *"before 2026-06-11"* ]]
}

@test "a restore halts what was approved before, and takes back what waits" {
    plan_and_approve $day
    survey send $day
    "$fallzahl" -C w backup --quiet --as-of 2026-02-03T11:00:00Z
    rm w/state/surveys.db*
    "$fallzahl" -C w restore --quiet --as-of 2026-02-04 w/state/backups/backup-2026-02-03T11:00:00Z
    "$fallzahl" -C w restore --replayed --quiet --as-of 2026-02-04
    [[ "$(survey status 2026-02-04)" == *"halted: 2026-02-04T00:00:00Z by restore"* ]]
    run -64 survey send 2026-02-04T10:00:00Z
    [ "$(waiting)" = 0 ]
    # a wave that the backup knows, whatever day it is said to begin
    sed -i 's/^begins:.*//' w/surveys/service.yaml
    echo 'begins: 2026-05-01' >> w/surveys/service.yaml
    run -64 --separate-stderr survey plan 2026-06-01T09:00:00Z
    [[ "$stderr" == *"'wave' to a new number"* ]]
}

@test "a restore of cases.db alone lets surveys go on" {
    "$fallzahl" -C w backup --quiet --as-of 2026-02-02T10:00:00Z
    rm w/state/cases.db*
    "$fallzahl" -C w restore --quiet --as-of 2026-02-02T11:00:00Z w/state/backups/backup-2026-02-02T10:00:00Z
    "$fallzahl" -C w restore --replayed --quiet --as-of 2026-02-02T11:00:00Z
    plan_and_approve $day
    survey send $day
    [ "$(waiting)" = 12 ]
}

@test "an approval binds when and how, too: a file that was changed needs a new one" {
    cp w/surveys/service.yaml approved.yaml
    echo 'surveys: {smtp: {host: localhost, port: 1, tls: none}}' >> w/fallzahl.yaml
    for change in 's/^quiet:.*/quiet: {from: "23:00", to: "23:01"}/' 's/^ends:.*/ends: 2027-12-31/' 's/^transport:.*/transport: smtp/' \
        '$a begins: 2026-01-01' 's/^transport:.*/transport: smtp\nthrottle_per_minute: 9/' '$a stop_bounce_percent: 99' '$a segments: [channel]'; do
        sed "$change" approved.yaml > w/surveys/service.yaml
        ! cmp -s approved.yaml w/surveys/service.yaml
        cp approved.yaml w/surveys/service.yaml
        plan_and_approve $day
        sed "$change" approved.yaml > w/surveys/service.yaml
        run survey send $day
        [ "$status" -eq 64 ]
        [[ $output == *"who is asked, when or how changed in the file of survey 'service' since it was planned; plan and approve it again"* ]]
        "$fallzahl" -C w run --quiet --as-of $day
        [ "$(waiting)" = 0 ]
    done
    cp approved.yaml w/surveys/service.yaml
    survey send $day
    [ "$(waiting)" = 12 ]
}

@test "halt takes back what waits, leaves what was taken, and the same audience can be planned anew" {
    plan_and_approve $day
    survey send $day
    pick_up $(find w/outbox -name '*.eml' | sort | head -n 5)
    survey halt $day | grep -qx 'taken back from the spool: <10'
    [ "$(waiting)" = 0 ]
    [ "$(states)" = 'pulled|7
sent|5' ]
    [ "$(find w/outbox/pulled -type f -size +0 | wc -l)" = 0 ]
    run survey send $day
    [[ $output == *"is halted; to go on, plan and approve it again"* ]]
    survey status $day > status
    grep -qx "halted: $day by $(id -un)" status
    grep -q '^next: plan and approve it again' status
    plan_and_approve 2026-02-04T10:00:00Z
    survey send 2026-02-04T10:00:00Z
    [ "$(waiting)" = 7 ]
    [ "$(states)" = 'sent|5
spooled|7' ]
    [ -z "$(find w/outbox/pulled -type f)" ]
}

@test "two who turn out to be one person after the plan get one message, though the case that says so asks for nothing" {
    plan_and_approve $day
    printf 'id,closed,email,phone,may_ask,may_call,language,country,channel\n99,2026-02-02,p1@mail.example,+49302312501%s,,,de,DE,chat\n' 2 > w/inbox/cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-03T10:30:00Z w/inbox/cases-2.csv
    survey send 2026-02-03T11:00:00Z
    [ "$(waiting)" = 11 ]
    [ "$(grep -l -E '^To: p[12]@' -r w/outbox | wc -l)" = 1 ]
    printf 'id,closed,email,phone,may_ask,may_call,language,country,channel\n98,2026-02-02,p3@mail.example,+493023125014,,,de,DE,chat\n' > w/inbox/cases-3.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-03T11:30:00Z w/inbox/cases-3.csv
    survey send 2026-02-03T12:00:00Z
    [ "$(waiting)" = 10 ]
    [ "$(grep -l -E '^To: p[34]@' -r w/outbox | wc -l)" = 1 ]
}

@test "a survey whose last day is over: check says so unless it was planned once, plan refuses, and both say what to do" {
    run -0 "$fallzahl" -C w check --as-of 2026-12-31T10:00:00Z
    run "$fallzahl" -C w check --as-of 2027-01-01T10:00:00Z
    [ "$status" -eq 78 ]
    [[ $output == *"w/surveys/service.yaml:"*": this day is over and nobody was asked; set a later one"* ]]
    plan_and_approve $day
    run -0 "$fallzahl" -C w check --as-of 2027-01-01T10:00:00Z
    run survey plan 2027-01-01T10:00:00Z
    [ "$status" -eq 64 ]
    [[ $output == *"survey 'service' ended on 2026-12-31; set 'ends' in its file to a later day, or make a new survey"* ]]
}

@test "check names a label that the dimension does not have, and a period" {
    printf 'audience: {channel: [chat, fax], month: [2026-02]}\nquotas: [{dimension: channel, label: chats, maximum: 5}]\n' >> w/surveys/service.yaml
    run "$fallzahl" -C w check --as-of $day
    [ "$status" -eq 78 ]
    [[ $output == *"the dimension has no label 'fax'; see its 'allow' in fallzahl.yaml"* ]]
    [[ $output == *"the dimension has no label 'chats'"* ]]
    [[ $output == *"'month' is a period: people are not told apart by it"* ]]
}

@test "check notes a label that no stored case has, where no list says which there are" {
    sed -i 's/channel: {column: channel, allow: \[chat, phone\]}/channel: {column: channel}/' w/fallzahl.yaml
    printf 'audience: {channel: [chat, fax]}\nquotas: [{dimension: channel, label: fax, maximum: 10}]\n' >> w/surveys/service.yaml
    run -0 --separate-stderr "$fallzahl" -C w check --as-of $day
    [[ "$stderr" == *"surveys/service.yaml:"*": no stored case has the label 'fax' of 'channel'"* ]]
    [[ "$stderr" != *"'chat' of"* ]]
    [ "$("$fallzahl" -C w check --json --as-of $day | jq '.notes | length')" = 2 ]
}

@test "a halt takes back what a killed run left without a row" {
    plan_and_approve $day
    survey send $day
    change "DELETE FROM sending"
    change "DELETE FROM invitation"
    survey halt $day
    [ "$(waiting)" = 0 ]
}

@test "too many bounces: what waits is taken back, status says it, and a new plan with a new approval goes on" {
    people 40 > w/inbox/cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02T09:00:00Z w/inbox/cases-2.csv
    plan_and_approve $day
    survey send $day
    [ "$(waiting)" = 40 ]
    pick_up $(find w/outbox -maxdepth 1 -name '*.eml' | sort | head -n 25)
    survey send 2026-02-03T11:00:00Z
    change "INSERT INTO bounce (recipient, kind, occurred_at, digest) SELECT recipient, 'hard', 1770116400, randomblob(32) FROM invitation WHERE state = 'sent' LIMIT 2"
    run survey send 2026-02-03T12:00:00Z
    [ "$status" -eq 64 ]
    [[ $output == *"was stopped: more than 5 % of its messages bounced; find out why, then plan and approve it again"* ]]
    [ "$(waiting)" = 0 ]
    [ "$(states)" = 'pulled|15
sent|25' ]
    survey status 2026-02-03T12:00:00Z > status
    grep -qx 'halted: 2026-02-03T12:00:00Z by too many bounces' status
    grep -qx 'pulled: 10' status
    grep -q '^next: plan and approve it again' status
    plan_and_approve 2026-02-04T10:00:00Z
    survey send 2026-02-04T10:00:00Z
    [ "$(waiting)" = 15 ]
    [ "$(states)" = 'sent|25
spooled|15' ]
}

@test "too many bounces: the night stops the survey, too, and says so" {
    people 40 > w/inbox/cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02T09:00:00Z w/inbox/cases-2.csv
    plan_and_approve $day
    survey send $day
    pick_up $(find w/outbox -maxdepth 1 -name '*.eml' | sort | head -n 25)
    change "INSERT INTO bounce (recipient, kind, occurred_at, digest) SELECT recipient, 'hard', 1770116400, randomblob(32) FROM invitation JOIN sending USING (invitation) WHERE file_name || '.eml' IN ($(cd w/outbox/sent && printf "'%s'," *.eml)'') LIMIT 2"
    run "$fallzahl" -C w run --quiet --as-of 2026-02-04T09:00:00Z
    [[ $output == *"survey service: survey 'service' was stopped: more than 5 %"* ]]
    [ "$(waiting)" = 0 ]
    survey status 2026-02-04T12:00:00Z | grep -qx 'halted: 2026-02-04T09:00:00Z by too many bounces'
}

@test "a survey halted before anything was sent starts again with a new plan and a new approval" {
    plan_and_approve $day
    survey halt $day
    run survey send $day
    [ "$status" -eq 64 ]
    plan_and_approve $day
    survey send $day
    [ "$(waiting)" = 12 ]
}

@test "P3: who leaves after the invitation was put gets none: it is taken back, and no reminder follows" {
    plan_and_approve $day
    survey send $day
    change "INSERT INTO consent_event (recipient, controller, purpose, kind, origin, occurred_at, recorded_at, event_digest) VALUES (1, 'nordhaus', '*', 'opt_out', 'event', 1770112800, 1770112800, x'01'), (3, '*', '*', 'objection', 'event', 1770112800, 1770112800, x'02')"
    change "INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES (5, 'hard', 1770112800, x'01'), (7, 'soft', 1770112800, x'02')"
    survey send 2026-02-03T12:00:00Z
    [ "$(waiting)" = 9 ]
    pick_up w/outbox/*.eml
    survey send 2026-02-11T12:00:00Z
    [ "$(sql 'SELECT count(*) FROM sending WHERE number = 1')" = 9 ]
    [ "$(sql 'SELECT count(*) FROM sending JOIN invitation USING (invitation) WHERE number = 1 AND recipient IN (1, 3, 5)')" = 0 ]
}

@test "who left is not written to although the clock of whoever noted it is hours ahead" {
    plan_and_approve $day
    printf 'event,kind,identifier,channel,occurred_at\n%s\n%s\n' e1,opt_out,p1@mail.example,email,2026-02-03T23:00:00Z \
        e2,objection,p2@mail.example,,2026-02-04T09:00:00Z > subjects-e.csv
    "$fallzahl" -C w subjects subjects-e.csv --as-of $day
    survey send 2026-02-03T10:30:00Z
    [ "$(waiting)" = 10 ]
    ! grep -l -E '^To: p[12]@' -r w/outbox || false
}

@test "samples and quotas are multiples of the threshold: no limit tells how many people there are" {
    cp w/surveys/service.yaml plain.yaml
    for limit in 'sample: {size: 11}' 'quotas: [{dimension: channel, label: chat, maximum: 3}]'; do
        echo "$limit" | cat plain.yaml - > w/surveys/service.yaml
        run survey plan $day
        [ "$status" -eq 78 ]
        [[ $output =~ service.yaml:[0-9]+:[0-9]+:\ not\ a\ multiple\ of\ \'protection.k\'\ in\ fallzahl.yaml,\ which\ is\ 10 ]]
    done
    echo "sample: {size: 10}" | cat plain.yaml - > w/surveys/service.yaml
    survey plan $day > plan
    grep -qx 'to be asked: 10' plan
    grep -qx 'not asked, sampled out: <10' plan
    echo 'quotas: [{dimension: channel, label: chat, maximum: 0}]' | cat plain.yaml - > w/surveys/service.yaml
    survey plan $day > plan
    grep -qx 'to be asked: <10' plan
    grep -qx 'not asked, quota full: 10' plan
}

# told: what marketing is told, without the hash, which is another each time.
told() {
    survey plan "$1" | grep -v '^plan: '
}

@test "samples and quotas are limits of the wave, and who was held out stays so, however often it is planned" {
    sed -e '/^cap:/d' -e '/^quotas:/d' -e 's/sunday//' w/surveys/service.yaml > plain.yaml
    for limit in 'sample: {size: 10}' 'quotas: [{dimension: channel, label: chat, maximum: 10}]'; do
        wave=$((${wave:-1} + 1))
        { sed '/^wave:/d' plain.yaml; echo "wave: $wave"; echo "$limit"; echo 'cap: {invitations: 9, days: 1}'; } > w/surveys/service.yaml
        printf 'surveys: {cap: {invitations: 9, days: 1}}\n' | cat w/fallzahl.yaml - > with_cap.yaml
        grep -q '^surveys:' w/fallzahl.yaml || cp with_cap.yaml w/fallzahl.yaml
        change 'UPDATE invitation SET case_hash = randomblob(16)' # the cases of the wave before may be asked about
        plan_and_approve 2026-02-0$((wave * 2 - 1))T10:00:00Z
        survey send 2026-02-0$((wave * 2 - 1))T10:00:00Z
        pick_up w/outbox/*.eml
        [ "$(sql "SELECT count(*) FROM invitation WHERE wave = $wave")" = 10 ]
        plan_and_approve 2026-02-0$((wave * 2))T10:00:00Z
        survey send 2026-02-0$((wave * 2))T10:00:00Z
        [ "$(sql "SELECT count(*) FROM invitation WHERE wave = $wave")" = 10 ]
    done
    # what was taken back is not used up; who was held out of what was approved is not asked once nobody is held out any more
    { sed -e '/^wave:/d' -e '/^holdout_percent:/d' plain.yaml; echo 'wave: 9'; echo 'holdout_percent: 50'; echo 'cap: {invitations: 9, days: 1}'; } > w/surveys/service.yaml
    change 'UPDATE invitation SET case_hash = randomblob(16)'
    plan_and_approve 2026-02-08T10:00:00Z
    held=$(sql 'SELECT count(*) FROM plan_recipient WHERE plan = (SELECT max(plan) FROM survey_plan) AND holdout')
    [ "$held" -gt 0 ]
    survey send 2026-02-08T10:00:00Z
    survey halt 2026-02-08T11:00:00Z
    sed -i 's/^holdout_percent:.*/holdout_percent: 0/' w/surveys/service.yaml
    survey plan 2026-02-08T12:00:00Z >/dev/null
    [ "$(sql 'SELECT count(*) FROM plan_recipient WHERE plan = (SELECT max(plan) FROM survey_plan) AND holdout')" = "$held" ]
    [ "$(sql 'SELECT count(*) FROM plan_recipient WHERE plan = (SELECT max(plan) FROM survey_plan) AND NOT holdout')" = $((12 - held)) ]
}

@test "a survey that goes by SMTP needs a server: check, plan and approve say so" {
    sed -i '/^transport:/d' w/surveys/service.yaml
    echo 'transport: smtp' >> w/surveys/service.yaml
    run -78 "$fallzahl" -C w check
    [[ "$output" == *"surveys/service.yaml:"*"fallzahl.yaml has no 'surveys.smtp'"* ]]
    run -78 survey plan $day
}

@test "what marketing is told is the same when one person came, left or objected: from day to day, by another filter or survey" {
    people 20 > w/inbox/cases-2.csv
    sed -i '2,13d; s/^\([0-9]*\),/2\1,/' w/inbox/cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02T09:00:00Z w/inbox/cases-2.csv
    told $day > before
    grep -qx 'to be asked: 20' before
    printf 'event,kind,identifier,channel,occurred_at\n%s\n' e2,objection,p2@mail.example,,2026-02-03T09:00:00Z > subjects-e.csv
    "$fallzahl" -C w subjects subjects-e.csv --as-of 2026-02-03T10:00:00Z
    told 2026-02-03T11:00:00Z | cmp - before       # 19 are left
    cp w/surveys/service.yaml w/surveys/other.yaml
    "$fallzahl" -C w survey other plan --as-of 2026-02-03T11:00:00Z | grep -v '^plan: ' | sed 's/survey: other/survey: service/' | cmp - before
    survey status 2026-02-03T11:00:00Z | grep -q '^planned: 2026-02-03T11:00:00Z'
}

@test "an objection by telephone holds for the mail of the same person" {
    recipient=$(sql "SELECT recipient FROM recipient WHERE channel = 'email' ORDER BY 1 LIMIT 1")
    plan_and_approve $day
    change "INSERT INTO recipient (recipient, address_hash, channel) VALUES (900, x'00', 'phone')"
    change "INSERT INTO recipient_identifier SELECT hash, 900 FROM recipient_identifier WHERE recipient = $recipient LIMIT 1"
    change "INSERT INTO consent_event (recipient, controller, purpose, kind, origin, occurred_at, recorded_at, event_digest) VALUES (900, '*', '*', 'objection', 'event', 1770112800, 1770112800, x'01')"
    survey send $day
    [ "$(waiting)" = 11 ]
}

@test "whoever has a new address is not asked again about the same case, nor in the same wave" {
    plan_and_approve $day
    survey send $day
    [ "$(waiting)" = 12 ]
    printf 'id,closed,email,phone,may_ask,may_call,language,country,channel\n%s\n' \
        40,2026-02-04,new@mail.example,+4930231250"$((10 + 1))",yes,yes,de,DE,chat > w/inbox/cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-05T09:00:00Z w/inbox/cases-2.csv
    printf 'event,kind,controller,identifier,contact,language,country,channel,occurred_at\n%s\n' \
        n2,opt_in,nordhaus,+4930231250"$((10 + 2))",other@mail.example,de,DE,email,2026-02-05T08:00:00Z > subjects-n.csv
    "$fallzahl" -C w subjects subjects-n.csv --as-of 2026-02-05T09:00:00Z
    plan_and_approve 2026-02-05T10:00:00Z
    survey send 2026-02-05T10:00:00Z
    [ "$(waiting)" = 12 ]
    ! grep -l -E '^To: (new|other)@' -r w/outbox || false
}

# Marketing writes another survey of the same people: NAME and, for sed, what to change.
another_survey() {
    sed "$2" w/surveys/service.yaml > "w/surveys/$1.yaml"
}

ask_with() {
    "$fallzahl" -C w survey "$1" approve "$("$fallzahl" -C w survey "$1" plan --as-of "$2" | sed -n 's/^plan: //p')" --as-of "$2" > approved.txt
    "$fallzahl" -C w survey "$1" send --as-of "$2" > sent.txt
}

@test "P3: five surveys by one marketing department ask nobody five times: the cap is the workspace's, the case is asked about once" {
    sed -i 's/^reminders:.*//; s/^cap:.*//' w/surveys/service.yaml
    for name in one two three four five; do
        another_survey $name 's/^closed_within_days.*/closed_within_days: 60/; $a cap: {invitations: 2, days: 1}'
    done
    at=5
    for name in one two three four five; do     # each has a new case of everybody to ask about
        people 12 | sed "s/^[0-9]*,2026-02-01/$name&/; s/,2026-02-01/,2026-02-0$at/" > w/inbox/cases-$name.csv
        "$fallzahl" -C w ingest --quiet --as-of 2026-02-1${at}T09:00:00Z w/inbox/cases-$name.csv
        ask_with $name 2026-02-1${at}T10:00:00Z
        at=$((at + 1))
    done
    [ "$(sql 'SELECT max(n) FROM (SELECT count(*) AS n FROM invitation GROUP BY recipient)')" = 2 ]
    [ "$(waiting)" = 24 ]
    "$fallzahl" -C w survey five plan --as-of 2026-02-20T10:00:00Z | grep -qx 'not asked, asked too often: 10'
    printf 'surveys:\n  cap: {invitations: 9, days: 90}\n' >> w/fallzahl.yaml
    sed -i 's/^cap:.*/cap: {invitations: 9, days: 90}/' w/surveys/five.yaml
    "$fallzahl" -C w survey five plan --as-of 2026-02-20T10:00:00Z | grep -qx 'to be asked: 10'
}

@test "P3: a survey under another name asks nobody again about the same case" {
    printf 'surveys:\n  cap: {invitations: 9, days: 9}\n' >> w/fallzahl.yaml
    sed -i 's/^cap:.*/cap: {invitations: 9, days: 9}/' w/surveys/service.yaml
    plan_and_approve $day
    survey send $day
    mv w/surveys/service.yaml w/surveys/renamed.yaml
    ask_with renamed 2026-02-03T11:00:00Z
    [ "$(waiting)" = 12 ]
    "$fallzahl" -C w survey renamed plan --as-of 2026-02-03T12:00:00Z | grep -qx 'not asked, asked for this case: 10'
}

@test "a survey that promises more than the workspace's cap is a mistake with its place" {
    sed -i 's/^cap:.*/cap: {invitations: 3, days: 90}/' w/surveys/service.yaml
    run "$fallzahl" -C w check
    [ "$status" -eq 78 ]
    [[ $output =~ surveys/service.yaml:[0-9]+:[0-9]+:\ more\ than\ \'surveys.cap\'\ in\ fallzahl.yaml\ allows,\ which\ is\ 2\ in\ 90\ days ]]
    run survey plan $day
    [ "$status" -eq 78 ]
    sed -i 's/^cap:.*/cap: {invitations: 3, days: 365}/' w/surveys/service.yaml
    survey plan $day
    printf 'surveys:\n  cap: {invitations: 1, days: 90}\n' >> w/fallzahl.yaml
    sed -i 's/^cap:.*/cap: {invitations: 2, days: 91}/' w/surveys/service.yaml
    run "$fallzahl" -C w check
    [ "$status" -eq 78 ]
    [[ $output =~ surveys/service.yaml:[0-9]+:[0-9]+:\ reminders\ count\ against ]]
}

@test "the night sends what was approved, reminds after the gap, and passes over what was not" {
    survey plan $day
    "$fallzahl" -C w run --quiet --as-of $day
    [ "$(waiting)" = 0 ]
    plan_and_approve $day
    "$fallzahl" -C w run --quiet --as-of 2026-02-04T02:00:00Z   # quiet hours
    [ "$(waiting)" = 0 ]
    "$fallzahl" -C w run --quiet --as-of 2026-02-04T09:00:00Z
    [ "$(waiting)" = 12 ]
    pick_up w/outbox/*.eml
    "$fallzahl" -C w run --quiet --as-of 2026-02-10T09:00:00Z
    [ "$(waiting)" = 0 ]
    "$fallzahl" -C w run --quiet --as-of 2026-02-11T09:00:00Z
    [ "$(waiting)" = 12 ]
    jq -e '.steps[] | select(.step == "surveys") | .counts.reminded == 12 and .counts.taken == 0' w/state/runs/2026-02-11T09:00:00Z-1.json
}

@test "no reminder after the answer, nor for those whose first message was taken back" {
    plan_and_approve $day
    survey send $day
    pick_up $(find w/outbox -name '*.eml' | sort | head -n 6)
    change "UPDATE invitation SET state = 'answered' WHERE invitation IN (SELECT invitation FROM sending ORDER BY file_name LIMIT 2)"
    survey halt 2026-02-03T11:00:00Z
    plan_and_approve 2026-02-04T11:00:00Z
    survey send 2026-02-11T12:00:00Z
    [ "$(sql 'SELECT count(*) FROM sending WHERE number = 1')" = 4 ]
}

@test "why refuses an identifier of a kind that no source has" {
    run survey why custmer=K3 $day
    [ "$status" = 65 ]
    [[ "$output" == *"is not named by"* ]]
}

@test "when the survey is over nothing with an address is left in the outbox" {
    plan_and_approve $day
    survey send $day
    pick_up $(find w/outbox -name '*.eml' | sort | head -n 6)
    "$fallzahl" -C w run --quiet --as-of 2027-01-02T09:00:00Z
    [ -z "$(find w/outbox -name '*.eml')" ]
}

@test "a message that no reservation vouches for goes; proofs stay" {
    plan_and_approve $day
    survey send $day
    echo x > w/outbox/00000000000000000000000000000000.eml
    echo x > w/outbox/proof-1.eml
    survey send $day
    [ ! -e w/outbox/00000000000000000000000000000000.eml ]
    [ -e w/outbox/proof-1.eml ]
    [ "$(waiting)" = 13 ]
}

@test "why tells the officer the decision in words" {
    plan_and_approve $day
    survey send $day
    survey why p1@mail.example $day > why
    grep -q '^opt_in at 2026-02-01' why
    grep -q "\"approved_by\":\"$(id -un)\"" why
}

handoff() {
    sed -i -e 's/^channel: email/channel: phone/' -e 's/^transport: spool/transport: handoff\nvendor: Callcentre GmbH/' -e 's/^expires_days: .*/expires_days: 20/' w/surveys/service.yaml
    "$fallzahl" -C w survey service status --as-of $day >/dev/null
    people 12 | sed 's/^\([0-9]\)/9\1/' > w/inbox/cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02T09:00:00Z w/inbox/cases-2.csv
}

@test "P7: a hand-off holds the minimum, stands in the disclosure ledger, and its sum is right" {
    handoff
    plan_and_approve $day
    survey send $day | grep -qx 'invitations: 10 handed over, no longer to be asked: <10, wait for their day: <10'
    file=w/outbox/handoff-000001-service
    [ "$(head -n 1 $file.csv)" = reference,address,language,code,not_after ]
    [ "$(tail -n +2 $file.csv | wc -l)" = 12 ]
    tail -n +2 $file.csv | grep -qvE '^[0-9a-f]{32},tel:\+49302312501[0-9]|^[0-9a-f]{32},tel:\+49302312502[0-9]' && false
    [ "$(jq -r .sha256 $file.json)" = "$(sha256sum $file.csv | cut -d' ' -f1)" ]
    [ "$(jq -r '"\(.people) \(.vendor) \(.delete_after) \(.fields | join(","))"' $file.json)" = "12 Callcentre GmbH 2026-02-23 reference,address,language,code,not_after" ]
    [ "$(sql 'SELECT vendor, survey, people, fields, file_name, finished FROM disclosure')" = "Callcentre GmbH|service|12|reference,address,language,code,not_after|handoff-000001-service|1" ]
    [ "$(sql 'SELECT lower(hex(sha256)) FROM disclosure')" = "$(jq -r .sha256 $file.json)" ]
    [ "$(states)" = 'sent|12' ]
    survey send $day
    [ "$(find w/outbox -name 'handoff-*.csv' ! -name '*.withdrawn.csv' | wc -l)" = 1 ]
}

@test "the file to look into before each contact names who left, and everybody after a halt" {
    handoff
    plan_and_approve $day
    survey send $day
    file=w/outbox/handoff-000001-service
    [ "$(cat $file.withdrawn.csv)" = reference ]
    recipient=$(sql "SELECT recipient FROM recipient WHERE channel = 'phone' ORDER BY 1 LIMIT 1")
    change "INSERT INTO consent_event (recipient, controller, purpose, kind, origin, occurred_at, recorded_at, event_digest) VALUES ($recipient, '*', '*', 'objection', 'event', 1770112800, 1770112800, x'01')"
    "$fallzahl" -C w run --quiet --as-of 2026-02-04T09:00:00Z
    reference=$(sql "SELECT file_name FROM sending JOIN invitation USING (invitation) WHERE recipient = $recipient")
    [ "$(tail -n +2 $file.withdrawn.csv)" = "$reference" ]
    survey halt 2026-02-04T10:00:00Z
    [ "$(tail -n +2 $file.withdrawn.csv | wc -l)" = 12 ]
}

@test "P7: the file to look into before each contact names who was erased, until the hand-off is deleted" {
    handoff
    plan_and_approve $day
    survey send $day
    csv=w/outbox/handoff-000001-service.csv
    erased=$(grep -F 'tel:+493023125011,' $csv | cut -d, -f1)
    [ -n "$erased" ]
    printf 'event,kind,identifier,occurred_at\n%s\n' e1,erasure,p1@mail.example,2026-02-03T11:00:00Z > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03T11:00:00Z subjects.csv
    [ "$(sql "SELECT count(*) FROM sending")" = 11 ]
    [ "$(tail -n +2 "${csv%.csv}.withdrawn.csv" | tr -d '\r')" = "$erased" ]
    survey halt 2026-02-03T12:00:00Z
    [ "$(tail -n +2 "${csv%.csv}.withdrawn.csv" | wc -l)" = 12 ]
    "$fallzahl" -C w run --quiet --as-of 2026-12-01
    [ "$(sql "SELECT count(*) FROM erased_reference")" = 0 ]
}

@test "the file to look into before each contact names who objects or opts out in the same act" {
    handoff
    plan_and_approve $day
    survey send $day
    file=w/outbox/handoff-000001-service
    one=$(sed -n 2p $file.csv | cut -d, -f1) other=$(sed -n 3p $file.csv | cut -d, -f1)
    "$fallzahl" -C w person object "$(sed -n 2p $file.csv | cut -d, -f2 | cut -d: -f2)" --as-of 2026-02-03T13:00:00Z
    [ "$(tail -n +2 $file.withdrawn.csv)" = "$one" ]
    printf 'event,kind,controller,identifier,channel,contact,purpose,occurred_at\no1,opt_out,,%s,*,,*,2026-02-03\n' \
        "$(sed -n 3p $file.csv | cut -d, -f2 | cut -d: -f2)" > subjects-1.csv
    "$fallzahl" -C w subjects subjects-1.csv --as-of 2026-02-03T14:00:00Z
    [ "$(tail -n +2 $file.withdrawn.csv | sort)" = "$(printf '%s\n' "$one" "$other" | sort)" ]
}

@test "the file to look into before each contact names everybody once somebody leaves of whom no contact can be opened" {
    handoff
    plan_and_approve $day
    survey send $day
    file=w/outbox/handoff-000001-service
    one=$(sed -n 2p $file.csv | cut -d, -f1) phone=$(sed -n 2p $file.csv | cut -d, -f2 | cut -d: -f2)
    mv w/keys/contact.1 safe
    run -0 "$fallzahl" -C w person object "$phone" --as-of 2026-02-03T13:00:00Z
    [[ $output == *"vendors may contact nobody whom they were handed"* ]]
    [ "$(tail -n +2 $file.withdrawn.csv | sort)" = "$(tail -n +2 $file.csv | cut -d, -f1 | sort)" ]
    mv safe w/keys/contact.1
    "$fallzahl" -C w run --quiet --as-of 2026-02-04T09:00:00Z
    [ "$(tail -n +2 $file.withdrawn.csv)" = "$one" ]
}

@test "the file to look into before each contact honours what the country asks for now" {
    handoff
    plan_and_approve $day
    survey send $day
    file=w/outbox/handoff-000001-service
    recipient=$(sql "SELECT recipient FROM recipient WHERE channel = 'phone' ORDER BY 1 LIMIT 1")
    change "UPDATE contact SET country = 'AT' WHERE recipient = $recipient"
    reference=$(sql "SELECT file_name FROM sending JOIN invitation USING (invitation) WHERE recipient = $recipient")
    for basis in none double_opt_in; do
        sed -i '/^surveys:/,$d' w/fallzahl.yaml
        printf 'surveys:\n  legal_basis:\n    AT: {phone: %s}\n' $basis >> w/fallzahl.yaml
        "$fallzahl" -C w run --quiet --as-of 2026-02-04T09:00:00Z
        [ "$(tail -n +2 $file.withdrawn.csv)" = "$reference" ]
    done
    sed -i 's/AT:/CH:/' w/fallzahl.yaml
    "$fallzahl" -C w run --quiet --as-of 2026-02-05T09:00:00Z
    [ "$(cat $file.withdrawn.csv)" = reference ]
}

@test "a hand-off is deleted after its day, also where it was moved to, and the ledger says when" {
    handoff
    plan_and_approve $day
    survey send $day
    mv w/outbox/handoff-000001-service.csv w/outbox/sent/
    "$fallzahl" -C w retention --quiet --as-of 2026-02-23
    [ -e w/outbox/sent/handoff-000001-service.csv ]
    "$fallzahl" -C w retention --quiet --as-of 2026-02-24
    [ -z "$(find w/outbox -name 'handoff-*')" ]
    [ "$(sql "SELECT deleted_at FROM disclosure")" = "$(date -u -d 2026-02-24 +%s)" ]
}

@test "P5: a dry run of the retention counts what the real one deletes, and changes nothing" {
    sed -i '/closed_at: closed/a\    keep_input_days: 20\n    max_rejects: {percent: 60}' w/fallzahl.yaml
    { people 14; echo '15,not a day,p15@mail.example,,yes,no,de,DE,chat'; } | sed '2,13d' > w/inbox/cases-2.csv
    "$fallzahl" -C w ingest --quiet --as-of 2026-02-02T09:00:00Z w/inbox/cases-2.csv
    handoff
    plan_and_approve $day
    survey send $day
    expected='.quarantine_files == 1 and .kept_inputs == 2 and .handoffs == 1 and .contacts == 14'
    for at in 2026-03-10T09:00:00Z 2027-03-10T09:00:00Z; do
        before=$(find w/outbox w/quarantine w/state/inputs -type f | sort)
        contents=$(sql 'SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM invitation), (SELECT count(*) FROM recipient)')
        "$fallzahl" -C w retention --dry-run --json --as-of $at | jq -S 'del(.dry_run, .messages_emptied)' > dry
        [ "$(find w/outbox w/quarantine w/state/inputs -type f | sort)" = "$before" ]
        [ "$(sql 'SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM invitation), (SELECT count(*) FROM recipient)')" = "$contents" ]
        "$fallzahl" -C w retention --json --as-of $at | jq -S 'del(.dry_run, .messages_emptied)' > real
        diff dry real
        jq -e "$expected" dry >/dev/null || { cat dry; false; }
        expected='.contacts == 12 and .invitations == 12 and .links == 12 and .persons == 14'
    done
}

@test "after an older backup nobody is handed over twice" {
    handoff
    plan_and_approve $day
    cp w/state/surveys.db approved.db
    survey send $day
    rm -f w/state/surveys.db-*
    cp approved.db w/state/surveys.db
    survey send 2026-02-03T12:00:00Z
    [ "$(find w/outbox -name 'handoff-*.csv' ! -name '*.withdrawn.csv' | wc -l)" = 1 ]
    [ "$(states)" = 'sent|12' ]
}

@test "preview shows every language and sends proofs that hold made-up data only" {
    survey preview $day > preview
    grep -q '^== de: ' preview && grep -q '^== en: ' preview
    [ "$(waiting)" = 0 ]
    survey preview "Anna.Planer@nordhaus.example" $day | grep -qx 'proofs sent: 2'
    [ "$(find w/outbox -name 'proof-*.eml' | wc -l)" = 2 ]
    grep -q '^To: anna.planer@nordhaus.example' w/outbox/proof-*.eml
    ! grep -qE 'p[0-9]+@mail.example' w/outbox/proof-*.eml
    run survey preview "not an address" $day
    [ "$status" -eq 64 ]
    for proof in w/outbox/proof-*.eml; do
        grep -qE '^Subject: \[(Preview|Vorschau)\] ' "$proof"
        grep -q '^X-Preview: service' "$proof"
        ! grep -q '^List-Unsubscribe' "$proof"
        grep -q 'VORSCHAU, KEINE UMFRAGE\|PREVIEW, NOT A SURVEY' "$proof"
        ! grep -qE '/[aco]/[0-9a-z]{26}' "$proof" # no token
    done
    plan_and_approve $day
    survey send $day
    [ "$(find w/outbox -name 'proof-*.eml' | wc -l)" = 2 ]
}

@test "P4: no proof goes to who objected or opted out, by whatever identifier, nor after a halt or a restore" {
    printf 'event,kind,identifier,contact,channel,occurred_at,controller\n%s\n%s\n%s\n%s\n' e1,objection,p1@mail.example,,,2026-02-02, \
        e2,objection,+493023125012,,,2026-02-02, e3,opt_out,p3@mail.example,,email,2026-02-02, e4,opt_out,+493023125014,,email,2026-02-02, > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03T09:00:00Z subjects.csv
    for i in 1 2 3 4; do
        run -64 --separate-stderr survey preview p$i@mail.example $day
        [[ "$stderr" == *"no proof is sent there"* ]]
    done
    { people 0; echo 96,2026-02-02,p6@mail.example,,left,,de,DE,chat; } > w/inbox/cases-6.csv # what the register of claims does not know
    "$fallzahl" -C w ingest --quiet --as-of $day w/inbox/cases-6.csv
    run -64 --separate-stderr survey preview p6@mail.example $day
    [ "$(waiting)" = 0 ]
    survey preview p5@mail.example $day >/dev/null # nobody who said no
    printf 'event,kind,identifier,contact,channel,occurred_at,controller\n%s\n' e5,opt_in,p4@mail.example,p4@mail.example,email,2026-02-03T09:30:00Z,nordhaus > subjects.csv
    "$fallzahl" -C w subjects --quiet --as-of 2026-02-03T10:30:00Z subjects.csv
    survey preview p4@mail.example 2026-02-03T10:30:00Z >/dev/null # nor by now
    survey plan 2026-02-03T10:40:00Z >/dev/null
    survey halt 2026-02-03T10:50:00Z
    run -64 --separate-stderr survey preview p5@mail.example 2026-02-03T10:51:00Z
    [[ "$stderr" == *"is halted"* ]]
    survey preview 2026-02-03T10:51:00Z >/dev/null # to look at it here
    survey plan 2026-02-03T10:55:00Z >/dev/null
    survey preview p5@mail.example 2026-02-03T10:55:00Z >/dev/null
    echo 2026-02-01T00:00:00Z > w/state/restored
    chmod 600 w/state/restored
    run -65 survey preview p5@mail.example 2026-02-03T10:56:00Z
}

@test "every message parses with Python's e-mail package and has what the law and the RFCs ask for" {
    plan_and_approve $day
    survey send $day
    pick_up w/outbox/*.eml
    survey send 2026-02-11T10:00:00Z
    /usr/bin/python3 "$BATS_TEST_DIRNAME/../mail/check_messages.py" w/outbox/*.eml w/outbox/sent/*.eml | tail -n 1 | grep -qx '24 messages are right'
}

# responses FIRST COUNT WAVE WEEK CHANNEL: of a confidential survey, moved from the intake in the week of that Monday, not handed over yet.
responses() {
    for ((n = $1; n < $1 + $2; n++)); do
        change "INSERT INTO response (response, survey, wave, week, segment, answers) VALUES ($n, 'service', $3, $4, '{\"channel\":\"$5\"}', '{\"satisfaction\":5}')"
    done
}

handed_over() {
    /usr/bin/python3 -c 'import sqlite3; [print(*row) for row in sqlite3.connect("w/state/cases.db").execute("""SELECT date(closed_day * 86400, "unixepoch"),
        label, count(*) FROM case_answers JOIN dimension_value ON code = d_channel GROUP BY 1, 2 ORDER BY 1, 2""")]'
}

@test "answers go to the statistics in groups of k and more; smaller ones wait, and lose their segment at the wave's end" {
    survey status $day >/dev/null
    printf '  answers:\n    files: "answers-service-*.csv"\n    personal_data: none\n    person: none\n    case_id: response\n    closed_at: week\n' >> w/fallzahl.yaml
    printf '    dimensions: {month: {date: closed_at, as: month}, wave: {column: wave}, channel: {column: channel, missing_as: none, allow: [chat, phone, none]}}\n' >> w/fallzahl.yaml
    printf 'segments: [channel]\n' >> w/surveys/service.yaml
    responses 100 12 1 20486 chat  # 2026-02-02
    responses 200 3 1 20486 phone
    responses 300 4 1 20486 none
    "$fallzahl" -C w run --quiet --as-of 2026-02-05
    [ "$(handed_over)" = "2026-02-02 chat 12" ]
    responses 210 8 1 20493 phone
    responses 120 9 1 20493 chat
    "$fallzahl" -C w run --quiet --as-of 2026-02-18
    [ "$(handed_over | tr '\n' ';')" = "2026-02-02 chat 12;2026-02-16 phone 11;" ]
    # when the wave is over the nine of chat and the four go together
    echo 'wave: 2' >> w/surveys/service.yaml
    "$fallzahl" -C w run --quiet --as-of 2026-02-25
    [ "$(handed_over | tr '\n' ';')" = "2026-02-02 chat 12;2026-02-16 phone 11;2026-02-23 none 13;" ]
    responses 400 9 1 20500 phone
    "$fallzahl" -C w run --quiet --as-of 2026-03-05
    [ "$(handed_over | wc -l)" -eq 3 ]
    # what goes on 1 April counts in April, though the week began in March: that month may be published the same night
    responses 410 3 1 20500 phone
    "$fallzahl" -C w run --quiet --as-of 2026-04-01
    [ "$(handed_over | tail -n 1)" = "2026-04-01 phone 12" ]
}

@test "a link that was used stays used after intake.db was lost, or came back from a backup" {
    plan_and_approve $day
    survey send $day
    "$fallzahl" -C w backup --quiet --as-of 2026-02-03T11:00:00Z
    change "UPDATE invitation SET state = 'answered' WHERE invitation IN (SELECT invitation FROM invitation ORDER BY 1 LIMIT 3)"
    change "UPDATE invitation SET refused = 1 WHERE invitation = (SELECT max(invitation) FROM invitation)"
    flags='SELECT sum(finished), sum(opted_out), sum(confirmed), count(*) FROM ticket'
    rm w/state/intake.db*
    "$fallzahl" -C w run --quiet --as-of 2026-02-04
    [ "$(sql "$flags" intake)" = '3|1|0|12' ]
    rm w/state/intake.db*
    "$fallzahl" -C w restore w/state/backups/* --as-of 2026-02-05
    [ "$(cat w/state/restored)" = 2026-02-03T11:00:00Z ]
    [ "$(sql "$flags" intake)" = '0|0|0|12' ]
    run -65 timeout 5 "$fallzahl" -C w serve --port 0 --as-of 2026-02-05
    "$fallzahl" -C w restore --replayed --as-of 2026-02-05
    [ "$(sql "$flags" intake)" = '3|1|0|12' ]
}

@test "surveys whose answers would stand in files of one pattern are mistakes: check says both, plan refuses, the night leaves them" {
    cp w/surveys/service.yaml w/surveys/service2.yaml
    "$fallzahl" -C w check --as-of $day
    mv w/surveys/service2.yaml w/surveys/service-b.yaml
    run -78 "$fallzahl" -C w check --as-of $day
    [ "$(grep -c "cannot be told apart" <<<"$output")" = 2 ]
    [[ "$output" == *"give the one that was not planned yet a name"* ]]
    run -78 survey plan $day
    run -78 "$fallzahl" -C w survey service-b plan --as-of $day
    "$fallzahl" -C w run --as-of 2026-02-04 2>&1 | grep -q "surveys/service.yaml has mistakes"
}

@test "names with umlauts, blank, long ones, from right to left, and odd characters make whole messages" {
    cat > names.py <<'PY'
import re, sys
text = open("w/surveys/service.yaml").read()
names = ['Ärger & Söhne "GmbH"', "x" * 145, "שירות לקוחות العربية", "a,b;c<d>@e", "Zoë 📦", " "]
text = re.sub(r"(sender:\n  name: ).*", lambda m: m.group(1) + '"' + names[int(sys.argv[1])].replace('"', '\\"') + '"', text)
text = re.sub(r'(subject:\n    de: ).*', lambda m: m.group(1) + '"' + (names[int(sys.argv[1])] + " – frei?").replace('"', '\\"') + '"', text)
open("w/surveys/service.yaml", "w").write(text)
PY
    for name in 0 1 2 3 4 5; do
        /usr/bin/python3 names.py $name
        rm -f w/outbox/*.eml
        survey preview a@b.example 2026-02-03T10:0$name:00Z >/dev/null
        /usr/bin/python3 "$BATS_TEST_DIRNAME/../mail/check_messages.py" w/outbox/*.eml | tail -n 1 | grep -qx '2 messages are right'
    done
}

@test "a sender without a name is a mistake with its place; no message is made" {
    sed -i 's/^  name: .*/  name: ""/' w/surveys/service.yaml
    run survey preview a@b.example $day
    [ "$status" -eq 78 ]
    [[ $output == *"surveys/service.yaml:"*": 'name' is nothing; expected a text"* ]]
    [ "$(waiting)" = 0 ]
}

@test "check tells of a file that breaks what the invitations promised" {
    plan_and_approve 2026-02-03T09:00:00Z
    survey send 2026-02-03T10:00:00Z
    "$fallzahl" -C w check
    sed -i -e 's/^anonymity: anonymous/anonymity: confidential/' -e 's/sind anonym und/sind/; s/are anonymous and/are/' w/surveys/service.yaml
    run --separate-stderr "$fallzahl" -C w check
    [ "$status" -eq 78 ]
    [[ $stderr == *"w/surveys/service.yaml:8:12: survey 'service' has sent invitations that promise another anonymity"* ]]
}

@test "P4: an erasure that lies there in the evening takes the answers that wait, free text too, before the night moves them" {
    sed -i -e 's/^anonymity: anonymous/anonymity: confidential/' -e 's/sind anonym und/sind/; s/are anonymous and/are/' w/surveys/service.yaml
    plan_and_approve 2026-02-03T09:00:00Z
    survey send $day
    pick_up w/outbox/*.eml
    /usr/bin/python3 - w/outbox/sent/*.eml > answers.csv <<'PY'
import email, email.policy, re, sys
print("token,satisfaction,comment")
for n, path in enumerate(sys.argv[1:4]):
    message = email.message_from_binary_file(open(path, "rb"), policy=email.policy.default)
    token = re.search(r"/a/([A-Za-z0-9_-]{20,})", message.get_body(("plain",)).get_content())[1]
    open(f"address{n}", "w").write(message["To"].addresses[0].addr_spec)
    print(f"{token},5,said by number {n}")
PY
    survey import answers.csv 2026-02-04T08:00:00Z
    printf 'event,kind,identifier,occurred_at\ne1,erasure,%s,2026-02-04\n' "$(cat address0)" > w/inbox/subjects-1.csv
    touch w/inbox/subjects-1.csv.ok
    mkdir -p w/requests/dpo
    printf 'do: erasure\nperson: %s\nat: 2026-02-04\n' "$(cat address1)" > w/requests/dpo/e.yaml
    touch -d 2026-02-04 w/requests/dpo/e.yaml
    "$fallzahl" -C w run --quiet --as-of 2026-02-04T22:00:00Z
    grep -q '^state: done' w/answers/dpo/e.answer.txt
    [[ "$(sql 'SELECT * FROM free_text')" = *'|said by number 2|'* ]]
    [ "$(sql 'SELECT count(*) FROM response')" = 1 ]
    ! grep -ra 'said by number [01]' w/state || false
}
