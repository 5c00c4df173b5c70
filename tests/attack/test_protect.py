#!/usr/bin/python3
"""`fallzahl protect --publish` on random microdata, attacked with what it publishes and nothing else. ATTACK_CASES tables in all
(default 300), seeds from ATTACK_SEED (default 1)."""
import csv
import functools
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import breaches
import harness
import joint
from microdata import Microdata, Truth

STYLES = ("flat", "hierarchy", "linked", "cube", "heavy")


def protect(data, folder, *options):
    """cell -> cases (and, with --sum, cell -> sum) as published."""
    data.write(f"{folder}/in.csv")
    by = ",".join(d.name for d in data.dimensions)
    result = harness.run("protect", f"{folder}/in.csv", "--by", by, "--person", "person", "--k", data.k,
                         *harness.hierarchies(data, folder), *options, "--publish", "--quiet", "--out", f"{folder}/out.csv")
    assert result.returncode == 0, result.stderr
    return read_published(f"{folder}/out.csv", data)


def read_published(path, data):
    counts, sums = {}, {}
    with open(path) as file:
        for row in csv.DictReader(file):
            cell = tuple(row[d.name] for d in data.dimensions)
            if "(withheld)" in cell:
                continue
            if row.get("cases"):
                counts[cell] = int(row["cases"])
            if row.get("amount_sum"):
                sums[cell] = int(row["amount_sum"])
    return counts, sums


def attack_counts(style, zeros_public, options, seed, folder):
    data = Microdata(seed, style)
    truth = Truth(data)
    published, _ = protect(data, folder, *options)
    for cell, value in published.items():
        if value != truth.cases(data.inner(cell)):
            yield f"{cell} is published as {value}, not {truth.cases(data.inner(cell))}"
    yield from breaches.all_breaches(data, truth, published, zeros_public)


def attack_plain(style, seed, folder):
    """Elimination alone, zeros published: nothing is known exactly, not even to who knows that nothing withheld is empty."""
    data = Microdata(seed, style)
    truth = Truth(data)
    published, _ = protect(data, folder, "--zeros", "public", "--audit", "off")
    yield from breaches.exact(data, truth, published, 1)


def attack_impossible(declared, style, seed, folder):
    """The reader knows of combinations that cannot be; the program does if they are declared."""
    data = Microdata(seed, style)
    data.declare_impossible()
    truth = Truth(data)
    data.write_impossible(f"{folder}/zeros.csv")
    published, _ = protect(data, folder, *(["--structural-zeros", f"{folder}/zeros.csv"] if declared else []))
    yield from breaches.all_breaches(data, truth, published)


def attack_sums(style, options, seed, folder):
    data = Microdata(seed, style)
    truth = Truth(data)
    counts, sums = protect(data, folder, "--sum", "amount", "--p-percent", "10", *options)
    if set(sums) - set(counts):
        yield "a sum is published where its count is not"
    yield from breaches.sums(data, truth, sums, 10)
    yield from joint.counts_against_sums(data, truth, counts, sums, 10, bool(options))


def threshold_only(style, seed, folder):
    data = Microdata(seed, style)
    truth = Truth(data)
    published = {c: truth.cases(data.inner(c)) for c in data.cells() if truth.persons(data.inner(c)) >= data.k}
    yield from breaches.all_breaches(data, truth, published)


def threshold_only_sums(seed, folder):
    data = Microdata(seed, "heavy")
    truth = Truth(data)
    published = {c: sum(a for _, a in truth.contributions(data.inner(c)).values()) for c in data.cells()
                 if truth.persons(data.inner(c)) >= data.k}
    yield from breaches.sums(data, truth, published, 10)


def publishes_something(style, seed, folder):
    """A finding, so that most() counts it: protection that withholds everything would pass every attack."""
    data = Microdata(seed, style)
    published, _ = protect(data, folder)
    if len(published) > 1:
        yield f"{len(published)} cells"


def main():
    plan = harness.Plan()
    share = max(3, harness.CASES // 10)
    there = harness.run("protect", "--help").returncode == 0
    for style in STYLES:
        plan.most(f"threshold only, {style}", functools.partial(threshold_only, style), share // 3 + 1, 0.7)
    plan.most("threshold only, sums", threshold_only_sums, share // 3 + 1, 0.5)
    if not there:
        plan.say(True, "protected tables # SKIP this program has no command 'protect' yet")
        plan.end()
    for style in STYLES:
        plan.none(f"protected, {style}", functools.partial(attack_counts, style, False, []), share)
    plan.none("protected, public zeros", functools.partial(attack_counts, "hierarchy", True, ["--zeros", "public"]), share)
    for style in ("flat", "hierarchy", "cube"):
        plan.none(f"elimination alone, {style}", functools.partial(attack_plain, style), share)
    for style in ("flat", "hierarchy", "linked", "cube"):
        plan.none(f"protected, structural zeros, {style}", functools.partial(attack_impossible, True, style), share // 2 + 1)
    plan.most("structural zeros not declared, flat", functools.partial(attack_impossible, False, "flat"), share // 2 + 1, 0.1)
    for style in STYLES:
        plan.none(f"protected, sums, {style}", functools.partial(attack_sums, style, []), share // 3 + 1)
    plan.none("protected, sums, public zeros", functools.partial(attack_sums, "cube", ["--zeros", "public"]), share // 3 + 1)
    plan.most("without the audit, heavy persons",
              functools.partial(attack_counts, "heavy", False, ["--audit", "off"]), share, 0.05)
    plan.most("something is published", functools.partial(publishes_something, "hierarchy"), share // 3 + 1, 0.7)
    plan.end()


if __name__ == "__main__":
    main()
