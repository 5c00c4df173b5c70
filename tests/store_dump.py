"""store_dump.py DATABASE: every row of every table as text, in order: two stores with the same content give the same."""
import sqlite3
import sys

connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
for (table,) in tables.fetchall():
    rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
    for row in sorted(map(repr, rows)):
        print(table, row)
