# fallzahl init: a new workspace, a completed one, and what it refuses.
setup() {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    folder=$(mktemp -d)
    cd "$folder"
}
teardown() {
    rm -rf "$folder"
}

@test "a new workspace has its folders, keys and a commented configuration" {
    run "$fallzahl" init shop
    [ "$status" -eq 0 ]
    [[ $output == *"shop: a new workspace"* ]]
    [ "$(stat -c %a shop/keys shop/state shop/quarantine shop/outbox shop/inbox shop/published | tr '\n' ' ')" = "700 700 700 700 770 755 " ]
    [ "$(stat -c %a shop/keys/* | sort -u)" = 600 ]
    for purpose in analytics objection cases contact token quarantine; do [ -f "shop/keys/$purpose.1" ]; done
    grep -q '^# ' shop/fallzahl.yaml
}

@test "init without DIR means -C, and an empty folder is fine" {
    mkdir empty
    "$fallzahl" -C empty init --quiet
    [ -f empty/fallzahl.yaml ]
}

@test "init completes a workspace and changes nothing that is there" {
    "$fallzahl" init --quiet shop
    echo "# mine" >> shop/fallzahl.yaml
    rm -r shop/surveys shop/outbox
    (cd shop && sha256sum fallzahl.yaml keys/*) > before
    run "$fallzahl" init shop
    [ "$status" -eq 0 ]
    [ -d shop/surveys ] && [ -d shop/outbox/sent ]
    (cd shop && sha256sum fallzahl.yaml keys/*) | cmp - before
}

@test "init makes a workspace of a folder that only has a fallzahl.yaml" {
    mkdir shop
    printf 'version: 1\n' > shop/fallzahl.yaml
    "$fallzahl" init --quiet shop
    [ "$(cat shop/fallzahl.yaml)" = "version: 1" ]
    [ -f shop/keys/analytics.1 ]
}

@test "init refuses a folder that is something else" {
    mkdir other && touch other/file
    run "$fallzahl" init other
    [ "$status" -eq 64 ]
    [ "$output" = "fallzahl: 'other' is not empty and has no fallzahl.yaml; name a new folder" ]
    [ "$(ls other)" = file ]
    run "$fallzahl" init other/file
    [ "$status" -eq 64 ]
}

@test "init --demo and --test want a new workspace" {
    "$fallzahl" init --quiet shop
    run "$fallzahl" init shop --demo
    [ "$status" -eq 64 ]
    run "$fallzahl" init shop --test
    [ "$status" -eq 64 ]
    [ ! -e shop/state/test ] && [ ! -e shop/arriving ]
}

@test "init where nothing can be made fails with 73" {
    run "$fallzahl" init /proc/none/shop
    [ "$status" -eq 73 ]
}
