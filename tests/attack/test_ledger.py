"""The attacker over time: holds every file of every night of two years and solves each quarter as one system. Nobody's cases
are told apart, whatever came late, was corrected, deleted or configured anew. ATTACK_HISTORIES=N for more of them (`make attack-ledger`)."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import breaches
import harness
from microdata import Truth
from nights import Nights

HISTORIES = int(os.environ.get("ATTACK_HISTORIES", "4"))


def attack(seed, folder):
    nights = Nights(seed, folder)
    nights.live()
    yield from nights.problems
    for name, quarter, published in nights.quarters():
        truth = Truth(quarter)
        for cell, value in published.items():
            if value != truth.cases(quarter.inner(cell)):
                yield f"{name} {cell} is published as {value}, not {truth.cases(quarter.inner(cell))}"
        yield from (f"{name} {breach}" for breach in breaches.all_breaches(quarter, truth, published, limit=2))


def publishes(seed, folder):
    """The histories have what they are meant to have: quarters and tables that came later."""
    nights = Nights(seed, folder)
    nights.live()
    if any("Q" in period for period, _ in nights.figures):
        yield "quarters"


def main():
    plan = harness.Plan()
    plan.none("two years of nights", attack, HISTORIES)
    plan.end()


if __name__ == "__main__":
    main()
