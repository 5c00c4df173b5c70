# For tests of nights: a workspace `w` in a scratch folder, with one source of cases whose customers are known by a number.

customers='identifiers: {customer: {column: customer, kind: id}}'
by_month='dimensions: {month: {date: closed_at, as: month}}'
by_channel='dimensions: {month: {date: closed_at, as: month}, channel: {column: channel, allow: [chat, phone]}}'

# make_cases_workspace LINE...: keys of the source besides those below, the last with its dimensions. What follows the sources is for the caller.
make_cases_workspace() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
    "$fallzahl" init w --test --quiet
    { cat <<'YAML'
version: 1
timezone: UTC
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
YAML
      printf '    %s\n' "$@"; } > w/fallzahl.yaml
}
