# The command line itself: help, usage errors, exit codes, where output goes.
bats_require_minimum_version 1.5.0
setup() {
    fallzahl=${FALLZAHL:-build/release/fallzahl}
}

@test "help lists every command on stdout" {
    run "$fallzahl" --help
    [ "$status" -eq 0 ]
    for command in init check version; do [[ $output == *"  $command "* ]]; done
}

@test "every listed command explains itself with an example" {
    for command in $("$fallzahl" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
        run "$fallzahl" "$command" --help
        [ "$status" -eq 0 ]
        [[ $output == *"xample"* ]] || { echo "$command has no example"; false; }
        [ "$(wc -L <<< "$output")" -le 132 ] || { echo "$command has lines too long for a terminal"; false; }
    done
}

@test "help COMMAND is COMMAND --help" {
    for command in protect audit; do
        diff <("$fallzahl" help $command) <("$fallzahl" $command --help)
    done
    diff <("$fallzahl" help) <("$fallzahl" --help)
    for folder in '-C nowhere' -Cnowhere '-C a -C b'; do
        for ask in --help -h help; do
            diff <("$fallzahl" $folder $ask) <("$fallzahl" --help)
        done
        diff <("$fallzahl" $folder help ingest) <("$fallzahl" ingest --help)
        diff <("$fallzahl" $folder --version) <("$fallzahl" --version)
    done
    run "$fallzahl" -C nowhere
    [ "$status" -eq 64 ]
    run "$fallzahl" -C
    [ "$status" -eq 64 ]
    run "$fallzahl" help nonsense
    [ "$status" -eq 64 ]
}

@test "wrong use ends with 64 and says why on stderr only" {
    for arguments in "" "nonsense" "version extra" "version --nonsense" "init a b" "version --json=yes" "version --as-of" \
        "version --as-of yesterday" "-C"; do
        # shellcheck disable=SC2086
        run --separate-stderr "$fallzahl" $arguments
        [ "$status" -eq 64 ] || { echo "$arguments: $status"; false; }
        [ -n "$stderr" ] || [ -z "$arguments" ]
    done
}

@test "a folder that is no workspace ends with 66" {
    folder=$(mktemp -d)
    run "$fallzahl" -C "$folder" check
    rmdir "$folder"
    [ "$status" -eq 66 ]
    [[ $output == *"is no workspace"* ]]
}

@test "output that cannot be written ends with 74" {
    run sh -c "'$fallzahl' version > /dev/full"
    [ "$status" -eq 74 ]
}

@test "options may stand anywhere, and -- ends them" {
    run "$fallzahl" version --json
    [ "$status" -eq 0 ]
    echo "$output" | jq -e .version
    run "$fallzahl" init -- --strange/name/that/cannot --be
    [ "$status" -eq 64 ]
}
