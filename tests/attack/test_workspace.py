#!/usr/bin/python3
"""Whole workspaces: random exports of two months go in, what is published in two nights is attacked as one system over all
tables. Each release says what it is protected against: a threshold alone must fall to the attack; what claims more must
stand, but for the contributor's view where the release says that it is not covered yet."""
import csv
import glob
import itertools
import json
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import breaches
import harness
from microdata import Dimension, Truth

MONTHS = ("2025-01", "2025-02")
CONFIG = harness.CONFIG + """    opened_at: opened_at
    dimensions:
      month: {{date: closed_at, as: month}}
      brand: {{column: brand, allow: [{brands}]}}
      channel: {{column: channel, allow: [{channels}]}}
      country: {{column: country, hierarchy: regions.csv, levels: [region, country]}}
tables:
"""
TABLE = """  {name}:
    title: Made up
    period: month
    by: [{by}]
"""


class Shop:
    """One month of a made-up shop; what Microdata is to one table."""

    def __init__(self, seed):
        rng = self.rng = random.Random(f"shop {seed}")
        self.k = 5
        countries = [f"l{i}" for i in range(rng.randint(3, 5))]
        cut = rng.randint(1, len(countries) - 1)
        self.dimensions = [
            Dimension("brand", [f"b{i}" for i in range(rng.randint(2, 3))], []),
            Dimension("channel", [f"c{i}" for i in range(rng.randint(2, 4))], []),
            Dimension("country", countries, [{"north": set(countries[:cut]), "south": set(countries[cut:])}]),
        ]
        pairs = [(0, 1), (2, 0), (1, 2)]
        self.tables = rng.sample(pairs, rng.randint(1, 2)) if rng.random() < 0.8 else [(0, 1, 2)]
        self.months = {month: self.make_rows(rng) for month in MONTHS}
        self.rows = self.months[MONTHS[0]]

    def make_rows(self, rng):
        rows, heavy = [], rng.random() < 0.4
        for inner in itertools.product(*(d.leaves for d in self.dimensions)):
            size = rng.random()
            cases = 0 if size < 0.4 else rng.randint(1, 3) if size < 0.8 else rng.randint(4, 15)
            for _ in range(cases):
                rows += [(inner, f"p{rng.randint(1, 400)}", 0)] * (rng.choice([1, 1, 2, 6]) if heavy else 1)
        return rows

    def cells(self):
        known = set()
        for table in self.tables:
            for nodes in itertools.product(*(self.dimensions[d].nodes for d in table)):
                cell = ["(total)"] * 3
                for d, node in zip(table, nodes):
                    cell[d] = node
                known.add(tuple(cell))
        return sorted(known)

    def inner(self, cell):
        return frozenset(itertools.product(*(d.nodes[node] for d, node in zip(self.dimensions, cell))))

    def configure(self, folder):
        values = {d.name: ", ".join(d.leaves) for d in self.dimensions}
        with open(f"{folder}/fallzahl.yaml", "w") as file:
            file.write(CONFIG.format(k=self.k, brands=values["brand"], channels=values["channel"]))
            for i, table in enumerate(self.tables):
                file.write(TABLE.format(name=f"t{i}", by=", ".join(self.dimensions[d].name for d in table)))
        with open(f"{folder}/regions.csv", "w") as file:
            file.write("child,parent\n")
            for region, members in self.dimensions[2].groupings[0].items():
                file.writelines(f"{leaf},{region}\n" for leaf in sorted(members))

    def export(self, folder, month):
        with open(f"{folder}/inbox/cases-{month}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["case_no", "opened_at", "closed_at", "customer_no", "brand", "channel", "country"])
            for i, (inner, person, _) in enumerate(self.months[month]):
                day = f"{month}-{i % 27 + 1:02}"
                writer.writerow([f"{month}/{i}", day, day, person, *inner])
        open(f"{folder}/inbox/cases-{month}.csv.ok", "w").close()


def read_table(path, shop):
    """(month, cell) -> cases."""
    with open(path) as file:
        for row in csv.DictReader(file):
            if "(withheld)" in row.values():
                continue
            country = row.get("country", "(total)")
            country = country if country != "(total)" else row.get("region", "(total)")
            yield (row["month"], (row.get("brand", "(total)"), row.get("channel", "(total)"), country)), int(row["cases"])


def publish(shop, folder):
    """Runs both nights. The published figures of each month, and what the last release says of its protection."""
    shutil.rmtree(folder)
    made = harness.run("init", folder, "--test", "--quiet")
    assert made.returncode == 0, made.stderr
    shop.configure(folder)
    for night, month in (("2025-02-20", MONTHS[0]), ("2025-03-20", MONTHS[1])):
        shop.export(folder, month)
        result = harness.run("-C", folder, "run", "--quiet", "--as-of", night)
        assert result.returncode == 0, result.stderr
    figures = {}
    for path in sorted(glob.glob(f"{folder}/published/2*/tables/*.csv")):
        for key, value in read_table(path, shop):
            assert figures.setdefault(key, value) == value, f"restated: {key}"
    with open(f"{folder}/published/latest/manifest.json") as file:
        return figures, json.load(file)["protection"]


def is_open(protection):
    return protection.startswith("threshold only")


def attack(seed, folder):
    shop = Shop(seed)
    figures, protection = publish(shop, folder)
    contributors = 0 if "contributor's view not yet" in protection else 4
    for month in MONTHS:
        shop.rows = shop.months[month]
        truth = Truth(shop)
        published = {cell: value for (at, cell), value in figures.items() if at == month}
        for cell, value in published.items():
            if value != truth.cases(shop.inner(cell)):
                yield f"{month} {cell} is published as {value}, not {truth.cases(shop.inner(cell))}"
        yield from (f"{month} {breach}" for breach in breaches.all_breaches(shop, truth, published, limit=contributors))
    if not is_open(protection):
        releases = [os.path.dirname(tables) for tables in sorted(glob.glob(f"{folder}/published/2*/tables"))] # not those of which all is withheld
        result = harness.run("audit", "--quiet", "--closed", "--k", shop.k, *harness.hierarchies(shop, folder), *releases)
        if result.returncode:
            yield "fallzahl audit: " + result.stderr + result.stdout[:300]


def states_protection(seed, folder):
    if not is_open(publish(Shop(seed), folder)[1]):
        yield "protected"


def main():
    plan = harness.Plan()
    cases = max(4, harness.CASES // 25)
    (protected,) = plan.attack(states_protection, 1).values()
    if protected == ["protected"]:
        plan.none("workspaces, two nights", attack, cases)
    else:
        plan.most("workspaces with a threshold only", attack, cases, 0.7)
    plan.end()


if __name__ == "__main__":
    main()
