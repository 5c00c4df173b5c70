#!/bin/sh
# Prints docs/data-protection.md: the introduction, then every table of the databases from the comments of the schema, with the columns
# that later migrations add.
set -eu
cd "$(dirname "$0")/.."
schema=$(mktemp)
trap 'rm -f "$schema"' EXIT
cat docs/data-protection.in
for database in cases surveys intake releases; do
    cat core/sql/$database/*.sql > "$schema"
    awk -v database="$database" '
        function cell(text) { gsub(/\|/, "\\|", text); sub(/ +$/, "", text); return text }
        function flush_column() {
            if (column != "") printf "| `%s` | %s |\n", column, cell(meaning)
            column = meaning = ""
        }
        BEGIN { printf "\n## state/%s.db\n\n", database; top = 1 }
        /^ALTER TABLE / {
            if ($4 != "ADD" || $5 != "COLUMN" || !match($0, /-- /)) {
                print "this says no column with its meaning: " $0 > "/dev/stderr"
                exit 1
            }
            if (FNR == NR) added[$3] = added[$3] sprintf("| `%s` | %s |\n", $6, cell(substr($0, RSTART + 3)))
        }
        FNR == NR { next }
        top && /^--   / { print "  " substr($0, 4); next }
        top && /^-- / { print substr($0, 4); next }
        top && /^--$/ { print ""; next }
        top { top = 0; next }
        /^-- Kept: / { kept = substr($0, 10); next }
        /^-- Access: / { access = substr($0, 12); next }
        /^-- / { about = about substr($0, 4) " "; next }
        /^CREATE TABLE / {
            if (kept == "") { print "no term is stated for table " $3 > "/dev/stderr"; exit 1 }
            if (access == "" && kept !~ /no personal data/) {
                print "no place in the access to data on a person is stated for table " $3 > "/dev/stderr"
                exit 1
            }
            printf "\n### %s\n\n", $3
            if (about != "") printf "%s\n\n", cell(about)
            printf "Kept: %s\n\n", kept
            if (access != "") printf "Access: %s\n\n", access
            printf "| column | meaning |\n|---|---|\n"
            inside = 1
            table = $3
            about = kept = access = ""
            next
        }
        inside && /^\)/ { flush_column(); printf "%s", added[table]; inside = 0; next }
        inside && /^    [a-z0-9_]+ [A-Z]/ {
            flush_column()
            column = $1
            if (match($0, /-- /)) meaning = substr($0, RSTART + 3)
            next
        }
        inside && /^ +-- / { if (column != "") { sub(/^ +-- /, ""); meaning = meaning (meaning == "" ? "" : " ") $0 } next }
        !inside { about = "" }
    ' "$schema" "$schema"
done
