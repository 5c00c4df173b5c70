# For tests of the rights of persons: a workspace with customers known by number and e-mail, and a survey they may opt in to.

header=event,controller,kind,identifier,contact,language,country,channel,purpose,occurred_at,source,evidence

# make_rights_workspace FOLDER [DIMENSION: SPEC...]
make_rights_workspace() {
    "$fallzahl" init "$1" --test --quiet
    { cat <<'YAML'
version: 1
timezone: UTC
controllers: [nordhaus]
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    identifiers: {customer: {column: customer, kind: id}, email: {column: email, kind: email}}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel}
YAML
      [ "$#" -eq 1 ] || printf '      %s\n' "${@:2}"; } > "$1/fallzahl.yaml"
    cp "$BATS_TEST_DIRNAME/../../examples/demo/surveys/service.yaml" "$1/surveys/"
}
