#!/usr/bin/python3
"""`fallzahl audit` against glpsol on random tables with a threshold and nothing else: the same interval for every absent cell."""
import functools
import json
import math
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import breaches
import harness
from attacker import ENOUGH, Attacker
from microdata import Microdata, Truth


def threshold_only(data, truth):
    return {cell: truth.cases(data.inner(cell)) for cell in data.cells() if truth.persons(data.inner(cell)) >= data.k}


def audited(data, folder, published, *options):
    """cell -> (lower, upper, finding) as the program says."""
    harness.write_published(f"{folder}/t.csv", data, published)
    result = harness.run("audit", "--json", "--quiet", "--k", data.k, *options, *harness.hierarchies(data, folder), f"{folder}/t.csv")
    assert result.returncode in (0, 65) and result.stdout, result.stderr
    cells = {}
    for found in json.loads(result.stdout)["findings"]:
        if found["finding"] in ("published", "remainder"):
            continue
        cell = tuple(found["cell"].get(d.name, "(total)") for d in data.dimensions)
        cells[cell] = (found["lower"], found["upper"], found["finding"])
    return cells, result.returncode


def same_intervals(style, seed, folder):
    data = Microdata(seed, style)
    truth = Truth(data)
    published = threshold_only(data, truth)
    if not published:
        return
    absent = [cell for cell in data.cells() if cell not in published]
    reader = Attacker(list(data.inner(("(total)",) * len(data.dimensions))), breaches.equations(data, published))
    bounds = dict(zip(absent, reader.bounds([data.inner(cell) for cell in absent])))
    got, _ = audited(data, folder, published, "--all")
    short, _ = audited(data, folder, published)
    for cell, (low, high) in bounds.items():
        if any(node == "(total)" and all(other[axis] != node for other in published) for axis, node in enumerate(cell)):
            continue  # no row shows a total of that dimension: the program cannot know that there could be one
        low, high = math.ceil(low - 1e-6), math.floor(high + 1e-6)
        lower, upper, finding = got[cell]
        if (lower, ENOUGH if upper is None else upper) != (low, high) and high < ENOUGH:
            yield f"{cell}: [{lower}, {upper}], glpsol [{low}, {high}]"
        if (finding == "exact") != (low == high > 0) and not shown_by_parts(data, published, cell):
            yield f"{cell}: {finding}, glpsol [{low}, {high}]"
        if (finding != "safe") != (cell in short) or (cell in short and short[cell] != got[cell]):
            yield f"{cell}: {finding} with all intervals, {short.get(cell)} without"



def shown_by_parts(data, published, cell):
    """Absent, but the published cells of some dimension add up to it: nothing is withheld."""
    return any(not rest for axis in range(len(cell)) for rest in breaches.uncovered(data, published, cell, axis))


def every_breach_is_unsafe(style, seed, folder):
    """What the truth calls a breach of exactness, the program calls unsafe without knowing the truth."""
    data = Microdata(seed, style)
    truth = Truth(data)
    published = threshold_only(data, truth)
    found = [b for b in breaches.intervals(data, truth, published, False) if b.startswith("exact")]
    if found and published:
        _, status = audited(data, folder, published)
        if status != 65:
            yield from found


def main():
    plan = harness.Plan()
    cases = max(4, harness.CASES // 15)
    for style in ("flat", "hierarchy", "linked", "cube"):
        plan.none(f"audit, {style}: intervals equal glpsol's", functools.partial(same_intervals, style), cases)
    plan.none("audit: what exposes a group exactly is unsafe", functools.partial(every_breach_is_unsafe, "linked"), cases)
    plan.end()


if __name__ == "__main__":
    main()
