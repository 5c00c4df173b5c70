"""check_release.py FOLDER: reads a release with Python's csv and json modules and holds one against the other."""
import csv
import json
import os
import re
import sys
import unicodedata

folder = sys.argv[1]
package = json.load(open(os.path.join(folder, "datapackage.json"), encoding="utf-8"))
manifest = json.load(open(os.path.join(folder, "manifest.json"), encoding="utf-8"))
digests = {entry["path"]: "sha256:" + entry["sha256"] for entry in manifest["files"]}
types = {
    "string": re.compile(r".*", re.S),
    "integer": re.compile(r"-?\d+"),
    "number": re.compile(r"(?!-0\.0*$)-?\d+(\.\d+)?"),
}


def read(path, delimiter, encoding):
    with open(os.path.join(folder, path), encoding=encoding, newline="") as opened:
        return list(csv.reader(opened, delimiter=delimiter, strict=True))


def is_defused(text):
    rest = text.lstrip(" \u00a0\u3000\u200b\ufeff")
    return not rest or unicodedata.normalize("NFKC", rest[0]) not in "=+-@\t\r\n"


def check_cell(field, cell, where):
    assert cell or not field.get("constraints", {}).get("required"), where
    if cell:
        assert types[field["type"]].fullmatch(cell), where
        assert field["type"] != "string" or is_defused(cell), where
    if cell and "minimum" in field.get("constraints", {}):
        assert field["constraints"]["minimum"] <= float(cell) <= field["constraints"]["maximum"], where
    if cell and "fallzahl:decimals" in field:
        assert len(cell.partition(".")[2]) == field["fallzahl:decimals"], where


def check_table(resource):
    fields, path = resource["schema"]["fields"], resource["path"]
    assert resource["hash"] == digests[path], path
    header, *rows = read(path, ",", "utf-8")
    assert header == [field["name"] for field in fields], path
    for number, row in enumerate(rows):
        assert len(row) == len(fields), (path, number)
        for field, cell in zip(fields, row):
            check_cell(field, cell, (path, number, field["name"]))
    key = [header.index(name) for name in resource["schema"].get("primaryKey", [])]
    assert not key or len({tuple(row[i] for i in key) for row in rows}) == len(rows), path
    return fields, header, rows


def check_german(path, fields, header, rows):
    german_header, *german_rows = read("german/" + path, ";", "utf-8-sig")
    assert open(os.path.join(folder, "german", path), "rb").read(3) == b"\xef\xbb\xbf", path
    assert german_header == header, path
    plain = [[cell.replace(",", ".") if field["type"] == "number" else cell for field, cell in zip(fields, row)]
             for row in german_rows]
    assert plain == rows, path


for resource in package["resources"]:
    table = check_table(resource)
    if os.path.exists(os.path.join(folder, "german")):
        check_german(resource["path"], *table)
assert package["resources"], "no tables"
