"""csv_compare.py DUMP FILE [EXPECTED.json]: what csv_dump says of a file, held against the JSON that came with the
file, or against Python's csv module."""
import csv
import json
import lzma
import subprocess
import sys

dump, path = sys.argv[1:3]
lines = subprocess.run([dump, path], check=True, stdout=subprocess.PIPE).stdout.decode("utf-8").split("\n")[:-1]
records = [json.loads(line) for line in lines]
if len(sys.argv) > 3:
    found = [dict(zip(records[0], record)) for record in records[1:]]
    expected = json.load(open(sys.argv[3], encoding="utf-8"))
else:
    found = records
    opened = lzma.open(path, "rt", encoding="utf-8", newline="") if path.endswith(".xz") else \
        open(path, encoding="utf-8-sig", newline="")
    expected = [row for row in csv.reader(opened) if row]
    expected[0] = [name.strip() for name in expected[0]]
if found != expected:
    sys.exit(f"{path}: {len(found)} records read, {len(expected)} expected, and they differ")
print(len(found))
