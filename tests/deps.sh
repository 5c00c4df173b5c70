#!/bin/sh
# Installs through apt what is missing: deps.sh run (to build, demo and test) | check (what `make check` adds) | clang (that alone).
set -eu
run="build-essential pkg-config libsqlite3-dev libcsv-dev libgsl-dev libsodium-dev libglpk-dev glpk-utils libyaml-dev libicu-dev
     libjansson-dev libarchive-dev libpcre2-dev libgmime-3.0-dev libmicrohttpd-dev libcurl4-openssl-dev python3-aiosmtpd libcmocka-dev bats python3 xz-utils jq
     sqlite3"
check="clang clang-format libclang-rt-14-dev valgrind python3-flufl.bounce libsisimai-perl libfiu-dev fiu-utils r-base-core strace
       chromium chromium-driver fonts-dejavu-core openssl"
case "${1:-run}" in
run) wanted=$run ;;
check) wanted="$run $check" ;;
clang) wanted="$run clang" ;;
*) echo "usage: deps.sh run|check|clang" >&2; exit 64 ;;
esac

# The judge of the page's accessibility, a foreign reader of mail and returned mail to read come from npm, where there is one; without
# them those tests say that they were skipped.
if [ "${1:-run}" = check ] && command -v npm >/dev/null \
    && { [ ! -e build/npm/node_modules/axe-core/axe.min.js ] || [ ! -e build/npm/node_modules/mailparser/package.json ] \
        || [ ! -e build/npm/node_modules/baunsu/package.json ]; }; then
    mkdir -p build/npm
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix build/npm axe-core@4 mailparser@3 baunsu@0.2 >/dev/null \
        || echo "deps: npm does not give axe-core, mailparser and baunsu" >&2
fi

# Two web servers to try examples/serve with: unpacked and not installed, or they would start.
if [ "${1:-run}" = check ] && [ ! -e build/proxy/usr/bin/caddy ]; then
    mkdir -p build/proxy
    (cd build/proxy && apt-get download -qq nginx caddy 2>/dev/null && for file in *.deb; do
        dpkg --fsys-tarfile "$file" | tar -x --wildcards './usr/*bin/*' && rm "$file"; done) \
        || echo "deps: apt does not give nginx and caddy" >&2
fi

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done

as_root=
install_missing() {
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "deps: not root and no sudo; please install:$missing" >&2; exit 77; }
        as_root=sudo
    fi
    echo "deps: installing through apt:$missing"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
[ -z "$missing" ] || install_missing

# source_package PACKAGE FOLDER: unpacks the source of a Debian package, with lists of its own: the system's are left as they are.
source_package() {
    lists=$(mktemp -d)
    mkdir -p "$lists/lists/partial" "$2"
    # shellcheck disable=SC2016
    apt-get indextargets --format 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) main' \
        'Origin: Debian' 'Component: main' 'Created-By: Packages' > "$lists/sources.list"
    own="-o Dir::Etc::SourceList=$lists/sources.list -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists=$lists/lists"
    # shellcheck disable=SC2086
    (cd "$2" && apt-get $own update -qq && apt-get $own source -qq --download-only --tar-only "$1" && tar -xzf ./*.orig.tar.gz) >/dev/null 2>&1 \
        || echo "deps: Debian does not give the source of $1" >&2
    rm -rf "$lists" "$2"/*.orig.tar.gz
}

# Sisimai's own test messages are in its source alone.
if [ "${1:-run}" = check ] && [ -z "$(find build/sisimai -name set-of-emails 2>/dev/null)" ]; then
    source_package libsisimai-perl build/sisimai
fi
