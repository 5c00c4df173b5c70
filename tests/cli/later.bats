# What comes after other figures of the same cases: quarters after their months, new tables over published months. All that was
# published is known to the reader.
bats_require_minimum_version 1.5.0

setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
sources:
  cases:
    files: "cases-*.csv"
    expect: monthly
    case_id: id
    closed_at: closed
    updated_at: updated
    identifiers: {customer: {column: customer, kind: id}}
    dimensions:
      month: {date: closed_at, as: month}
      quarter: {date: closed_at, as: quarter}
      channel: {column: channel, allow: [chat, mail, phone, shop]}
      topic: {column: topic, allow: [a, b]}
tables:
  channels: {period: month, by: [channel]}
YAML
    printf '  quarters: {period: quarter, by: [channel]}\n' > quarters
    printf '  topics: {period: month, by: [topic]}\n' > topics
}

teardown() {
    rm -rf "$folder"
}

# export_month MONTH CHAT MAIL PHONE SHOP: so many cases per channel, each of a person of its own.
export_month() {
    awk -v month="$1" -v chat="$2" -v mail="$3" -v phone="$4" -v shop="$5" 'BEGIN {
        print "id,closed,updated,customer,channel,topic"
        for (i = 1; i <= chat + mail + phone + shop; i++) {
            day = sprintf("%s-%02d", month, i % 27 + 1)
            channel = i <= chat ? "chat" : i <= chat + mail ? "mail" : i <= chat + mail + phone ? "phone" : "shop"
            printf "%s-%d,%s,%s,%s-K%d,%s,%s\n", month, i, day, day, month, i, channel, i % 2 ? "a" : "b"
        }
    }' > "w/inbox/cases-$1.csv"
}

night() {
    for file in w/inbox/*.csv; do
        [ ! -e "$file" ] || : > "$file.ok"
    done
    "$fallzahl" -C w run --quiet --as-of "$1"
}

three_months() {
    export_month 2026-01 "${@:-40}" 30 50 20
    night 2026-02-03
    export_month 2026-02 41 31 51 21
    night 2026-03-03
    export_month 2026-03 42 32 52 22
    night 2026-04-03
}

@test "a quarter is published with its last month, and is the sum of its months" {
    cat quarters >> w/fallzahl.yaml
    three_months
    [ "$(cat w/published/latest/tables/quarters.csv | tr -d '\r')" = "quarter,channel,cases
2026-Q1,(total),432
2026-Q1,chat,123
2026-Q1,mail,93
2026-Q1,phone,153
2026-Q1,shop,63" ]
    # no quarter before all of its months are out
    ! ls w/published/2026-02-03/tables/quarters.csv w/published/2026-03-03/tables/quarters.csv 2>/dev/null || false
}

@test "a quarter with one withheld month is itself withheld" {
    cat quarters >> w/fallzahl.yaml
    # in January shop has 3 cases, withheld, and mail with it; in February and March both are published
    export_month 2026-01 40 12 50 3
    night 2026-02-03
    export_month 2026-02 41 31 51 21
    night 2026-03-03
    export_month 2026-03 42 32 52 22
    night 2026-04-03
    ! grep -q '^2026-01,shop' w/published/latest/tables/channels.csv || false
    grep -q '^2026-02,shop,21' w/published/latest/tables/channels.csv
    grep -q '^2026-Q1,chat,123' w/published/latest/tables/quarters.csv
    ! grep -q '^2026-Q1,shop' w/published/latest/tables/quarters.csv || false
    ! grep -q '^2026-Q1,mail' w/published/latest/tables/quarters.csv || false
    "$fallzahl" audit --quiet w/published/2*
}

# Chat's four and mail's six in January are of nine persons, so shop's 16 are withheld too. Quarter less February and March would give them.
@test "a quarter gives no withheld month away of which the rest would be few" {
    cat quarters >> w/fallzahl.yaml
    export_month 2026-01 4 6 83 16
    sed -i 's/2026-01-K5,/2026-01-K1,/' w/inbox/cases-2026-01.csv
    night 2026-02-03
    export_month 2026-02 41 31 51 21
    night 2026-03-03
    export_month 2026-03 42 32 52 22
    night 2026-04-03
    grep -q '^2026-01,phone,83' w/published/latest/tables/channels.csv
    ! grep -q '^2026-01,shop' w/published/latest/tables/channels.csv || false
    grep -q '^2026-02,shop,21' w/published/latest/tables/channels.csv
    ! grep -q '^2026-Q1,shop' w/published/latest/tables/quarters.csv || false
    grep -q '^2026-Q1,(total),' w/published/latest/tables/quarters.csv
}

# crossed MONTH CHAT_A CHAT_B MAIL_A MAIL_B: so many cases, each of a person of its own.
crossed() {
    awk -v month="$1" -v counts="$2 $3 $4 $5" 'BEGIN {
        print "id,closed,updated,customer,channel,topic"
        split(counts, count, " ")
        for (pair = 1; pair <= 4; pair++)
            for (i = 1; i <= count[pair]; i++) {
                day = sprintf("%s-%02d", month, i % 27 + 1)
                printf "%s-%d-%d,%s,%s,%s-%d-%d,%s,%s\n", month, pair, i, day, day, month, pair, i, pair < 3 ? "chat" : "mail", pair % 2 ? "a" : "b"
            }
    }' > "w/inbox/cases-$1.csv"
}

# All margins have ten persons and more. Who is alone in mail, a knows that chat, a has nine.
@test "margins of a month do not give away a combination that only a table by quarter has" {
    cat topics >> w/fallzahl.yaml
    cp -r w alone
    printf '  crossed: {period: quarter, by: [channel, topic]}\n' >> w/fallzahl.yaml
    crossed 2026-01 9 41 1 32
    cp w/inbox/* alone/inbox/
    night 2026-02-03
    : > alone/inbox/cases-2026-01.csv.ok
    "$fallzahl" -C alone run --quiet --as-of 2026-02-03
    [ "$(cat alone/published/latest/tables/{channels,topics}.csv | grep -c '^2026-01,[a-z]')" -eq 4 ]
    [ "$(cat w/published/latest/tables/{channels,topics}.csv | grep -c '^2026-01,[a-z]')" -le 2 ]
    grep -q '^2026-01,(total),83' w/published/latest/tables/channels.csv
    [ ! -e w/published/latest/tables/crossed.csv ]
}

@test "a new table over published months comes with what is known taken into account" {
    three_months
    cat topics >> w/fallzahl.yaml
    run "$fallzahl" -C w publish --dry-run --as-of 2026-04-04
    [[ "$output" == *"table topics 2026-01-01..2026-01-31: ready, protected against what is published of it"* ]]
    night 2026-04-04
    [ "$(grep -c '^2026-0[123],(total),' w/published/latest/tables/topics.csv)" -eq 3 ]
    diff w/published/2026-04-03/tables/channels.csv w/published/latest/tables/channels.csv
    night 2026-04-05
    [ "$(readlink w/published/latest)" = 2026-04-04 ]
}

@test "a quarter over months of which a counted case has changed is withheld as a whole, and the dry run says so" {
    cat quarters >> w/fallzahl.yaml
    export_month 2026-01 40 30 50 20
    night 2026-02-03
    export_month 2026-02 41 31 51 21
    # it was chat, and is phone now: quarter less months would tell
    echo 2026-01-1,2026-01-02,2026-02-11,2026-01-K1,phone,a >> w/inbox/cases-2026-02.csv
    night 2026-03-03
    export_month 2026-03 42 32 52 22
    night 2026-04-03
    [ ! -e w/published/latest/tables/quarters.csv ]
    grep -q '^2026-03,(total),148' w/published/latest/tables/channels.csv
    run "$fallzahl" -C w publish --dry-run --as-of 2026-04-04
    [[ "$output" == *"table quarters 2026-01-01..2026-03-31: withheld: the cases are not those any more that earlier tables counted"* ]]
}

@test "a late case is not in the quarter of its month" {
    cat quarters >> w/fallzahl.yaml
    export_month 2026-01 40 30 50 20
    night 2026-02-03
    export_month 2026-02 41 31 51 21
    echo late,2026-01-15,2026-02-11,L,chat,a >> w/inbox/cases-2026-02.csv
    night 2026-03-03
    export_month 2026-03 42 32 52 22
    night 2026-04-03
    grep -q '^2026-Q1,chat,123' w/published/latest/tables/quarters.csv
}

@test "a lower k peels off no withheld cell of a published month" {
    sed -i 's/^version: 1/version: 1\nprotection: {k: 20}/' w/fallzahl.yaml
    export_month 2026-01 40 30 50 12
    night 2026-02-03
    ! grep -q '^2026-01,shop' w/published/latest/tables/channels.csv || false
    sed -i 's/{k: 20}/{k: 5}/' w/fallzahl.yaml
    echo '  again: {period: month, by: [channel]}' >> w/fallzahl.yaml
    night 2026-02-04
    grep -q '^2026-01,chat,40' w/published/latest/tables/again.csv
    ! grep -q '^2026-01,shop' w/published/latest/tables/again.csv || false
    ! grep -q '^2026-01,mail' w/published/latest/tables/again.csv || false
}

@test "what a withdrawn release showed stays known: nothing later peels off what it withheld" {
    sed -i 's/^version: 1/version: 1\nprotection: {k: 20}/' w/fallzahl.yaml
    export_month 2026-01 40 30 50 12
    night 2026-02-03
    ! grep -q '^2026-01,shop' w/published/latest/tables/channels.csv || false
    cp -r w never
    rm -rf never/published never/state/releases.db* never/state/evidence.log never/answers/dpo/evidence-head*
    "$fallzahl" -C w release withdraw 2026-02-03 --because "a test" --quiet --as-of 2026-02-03T12:00:00Z
    for shop in w never; do
        sed -i 's/{k: 20}/{k: 5}/' $shop/fallzahl.yaml
        echo '  again: {period: month, by: [channel]}' >> $shop/fallzahl.yaml
        "$fallzahl" -C $shop run --quiet --as-of 2026-02-04
    done
    # where readers have never seen a thing, shop's 12 and mail's 30 are published
    grep -q '^2026-01,shop,12' never/published/latest/tables/again.csv
    grep -q '^2026-01,chat,40' w/published/latest/tables/again.csv
    ! grep -q '^2026-01,shop' w/published/latest/tables/again.csv || false
    ! grep -q '^2026-01,mail' w/published/latest/tables/again.csv || false
    [ ! -e w/published/latest/tables/channels.csv ]
}

@test "a changed mapping applies to months that are not published, and peels off nothing of the others" {
    three_months
    sed -i 's/channel: {column: channel, allow: \[chat, mail, phone, shop\]}/channel: {column: channel, allow: [chat, phone, shop, mail, web]}/' w/fallzahl.yaml
    echo '  again: {period: month, by: [channel]}' >> w/fallzahl.yaml
    run "$fallzahl" -C w publish --dry-run --as-of 2026-04-04
    [[ "$output" == *"table again 2026-01-01..2026-01-31: withheld: a dimension of table 'channels' has changed since it was published"* ]]
    export_month 2026-04 40 30 50 20
    night 2026-05-03
    [ "$(cut -d, -f1 w/published/latest/tables/again.csv | sort -u | tr '\n' ' ')" = "2026-04 month " ]
    grep -q '^2026-01' w/published/latest/tables/channels_v1.csv
}

@test "a quarter within which a dimension changed has no table by it: readers know which months had which values" {
    printf '  quarters: {period: quarter, by: [channel]}\n  others: {period: quarter, by: [topic]}\n' >> w/fallzahl.yaml
    sed -i 's/^  channels:.*/  topics: {period: month, by: [topic]}/' w/fallzahl.yaml
    export_month 2026-01 40 30 50 20
    night 2026-02-03
    sed -i 's/allow: \[chat, mail, phone, shop\]/allow: [chat, mail]/' w/fallzahl.yaml
    export_month 2026-02 41 31 51 21
    night 2026-03-03
    export_month 2026-03 42 32 52 22
    for file in w/inbox/*.csv; do : > "$file.ok"; done
    "$fallzahl" -C w run --quiet --as-of 2026-04-03
    [ -e w/published/latest/tables/others.csv ]
    [ ! -e w/published/latest/tables/quarters.csv ]
    run -0 "$fallzahl" -C w publish --dry-run --as-of 2026-04-04
    [[ "$output" == *"a dimension changed within it"* ]]
    # the quarter after it is whole
    for month in 04 05 06; do
        export_month "2026-$month" 42 32 52 22
    done
    night 2026-07-03
    grep -q '^2026-Q2,mail,96' w/published/latest/tables/quarters.csv
    ! grep -q 2026-Q1 w/published/latest/tables/quarters.csv
}

# quarter_of_two_mappings: the base period is the quarter; a channel is another one for its last month. $1: what was imported before.
quarter_of_two_mappings() {
    sed -i 's/channels: {period: month/channels: {period: quarter/' w/fallzahl.yaml
    export_month 2026-01 40 30 50 3
    night 2026-02-03
    export_month 2026-02 41 31 51 0
    night 2026-03-03
    sed -i 's/allow: \[chat, mail, phone, shop\]/allow: [chat, mail, phone], rename: {shop: mail}/' w/fallzahl.yaml
    export_month 2026-03 42 32 52 22
    [ ! "$1" ] || "$fallzahl" -C w history import "$1" --quiet --as-of 2026-03-03
    night 2026-04-03
}

@test "a quarter that is the base period has the values of before and after a change, each protected" {
    quarter_of_two_mappings ''
    grep -q '^2026-Q1,(total),394' w/published/latest/tables/channels.csv
    ! grep -q shop w/published/latest/tables/channels.csv || false
    # three persons had the shop: what is withheld beside it keeps them from being told
    [ "$(grep -c '^2026-Q1,[cmp]' w/published/latest/tables/channels.csv)" -lt 3 ]
}

@test "a quarter that is the base period has no table by a changed dimension where readers have figures of its months" {
    printf 'month,topic,cases\n2026-01,(total),123\n2026-02,(total),123\n' > months.csv
    quarter_of_two_mappings months.csv
    [ ! -e w/published/latest/tables/channels.csv ]
    run -0 "$fallzahl" -C w publish --dry-run --as-of 2026-04-04
    [[ "$output" == *"a dimension changed within it"* ]]
}

@test "months after their quarter: the quarter's days stay as they are" {
    sed -i 's/channels: {period: month/channels: {period: quarter/' w/fallzahl.yaml
    three_months
    grep -q '^2026-Q1,(total),432' w/published/latest/tables/channels.csv
    echo '  months: {period: month, by: [channel]}' >> w/fallzahl.yaml
    export_month 2026-04 40 30 50 20
    night 2026-05-03
    [ "$(cut -d, -f1 w/published/latest/tables/months.csv | sort -u | tr '\n' ' ')" = "2026-04 month " ]
}

@test "the dry run says what is frozen, and of what waits which kinds of earlier publications it meets" {
    sed -i 's/^tables:/tables:\n  all: {period: month, by: [channel, topic]}/' w/fallzahl.yaml
    cat quarters >> w/fallzahl.yaml
    three_months
    "$fallzahl" -C w release withdraw 2026-02-03 --because "a test" --quiet --as-of 2026-04-03T12:00:00Z
    cat topics >> w/fallzahl.yaml
    run -0 "$fallzahl" -C w publish --dry-run --as-of 2026-04-04
    [ "$output" = "cases 2026-01-01..2026-03-31: frozen
cases 2026-04-01..2026-04-30: not over
table topics 2026-01-01..2026-01-31: ready, protected against what is published of it: tables by month, tables by quarter, tables by month of a withdrawn release
table topics 2026-02-01..2026-02-28: ready, protected against what is published of it: tables by month, tables by quarter, tables by month of a withdrawn release
table topics 2026-03-01..2026-03-31: ready, protected against what is published of it: tables by month, tables by quarter, tables by month of a withdrawn release" ]
}

# survey_answers: what a survey handed over. Of 65 who were asked by chat 12 answered, 3 refused, 50 were silent; by mail 40, 15 and 45.
survey_answers() {
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
sources:
  answers:
    files: "answers-service-*.csv"
    personal_data: none
    person: none
    case_id: response
    closed_at: week
    dimensions: {month: {date: closed_at, as: month}, wave: {column: wave}, channel: {column: channel}, satisfaction: {column: satisfaction, hierarchy: csat.csv, levels: [satisfied, satisfaction]}}
  dispositions:
    files: "dispositions-service-*.csv"
    personal_data: none
    person: none
    case_id: invitation
    closed_at: week
    dimensions: {month: {date: closed_at, as: month}, wave: {column: wave}, channel: {column: channel}, disposition: {column: disposition, allow: [complete, refusal, no_reply]}}
tables:
  satisfaction: {source: answers, period: month, by: [channel, satisfaction], survey: {kind: csat, answer: satisfaction}}
  response: {source: dispositions, period: month, by: [channel, disposition], survey: {kind: disposition, answer: disposition}}
YAML
    printf 'child,parent\n5,yes\n4,yes\n3,no\n2,no\n1,no\n' > w/csat.csv
    awk 'BEGIN { print "response,week,wave,channel,satisfaction"
        for (i = 1; i <= 52; i++) printf "%d,2026-01-05,1,%s,5\n", i, i <= 12 ? "chat" : "mail" }' > w/inbox/answers-service-1.csv
    awk 'BEGIN { print "invitation,week,wave,channel,disposition"
        for (i = 1; i <= 165; i++) printf "%d,2026-01-26,1,%s,%s\n", i, i <= 65 ? "chat" : "mail",
            i <= 12 || (i > 65 && i <= 105) ? "complete" : i <= 15 || (i > 105 && i <= 120) ? "refusal" : "no_reply" }' > w/inbox/dispositions-service-1.csv
    night 2026-02-03
}

@test "dispositions do not tell whoever has the tables of answers how few refused" {
    survey_answers
    grep -q '^2026-01,chat,(total),(total),12' w/published/latest/tables/satisfaction.csv
    # those who answered are known, so what hides the refusals is not that their number is missing
    [ "$(grep '^2026-01,chat,' w/published/latest/tables/response.csv | grep -v withheld | tr '\n' ' ')" = "2026-01,chat,(total),65 2026-01,chat,complete,12 " ]
}

@test "a cell that only a combination known to be empty would give away is not lost: no later table tells it" {
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
protection: {k: 6}
sources:
  cases:
    files: "cases-*.csv"
    personal_data: none
    case_id: case
    closed_at: day
    dimensions:
      month: {date: closed_at, as: month}
      quarter: {date: closed_at, as: quarter}
      way: {column: way, allow: [3, 4, 5]}
      channel: {column: channel, allow: [c0, c1, c2, none]}
      answer: {column: answer, hierarchy: csat.csv, levels: [satisfied, answer]}
tables:
  first: {period: quarter, by: [answer]}
  second: {period: quarter, by: [channel, answer]}
  third: {period: month, by: [channel, answer]}
  fourth: {period: quarter, by: [channel]}
YAML
    printf 'child,parent\n5,yes\n4,yes\n3,no\n2,no\n1,no\n' > w/csat.csv
    awk 'BEGIN { print "case,day,way,channel,answer" } { for (i = 0; i < $4; i++) printf "%d,2026-01-15,%s,%s,%s\n", ++n, $1, $2, $3 }' \
        > w/inbox/cases-2026-01.csv <<'CASES'
5 c1 3 8
4 c1 3 7
5 c0 4 7
5 c2 1 6
4 none 4 4
4 none 1 3
3 none 5 2
4 c1 2 2
5 c2 5 2
5 c2 3 2
3 none 2 1
3 none 3 1
3 none 1 1
3 none 4 1
5 c2 2 1
CASES
    night 2026-02-03
    night 2026-04-03
    echo '  fifth: {period: quarter, by: [way, answer]}' >> w/fallzahl.yaml
    night 2026-04-04
    echo '  sixth: {period: quarter, by: [channel, answer]}' >> w/fallzahl.yaml
    night 2026-04-05
    # 16 answered yes, of them 7 of no channel, none of the 17 of c1 and all 7 of c0: so 2 of c2
    for what in 'Q1,c2,yes' 'Q1,c0,yes,(total)' 'Q1,c0,yes,4' '01,c2,yes' '01,c0,yes'; do
        ! grep -h "^2026-$what" w/published/latest/tables/*.csv || false
    done
    grep -q '^2026-01,none,yes,(total),7$' w/published/latest/tables/third.csv
    # and yet what hurts nobody comes
    grep -q '^2026-Q1,5,(total),(total),26$' w/published/latest/tables/fifth.csv
}

# panel FIRST SECOND: dispositions of two waves that are handed over in one month; by channel 12 and 6 persons in each, or in the first alone.
panel() {
    awk -v first="$1" -v second="$2" 'BEGIN { print "invitation,week,wave,channel,disposition"
        for (i = 1; i <= first; i++) printf "%d,2026-01-05,1,%s,complete\n", i, i % 3 ? "chat" : "mail"
        for (i = 1; i <= second; i++) printf "%d,2026-01-26,2,%s,complete\n", first + i, i % 3 ? "chat" : "mail" }' > w/inbox/dispositions-service-2.csv
    cat > w/fallzahl.yaml <<'YAML'
version: 1
timezone: UTC
sources:
  dispositions:
    files: "dispositions-service-*.csv"
    personal_data: none
    case_id: invitation
    closed_at: week
    dimensions: {month: {date: closed_at, as: month}, wave: {column: wave}, channel: {column: channel}}
tables:
  together: {period: month, by: [channel]}
  by_wave: {period: month, by: [wave, channel]}
YAML
    night 2026-02-03
}

@test "no figure is over two waves of a survey: its 24 rows may be of 12 persons" {
    panel 18 18
    [ ! -e w/published/latest/tables/together.csv ]
    [ "$(tail -n +2 w/published/latest/tables/by_wave.csv | tr '\n' ' ')" = \
        "2026-01,1,(total),18 2026-01,1,(withheld),18 2026-01,2,(total),18 2026-01,2,(withheld),18 " ]
}

@test "waves that are too few for a name of their own are no wave together" {
    panel 6 6
    [ -z "$(ls w/published/latest/tables 2>/dev/null)" ]
}

@test "of a month with one wave of a survey there are totals" {
    panel 45 0
    [ "$(tail -n +2 w/published/latest/tables/together.csv | tr '\n' ' ')" = "2026-01,(total),45 2026-01,chat,30 2026-01,mail,15 " ]
    grep -q '^2026-01,(total),(total),45' w/published/latest/tables/by_wave.csv
    grep -q '^2026-01,1,chat,30' w/published/latest/tables/by_wave.csv
}

@test "a holdout does not tell whoever has the dispositions how few were held out" {
    survey_answers
    cat > holdout.yaml <<'YAML'
  comparison:
    files: "holdout-service-*.csv"
    personal_data: none
    person: none
    case_id: member
    closed_at: week
    dimensions: {month: {date: closed_at, as: month}, wave: {column: wave}, group: {column: group, allow: [invited, held_out]}, again: {column: again, allow: [yes, no]}}
YAML
    sed -i '/^tables:/{
        e cat holdout.yaml
        a\  again: {source: comparison, period: month, by: [group, again], survey: {kind: holdout, answer: again, group: group}}
    }' w/fallzahl.yaml
    awk 'BEGIN { print "member,week,wave,group,again"
        for (i = 1; i <= 169; i++) printf "%d,2026-01-26,1,%s,%s\n", i, i <= 165 ? "invited" : "held_out", i % 2 ? "yes" : "no" }' > w/inbox/holdout-service-1.csv
    night 2026-02-04
    # the dispositions have 165, so that the total of 169 would tell of the 4
    grep -q '^2026-01,(total),(total),165' w/published/latest/tables/response.csv
    grep -q '^2026-01,invited,(total),165' w/published/latest/tables/again.csv
    run ! grep '^2026-01,(total),(total),[0-9]' w/published/latest/tables/again.csv
}

@test "weeks of a source that was published by month are refused" {
    three_months
    sed -i 's/month: {date: closed_at, as: month}/month: {date: closed_at, as: month}\n      week: {date: closed_at, as: week}/; s/channels: {period: month/weeks: {period: week/' w/fallzahl.yaml
    run "$fallzahl" -C w publish --as-of 2026-04-05
    [ "$status" -eq 78 ]
    [[ "$output" == *"published by week and by month"* ]]
}

@test "cells that a higher k finds exposed by earlier publications are recorded, and alarmed once" {
    sed -i 's/^version: 1/version: 1\nprotection: {k: 5}/' w/fallzahl.yaml
    # mail and shop are withheld; readers know that they have 7 together: too few for k = 10
    export_month 2026-01 40 4 50 3
    night 2026-02-03
    grep -q '^2026-01,(withheld),7' w/published/latest/tables/channels.csv
    sed -i 's/{k: 5}/{k: 10}/' w/fallzahl.yaml
    cat topics >> w/fallzahl.yaml
    run night 2026-02-04
    [ "$status" -eq 0 ]
    [[ "$output" == *"cells of few persons that earlier publications alone give away, told once: 2"* ]]
    grep -q '^2026-01,(total),97' w/published/latest/tables/topics.csv
    run /usr/bin/python3 -c 'import sqlite3; print(*sorted(r[0] for r in sqlite3.connect("w/state/releases.db").execute("SELECT cell FROM lost_cell")))'
    [ "$output" = '["2026-01","mail"] ["2026-01","shop"]' ]
    echo '  again: {period: month, by: [topic]}' >> w/fallzahl.yaml
    run night 2026-02-05
    [ "$status" -eq 0 ]
    grep -q '^2026-01,(total),97' w/published/latest/tables/again.csv
    ! [[ "$output" == *"told once"* ]] || false
}

@test "cells that were published when k was smaller are recorded when a higher k finds them too small, and alarmed once" {
    sed -i 's/^version: 1/version: 1\nprotection: {k: 5}/' w/fallzahl.yaml
    export_month 2026-01 40 7 50 10
    night 2026-02-03
    grep -q '^2026-01,mail,7' w/published/latest/tables/channels.csv
    sed -i 's/{k: 5}/{k: 10}/' w/fallzahl.yaml
    cat topics >> w/fallzahl.yaml
    run night 2026-02-04
    [ "$status" -eq 0 ]
    [[ "$output" == *"cells of few persons that earlier publications alone give away, told once: 1"* ]]
    run /usr/bin/python3 -c 'import sqlite3; print(*sorted(r[0] for r in sqlite3.connect("w/state/releases.db").execute("SELECT cell FROM lost_cell")))'
    [ "$output" = '["2026-01","mail"]' ] # 10 are enough
    echo '  again: {period: month, by: [topic]}' >> w/fallzahl.yaml
    run night 2026-02-05
    [ "$status" -eq 0 ]
    ! [[ "$output" == *"told once"* ]] || false
}

# known_rows DAY: published rows that the night of that day took as known equations.
known_rows() {
    grep -ho '"known_rows": [0-9]*' w/state/runs/"$1"*.json | tail -n 1
}

@test "a night takes as known what shares its cases, not the years before" {
    cat quarters >> w/fallzahl.yaml
    three_months
    # five rows a month: a month alone takes nothing, the quarter its three months
    [ "$(known_rows 2026-03-03)" = '"known_rows": 0' ]
    [ "$(known_rows 2026-04-03)" = '"known_rows": 15' ]
    for month in 2026-04 2026-05 2026-06; do
        export_month $month 40 30 50 20
        next=$(date -d "$month-01 +1 month" +%Y-%m-03)
        night "$next"
    done
    [ "$(known_rows 2026-05-03)" = '"known_rows": 0' ]
    [ "$(known_rows 2026-06-03)" = '"known_rows": 0' ]
    [ "$(known_rows 2026-07-03)" = '"known_rows": 15' ]
    [ "$(grep -c . w/published/latest/tables/channels.csv)" -eq 31 ]
}
