#!/bin/sh
# The project's own rules: who may include whom, and calls that are banned. Prints each breach; exit 1 if there is one.
set -u
breaches=0
breach() { echo "lint: $1"; breaches=1; }

# Layers (DESIGN 2): "folder: what it may include".
allowed() {
    case "$1" in
    core) echo 'core/' ;;
    etl) echo 'core/|etl/' ;;
    stats) echo 'core/|stats/' ;;
    surveys) echo 'core/|surveys/' ;;
    reports) echo 'core/|reports/|stats/release\.h' ;;
    cli) echo 'core/|etl/|stats/|surveys/|reports/|cli/' ;;
    esac
}
for folder in core etl stats surveys reports cli; do
    pattern=$(allowed "$folder")
    found=$(grep -rnE '^#include "' --include='*.[ch]' "$folder" | grep -vE "#include \"($pattern)" || true)
    [ -z "$found" ] || breach "$folder may include only $pattern:
$found"
done

# The statistics are pure: stats/method knows core/ and itself.
found=$(grep -rnE '^#include "' --include='*.[ch]' stats/method | grep -vE '#include "(core/|stats/method/)' || true)
[ -z "$found" ] || breach "stats/method may include only core/ and itself:
$found"

# The outsider's audit shares nothing with what it checks, and nobody else builds on it.
found=$(grep -nE '^#include "' stats/outsider/*.[ch] | grep -vE '#include "(core|stats/outsider)/' || true)
[ -z "$found" ] || breach "stats/outsider may include only core/|stats/outsider/:
$found"
found=$(grep -rnE '^#include "stats/outsider/' --include='*.[ch]' core etl stats surveys reports | grep -v '^stats/outsider/' || true)
[ -z "$found" ] || breach "only cli may include stats/outsider:
$found"

# The gate: only stats/ makes releases.
found=$(grep -rnE '^#include "stats/release_build\.h"' --include='*.[ch]' core etl surveys reports cli || true)
[ -z "$found" ] || breach "only stats/ may build a release:
$found"

# Derived tables come from released ones: stats/derived knows no cube, no store, no ledger, and writes through one file.
found=$(grep -rnE '^#include "' --include='*.[ch]' stats/derived |
    grep -vE '#include "(core/|stats/method/|stats/derived/|stats/release\.h|stats/table_config\.h|stats/domain\.h)' |
    grep -v '^stats/derived/sheet\.c:.*"stats/release_build\.h"' || true)
[ -z "$found" ] || breach "stats/derived may include only core/, stats/method and released tables:
$found"

# Banned calls: unbounded, unchecked, or a second clock.
banned='\b(gets|strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atoll|atof|strncpy|rand|srand|system|popen|tmpnam|mktemp|alloca)[[:space:]]*\('
found=$(grep -rnE --include='*.[ch]' "$banned" core etl stats surveys reports cli || true)
[ -z "$found" ] || breach "banned call:
$found"
clocks='\b(time|gettimeofday|clock_gettime|localtime|gmtime|localtime_r|gmtime_r)\('
found=$(grep -rnE --include='*.[ch]' "$clocks" core etl stats surveys reports cli | grep -v "^core/clock\." || true)
[ -z "$found" ] || breach "only core/clock.c may ask the time:
$found"
raw='\b(malloc|calloc|realloc|strdup|strndup|asprintf)[[:space:]]*\('
found=$(grep -rnE --include='*.[ch]' "$raw" core etl stats surveys reports cli | grep -vE '^core/mem\.|_malloc|sodium_' || true)
[ -z "$found" ] || breach "use core/mem.h:
$found"
exit $breaches
