"""The attacker over time: holds every file of every night of two years and solves each quarter as one system. Nobody's cases
are told apart, whatever came late, was corrected, deleted or configured anew. ATTACK_HISTORIES=N for more of them (`make attack-ledger`)."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import breaches
import harness
from microdata import Truth
from nights import Nights

HISTORIES = int(os.environ.get("ATTACK_HISTORIES", "3"))


def cell_of(breach):
    return re.search(r"\(.*?'\)", breach).group(0) if "('" in breach else breach


def attack_quarter(nights, number, quarter):
    truth, published = Truth(quarter), nights.published(number)
    for cell, value in published.items():
        if value != truth.cases(quarter.inner(cell)):
            yield f"{cell} is published as {value}, not {truth.cases(quarter.inner(cell))}"
    found = breaches.all_breaches(quarter, truth, published, limit=2)
    lost = set()  # what nobody had asked to be protected when it was given away
    for by, night in nights.since.items() if found else ():
        quarter.tables = {by}
        lost |= {cell_of(b) for b in breaches.all_breaches(quarter, truth, nights.published(number, night), limit=2)}
    yield from (b for b in found if cell_of(b) not in lost)


def attack(seed, folder):
    nights = Nights(seed, folder)
    nights.live()
    yield from nights.problems
    for number, name, quarter in nights.quarters():
        yield from (f"{name} {breach}" for breach in attack_quarter(nights, number, quarter))


def main():
    plan = harness.Plan()
    plan.none("two years of nights", attack, HISTORIES)
    plan.end()


if __name__ == "__main__":
    main()
