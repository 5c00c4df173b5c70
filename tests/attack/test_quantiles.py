#!/usr/bin/python3
"""Medians and other quantiles of random workspaces: a reader knows how many persons a cell has, and that each quantile is the mean of the
k or k + 1 of them around its rank. No sum or difference of what is shown of the cell may be of 1 to k - 1 persons; no two cells with
quantiles, one within the other, may differ by so few; and each figure is that mean."""
import csv
import itertools
import math
import os
import random
import shutil
import sys
from fractions import Fraction

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness

RANKS = {"q10": 10, "q25": 25, "median": 50, "q75": 75, "q90": 90}
CONFIG = harness.CONFIG + """    opened_at: opened_at
    dimensions:
      month: {{date: closed_at, as: month}}
      brand: {{column: brand, allow: [a, b, c]}}
      channel: {{column: channel, allow: [x, y, z]}}
    measures:
      amount: {{column: amount, unit: EUR, decimals: 0}}
tables:
"""
TABLE = "  {name}: {{period: month, by: [{by}], measures: {{amount: [{figures}]}}}}\n"
PRIME = 2**61 - 1


class Shop:
    """Cells with few and with more persons, most of them with one case."""

    def __init__(self, seed):
        rng = random.Random(f"quantiles {seed}")
        self.k = 5
        self.rows = []
        for inner in itertools.product("abc", "xyz"):
            for i in range(rng.choice([0, 2, rng.randint(5, 14), rng.randint(8, 30)])):
                person = f"p{rng.randint(1, 200)}" if rng.random() < 0.1 else f"{inner[0]}{inner[1]}{i}"
                self.rows.append((inner, person, rng.choice([rng.randint(1, 30), rng.randint(1, 2000)])))
        self.tables = [(["brand", "channel"], self.figures(rng))] + [([rng.choice(["brand", "channel"])], self.figures(rng))] * (rng.random() < 0.5)

    @staticmethod
    def figures(rng):
        return rng.sample(["sum", "mean"], rng.randint(0, 2)) + rng.sample(sorted(RANKS), rng.choice([1, 1, 2, 5]))

    def values(self, cell):
        """Of each person in the cell the mean."""
        of = {}
        for inner, person, amount in self.rows:
            if all(c in ("(total)", i) for c, i in zip(cell, inner)):
                of.setdefault(person, []).append(amount)
        return {person: Fraction(sum(amounts), len(amounts)) for person, amounts in of.items()}

    def publish(self, folder):
        shutil.rmtree(folder)
        assert harness.run("init", folder, "--test", "--quiet").returncode == 0
        with open(f"{folder}/fallzahl.yaml", "w") as file:
            file.write(CONFIG.format(k=self.k))
            for i, (by, figures) in enumerate(self.tables):
                file.write(TABLE.format(name=f"t{i}", by=", ".join(by), figures=", ".join(figures)))
        with open(f"{folder}/inbox/cases-2025-01.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["case_no", "opened_at", "closed_at", "customer_no", "brand", "channel", "amount"])
            writer.writerows([i, "2025-01-02", "2025-01-09", person, *inner, amount] for i, (inner, person, amount) in enumerate(self.rows))
        open(f"{folder}/inbox/cases-2025-01.csv.ok", "w").close()
        result = harness.run("-C", folder, "run", "--quiet", "--as-of", "2025-02-20")
        assert result.returncode == 0, result.stderr
        return self.read(folder)

    def read(self, folder):
        """cell -> what is shown of it, over all tables."""
        shown = {}
        for i, (_, figures) in enumerate(self.tables):
            try:
                file = open(f"{folder}/published/latest/tables/t{i}.csv")
            except FileNotFoundError:
                continue
            with file:
                for row in csv.DictReader(file):
                    cell = (row.get("brand", "(total)"), row.get("channel", "(total)"))
                    if "(withheld)" not in cell:
                        shown.setdefault(cell, {}).update({f: float(row[f"amount_{f}"]) for f in figures if row[f"amount_{f}"]})
        return shown

    def without_rule(self):
        """The same tables if quantiles were given wherever k persons have a value."""
        shown = {}
        for by, figures in self.tables:
            for cell in itertools.product("abc" if "brand" in by else (), "xyz" if "channel" in by else ()):
                if len(self.values(cell)) >= self.k:
                    shown.setdefault(cell, {}).update(dict.fromkeys(figures, 0))
        return shown


def window(n, k, percent):
    """Ranks from..to (not included) of those whose values a quantile is the mean of."""
    low, high = Fraction(n * percent, 100) - Fraction(k, 2), Fraction(n * percent, 100) + Fraction(k, 2)
    if low < 0:
        low, high = Fraction(0), Fraction(k)
    if high > n:
        low, high = Fraction(n - k), Fraction(n)
    return math.floor(low), math.ceil(high)


class Span:
    """Rows of numbers modulo a prime, and whether another is a combination of them."""

    def __init__(self, rows):
        self.basis = []
        for row in rows:
            row = self.reduce(row)
            pivot = next((i for i, x in enumerate(row) if x), None)
            if pivot is not None:
                inverse = pow(row[pivot], PRIME - 2, PRIME)
                self.basis.append(([x * inverse % PRIME for x in row], pivot))

    def reduce(self, row):
        for basis, pivot in self.basis:
            row = [(x - row[pivot] * y) % PRIME for x, y in zip(row, basis)] if row[pivot] else row
        return row

    def holds(self, row):
        return not any(self.reduce(row))


def isolated(n, k, shown):
    """Ranks of 1 to k - 1 persons whose values the figures add up to; None if there are none."""
    windows = {window(n, k, RANKS[f]) for f in shown if f in RANKS} | ({(0, n)} if {"sum", "mean"} & set(shown) else set())
    cuts = sorted({end for w in windows for end in w} | {0, n})
    parts = list(zip(cuts, cuts[1:]))
    span = Span([[int(w[0] <= p[0] and p[1] <= w[1]) for p in parts] for w in windows])
    for chosen in itertools.product((0, 1), repeat=len(parts)):
        ranks = [p for p, is_in in zip(parts, chosen) if is_in]
        if 0 < sum(end - start for start, end in ranks) < k and span.holds(list(chosen)):
            return ranks
    return None


def breaches(shop, shown):
    with_quantiles = {cell: set(shop.values(cell)) for cell, figures in shown.items() if set(figures) & set(RANKS)}
    for cell, persons in with_quantiles.items():
        ranks = isolated(len(persons), shop.k, shown[cell])
        if ranks:
            yield f"{cell}: {sorted(shown[cell])} of {len(persons)} persons isolate those at {ranks}"
    for (a, few), (b, many) in itertools.permutations(with_quantiles.items(), 2):
        is_within = all(outer in ("(total)", inner) for inner, outer in zip(a, b))  # as far as a reader can tell
        if is_within and 0 < len(many - few) < shop.k:
            yield f"{a} and {b} with quantiles differ by {len(many - few)} persons"


def attack(seed, folder):
    shop = Shop(seed)
    shown = shop.publish(folder)
    yield from breaches(shop, shown)
    for cell, figures in shown.items():
        values = sorted(shop.values(cell).values())
        for name in set(figures) & set(RANKS):
            low, high = window(len(values), shop.k, RANKS[name])
            if not shop.k <= high - low <= shop.k + 1 or abs(figures[name] - sum(values[low:high]) / (high - low)) > 0.51:
                yield f"{cell} {name}: {figures[name]} is not the mean of {values[low:high]}"
    if not any(set(figures) & set(RANKS) for figures in shown.values()):
        yield from () if len(shop.rows) < 60 else ["no quantile at all of more than 60 cases"]


def attack_without_rule(seed, folder):
    shop = Shop(seed)
    return breaches(shop, shop.without_rule())


def main():
    plan = harness.Plan()
    plan.none("quantiles of workspaces", attack, max(4, harness.CASES // 10))
    plan.most("quantiles wherever k persons have a value", attack_without_rule, 40, 0.5)
    plan.end()


if __name__ == "__main__":
    main()
