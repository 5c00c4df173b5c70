#!/usr/bin/env bats
# Two years of nights, with events injected, against a model of the promises (tests/promises.py).

@test "P4, P5, P6, P8: two years of random nights leave what the promises say" {
    fallzahl=$(realpath "${FALLZAHL:-build/release/fallzahl}")
    /usr/bin/python3 "$BATS_TEST_DIRNAME/../promises.py" "$fallzahl" "${FALLZAHL_SEED:-1}" 62 >&3
}
