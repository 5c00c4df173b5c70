#!/bin/sh
# protect.sh FALLZAHL FOLDER: the tables that tests/golden/protect holds.
set -eu
fallzahl=$1 out=$2 in=$(dirname "$0")/protect
protect() {
    file=$1
    shift
    "$fallzahl" protect "$in/in.csv" --by place,channel --hierarchy "place:$in/places.csv" --person customer --sum minutes --k 5 --quiet \
        --out "$out/$file" "$@"
}
protect all.csv
protect table.csv --publish
protect zeros.csv --publish --zeros public
