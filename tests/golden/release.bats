#!/usr/bin/env bats
# A small release byte by byte (`make golden-accept` takes over what is meant to differ), and what must hold for any.

setup() {
    golden=$BATS_TEST_DIRNAME/published
    make_release=$(dirname "${FALLZAHL:-$BATS_TEST_DIRNAME/../../build/release/fallzahl}")/golden/make_release
    out=$BATS_TEST_TMPDIR/published
    "$make_release" "$out"
    release=$out/latest
}

@test "the files of a release are as they were accepted" {
    diff -r "$golden" "$out"
}

@test "the same release gives the same bytes" {
    "$make_release" "$BATS_TEST_TMPDIR/again"
    diff -r "$out" "$BATS_TEST_TMPDIR/again"
}

@test "the manifest holds the SHA-256 of every other file and nothing that counts" {
    cd "$release"
    jq -r '.files[] | "\(.sha256)  \(.path)"' manifest.json > "$BATS_TEST_TMPDIR/sums"
    sha256sum --check --quiet "$BATS_TEST_TMPDIR/sums"
    diff <(find . -type f ! -name manifest.json | sort) <(jq -r '.files[] | "./" + .path' manifest.json | sort)
    [ "$(jq -c 'keys' manifest.json)" = '["as_of","configuration","files","k","program","protection","release","tables"]' ]
    [ "$(jq -c '[.tables[] | keys[]] | unique' manifest.json)" = '["path","version"]' ]
    [ "$(jq -c '[.files[] | keys[]] | unique' manifest.json)" = '["path","sha256"]' ]
}

@test "another reader reads every table as RFC 4180, and datapackage.json describes it" {
    /usr/bin/python3 "$BATS_TEST_DIRNAME/check_release.py" "$release"
}

@test "analysts may read everything, nobody else may write" {
    [ -z "$(find "$out/" -type f ! -perm 0644)" ]
    [ -z "$(find "$out/" -type d ! -perm 0755)" ]
}
