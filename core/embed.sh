#!/bin/sh
# Writes the C table behind core/embed.h: embed.sh FILE... > embed_table.c
set -eu
LC_ALL=C
export LC_ALL
echo '#include "core/embed.h"'
n=0
for file in "$@"; do
    printf 'static const unsigned char data_%d[] = {' "$n"
    od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
    printf '0};\n'
    n=$((n + 1))
done
echo 'const struct embed_file embed_files[] = {'
n=0
for file in "$@"; do
    printf '    { "%s", (const char *)data_%d, sizeof data_%d - 1 },\n' "$file" "$n" "$n"
    n=$((n + 1))
done
echo '    { 0 },'
echo '};'
