"""Compares `fallzahl audit --all` with reference intervals. Usage: audit_reference.py linked|intervals|scale DATA FALLZAHL"""
import csv
import json
import lzma
import math
import subprocess
import sys


def read(path):
    with (lzma.open(path, "rt") if path.endswith(".xz") else open(path)) as file:
        return list(csv.DictReader(file))


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def edges(rows, child, parents):
    return sorted({(row[child], row[parent]) for row in rows for parent in parents})


def audit(fallzahl, count, hierarchies, *more):
    command = [fallzahl, "audit", "--json", "--quiet", "--all", "--k", "5", "--count", count, "--total", "Total", "t.csv"]
    for column, rows in hierarchies.items():
        write(f"{column}.h.csv", ["child", "parent"], rows)
        command += ["--hierarchy", f"{column}:{column}.h.csv"]
    run = subprocess.run(command + list(more), capture_output=True, text=True)
    assert run.returncode in (0, 65), run.stderr
    found = [f for f in json.loads(run.stdout)["findings"] if f["finding"] not in ("published", "remainder")]
    return {frozenset(f["cell"].items()): f for f in found}


def key(row, dimensions):
    return frozenset((d, row[d]) for d in dimensions if row[d] != "Total")


def publish(rows, dimensions, count):
    write("t.csv", dimensions + [count], [[row[d] for d in dimensions] + [row[count]] for row in rows if row["suppressed"] == "FALSE"])


def whole(low, high):
    """The whole numbers within an interval that a solver gave."""
    return math.ceil(float(low) - 1e-6), math.floor(float(high) + 1e-6)


def compare(found, row, dimensions):
    cell = found[key(row, dimensions)]
    assert (cell["lower"], cell["upper"]) == whole(row["low"], row["up"]), (sorted(key(row, dimensions)), cell, row)


def intervals(data, fallzahl):
    z2, z3 = read(f"{data}/z2.csv"), read(f"{data}/z3.csv")
    cases = [
        ("example1_2014_age_geo_maxN1_protectZeros.csv", ["age", "geo"], "freq", {}),
        ("example1_2014_age_geo_maxN3_nozero.csv", ["age", "geo"], "freq", {}),
        ("z1_region_hovedint_maxN4_nozero.csv", ["region", "hovedint"], "ant", {}),
        ("z2_region_fylke_hovedint_maxN4_nozero.csv", ["region", "hovedint"], "ant",
         {"region": edges(z2, "region", ["fylke", "kostragr"])}),
        ("z3_full_maxN4_nozero.csv", ["region", "hovedint", "mnd"], "ant",
         {"region": edges(z3, "region", ["fylke", "kostragr"]), "mnd": edges(z3, "mnd", ["mnd2"])}),
    ]
    for name, dimensions, count, hierarchies in cases:
        rows = read(f"{data}/gauss_reference/{name}")
        publish(rows, dimensions, count)
        found = audit(fallzahl, count, hierarchies)
        withheld = [row for row in rows if row["suppressed"] == "TRUE"]
        assert len(found) == len(withheld) > 0, (name, len(found), len(withheld))
        for row in withheld:
            compare(found, row, dimensions)


def linked(data, fallzahl):
    cells = read(f"{data}/linked.csv")
    hierarchy = {"region": edges(cells, "region", ["county", "group"])}
    rows = read(f"{data}/gauss_reference/linked_gauss.csv")
    publish(rows, ["region"], "n")
    assert all(f["finding"] != "exact" for f in audit(fallzahl, "n", hierarchy).values())
    for row in rows:
        row["suppressed"] = row["primary"]
    publish(rows, ["region"], "n")
    together = audit(fallzahl, "n", hierarchy)
    assert {dict(cell)["region"] for cell, f in together.items() if f["finding"] == "exact"} == {"K"}
    for parent in ("county", "group"):  # each grouping by itself exposes nobody
        publish([row for row in rows if row["region"] in {c[parent] for c in cells} | {c["region"] for c in cells}], ["region"], "n")
        assert all(f["finding"] != "exact" for f in audit(fallzahl, "n", {"region": edges(cells, "region", [parent])}).values())


def solve(objective, sense, rows, names):
    """One bound by glpsol from a text in CPLEX format; written apart from everything else here."""
    with open("lp.lp", "w") as file:
        file.write(f"{sense}\n o: {' + '.join(objective)}\nSubject To\n")
        for i, (terms, value) in enumerate(rows):
            file.write(f" r{i}: " + "\n + ".join(terms) + f" = {value}\n")
        file.write("End\n")
    run = subprocess.run(["glpsol", "--lp", "lp.lp", "-w", "lp.out"], capture_output=True, text=True, check=True)
    for line in open("lp.out"):
        if line.startswith("s bas"):
            return float(line.split()[-1])
    raise AssertionError(run.stdout)


def scale(data, fallzahl):
    micro = read(f"{data}/scale_5k.csv")
    dimensions = ["region", "cat", "ch"]
    above = {"region": {r["region"]: r["county"] for r in micro}, "cat": {r["cat"]: r["grp"] for r in micro}}
    rows = read(f"{data}/gauss_reference/scale_5k_gauss.csv.xz")
    publish(rows, dimensions, "freq")
    found = audit(fallzahl, "freq", {d: sorted(above[d].items()) for d in above})
    inner = [(r, c, h) for r in above["region"] for c in above["cat"] for h in {m["ch"] for m in micro}]
    name = {cell: f"x{i}" for i, cell in enumerate(inner)}

    def covers(row):
        return [name[cell] for cell in inner if all(
            row[d] in ("Total", value, above.get(d, {}).get(value)) for d, value in zip(dimensions, cell))]

    equations = [(covers(row), row["freq"]) for row in rows if row["suppressed"] == "FALSE"]
    withheld = [row for row in rows if row["suppressed"] == "TRUE"]
    for row in withheld[::len(withheld) // 5]:
        low, high = (solve(covers(row), sense, equations, name) for sense in ("Minimize", "Maximize"))
        compare(found, {**row, "low": low, "up": high}, dimensions)


if __name__ == "__main__":
    {"linked": linked, "intervals": intervals, "scale": scale}[sys.argv[1]](*sys.argv[2:])
