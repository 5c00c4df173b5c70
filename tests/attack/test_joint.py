#!/usr/bin/python3
"""Figures of one cell against each other: workspaces with a score and an amount that some have and some have not are published, and
attacked with all figures of all tables in one program. Each figure by itself must be seen to fall."""
import csv
import glob
import itertools
import os
import random
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness
import joint
from microdata import Dimension

CONFIG = harness.CONFIG + """    opened_at: opened_at
    dimensions:
      month: {{date: closed_at, as: month}}
      brand: {{column: brand, allow: [{brands}]}}
      channel: {{column: channel, allow: [{channels}]}}
      country: {{column: country, allow: [{countries}]}}
    measures:
      score: {{column: score, score: [{low}, {high}], share: [{first}, {last}]}}
      amount: {{column: amount, unit: EUR, decimals: 0}}
tables:
"""
TABLE = "  {name}: {{title: Made up, period: month, by: [{by}], measures: {measures}}}\n"
FIGURES = ("{score: [mean, share], amount: [sum]}", "{score: [mean]}", "{score: [share]}", "{score: [mean], amount: [mean]}", "{amount: [sum]}",
           "{score: [mean, sd]}", "{score: [mean, sd, share]}")


class Shop:
    """One month; brand by channel, and often brand by country."""

    def __init__(self, seed):
        rng = random.Random(f"joint {seed}")
        self.k = 5
        self.score = rng.choice([(1, 5), (0, 10), (1, 7)])
        self.share = rng.choice([(self.score[1] - 1, self.score[1]), (self.score[0], self.score[0] + 1), self.score[:1] * 2])
        self.dimensions = [Dimension(name, [f"{name[0:2]}{i}" for i in range(rng.randint(2, 4))], []) for name in ("brand", "channel", "country")]
        self.tables = [((0, 1), rng.choice(FIGURES))] + ([((0, 2), rng.choice(FIGURES))] if rng.random() < 0.6 else [])
        self.rows = list(self.make_rows(rng))

    def make_rows(self, rng):
        without = [rng.choice([0, 0.1, 0.3, 0.7]) for _ in range(2)]
        for inner in itertools.product(*(d.leaves for d in self.dimensions)):
            size, share = rng.random(), rng.random()
            for _ in range(0 if size < 0.45 else rng.randint(1, 3) if size < 0.75 else rng.randint(4, 14)):
                score = rng.randint(*self.score) if rng.random() >= without[0] * share * 2 else None
                amount = rng.choice([10, 20, 50]) if rng.random() >= without[1] else None
                yield inner, f"p{rng.randint(1, 400)}", None if score is None else str(score), amount

    def cells(self):
        return self.cells_with("")

    def cells_with(self, measure):
        known = set()
        for by, measures in self.tables:
            if measure not in measures:
                continue
            for nodes in itertools.product(*(self.dimensions[d].nodes for d in by)):
                cell = ["(total)"] * 3
                for d, node in zip(by, nodes):
                    cell[d] = node
                known.add(tuple(cell))
        return sorted(known)

    def inner(self, cell):
        return frozenset(itertools.product(*(d.nodes[node] for d, node in zip(self.dimensions, cell))))

    def configure(self, folder):
        lists = {d.name: ", ".join(d.leaves) for d in self.dimensions}
        with open(f"{folder}/fallzahl.yaml", "w") as file:
            file.write(CONFIG.format(k=self.k, brands=lists["brand"], channels=lists["channel"], countries=lists["country"], low=self.score[0],
                                     high=self.score[1], first=self.share[0], last=self.share[1]))
            for i, (by, measures) in enumerate(self.tables):
                file.write(TABLE.format(name=f"t{i}", by=", ".join(self.dimensions[d].name for d in by), measures=measures))

    def export(self, folder):
        with open(f"{folder}/inbox/cases-2025-01.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["case_no", "opened_at", "closed_at", "customer_no", "brand", "channel", "country", "score", "amount"])
            for i, (inner, person, score, amount) in enumerate(self.rows):
                day = f"2025-01-{i % 27 + 1:02}"
                writer.writerow([i, day, day, person, *inner, score or "", amount or ""])
        open(f"{folder}/inbox/cases-2025-01.csv.ok", "w").close()


def publish(shop, folder):
    """cell -> figures, of all tables."""
    shutil.rmtree(folder)
    made = harness.run("init", folder, "--test", "--quiet")
    assert made.returncode == 0, made.stderr
    shop.configure(folder)
    shop.export(folder)
    result = harness.run("-C", folder, "run", "--quiet", "--as-of", "2025-02-20")
    assert result.returncode == 0, result.stderr
    published = {}
    for path in sorted(glob.glob(f"{folder}/published/latest/tables/t*.csv")):  # none of a table with nothing to publish
        with open(path) as file:
            for row in csv.DictReader(file):
                cell = tuple(row.get(d.name, "(total)") for d in shop.dimensions)
                if "(withheld)" not in cell:
                    published.setdefault(cell, {}).update((name, value) for name, value in row.items() if value)
    return published


def attack(seed, folder):
    shop = Shop(seed)
    yield from joint.all_breaches(shop, shop.rows, publish(shop, folder))


def threshold_only(seed, folder):
    """All figures with k contributors and more."""
    shop, published = Shop(seed), {}
    kinds = joint.groups(shop, shop.rows)
    for cell in shop.cells():
        inner = shop.inner(cell)
        count = {kind: joint.people_of(kinds[kind], inner) for kind in ("cases", "score", "amount")}
        if len(count["cases"]) >= shop.k:
            published[cell] = {"cases": str(sum(count["cases"].values()))}
            published[cell].update((f"{m}_n", str(sum(count[m].values()))) for m in ("score", "amount") if len(count[m]) >= shop.k)
    yield from joint.all_breaches(shop, shop.rows, published)


def publishes_measures(seed, folder):
    shop = Shop(seed)
    figures = sum(name.endswith("_n") for row in publish(shop, folder).values() for name in row)
    if figures > 1:
        yield f"{figures} figures"


def main():
    plan = harness.Plan()
    cases = max(6, harness.CASES // 12)
    plan.most("a threshold only", threshold_only, max(4, cases // 4), 0.7)
    plan.most("measures are published", publishes_measures, max(4, cases // 4), 0.5)
    plan.none("all figures of a month together", attack, cases)
    plan.end()


if __name__ == "__main__":
    main()
