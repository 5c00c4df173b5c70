#!/bin/sh
# Installs through apt what is missing: deps.sh run (to build, demo and test) | check (what `make check` adds) | clang (that alone).
set -eu
run="build-essential pkg-config libsqlite3-dev libcsv-dev libgsl-dev libsodium-dev libglpk-dev glpk-utils libyaml-dev libicu-dev
     libjansson-dev libarchive-dev libpcre2-dev libgmime-3.0-dev libmicrohttpd-dev libcurl4-openssl-dev python3-aiosmtpd libcmocka-dev bats python3 xz-utils jq
     sqlite3"
check="clang clang-format libclang-rt-14-dev valgrind python3-flufl.bounce libfiu-dev fiu-utils r-base-core strace
       chromium chromium-driver fonts-dejavu-core"
case "${1:-run}" in
run) wanted=$run ;;
check) wanted="$run $check" ;;
clang) wanted="$run clang" ;;
*) echo "usage: deps.sh run|check|clang" >&2; exit 64 ;;
esac

# The judge of the page's accessibility and a foreign reader of mail come from npm, where there is one; without them those tests say that
# they were skipped.
if [ "${1:-run}" = check ] && command -v npm >/dev/null \
    && { [ ! -e build/npm/node_modules/axe-core/axe.min.js ] || [ ! -e build/npm/node_modules/mailparser/package.json ]; }; then
    mkdir -p build/npm
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix build/npm axe-core@4 mailparser@3 >/dev/null \
        || echo "deps: npm does not give axe-core and mailparser" >&2
fi

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "deps: not root and no sudo; please install:$missing" >&2; exit 77; }
    as_root=sudo
fi
echo "deps: installing through apt:$missing"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
