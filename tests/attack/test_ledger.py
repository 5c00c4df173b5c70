"""The attacker over time: holds every file of every night of two years and solves each quarter as one system. Nobody's cases
are told apart, whatever came late, was corrected, deleted or configured anew. ATTACK_HISTORIES=N for more of them (`make attack-ledger`)."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import breaches
import harness
from microdata import Dimension, Truth
from nights import Nights, Quarter

HISTORIES = int(os.environ.get("ATTACK_HISTORIES", "3"))


def cell_of(breach):
    return re.search(r"\(.*?'\)", breach).group(0) if "('" in breach else breach


def given_away(nights, number, quarter, truth):
    """Cells whose breach came on a night on which no table had them: nobody had asked for their protection then."""
    lost, before = set(), set()
    for night in nights.nights_of(number):
        found = breaches.all_breaches(quarter, truth, nights.published(number, night), limit=None)
        now = {cell_of(breach) for breach in found}
        asked = {str(cell) for cell in quarter.cells(nights.asked[night])}
        lost |= now - before - asked
        before |= now
    return lost


def attack_quarter(nights, number, quarter):
    truth, published = Truth(quarter), nights.published(number)
    for cell, value in published.items():
        if value != truth.cases(quarter.inner(cell)):
            yield f"{cell} is published as {value}, not {truth.cases(quarter.inner(cell))}"
    found = breaches.all_breaches(quarter, truth, published, limit=None)
    lost = given_away(nights, number, quarter, truth) if found else ()
    yield from (b for b in found if cell_of(b) not in lost)


def two_margins(asked):
    """One month by channel and by topic; who is alone in c1, t0 computes c0, t0. Somebody asked for the cross that night, or nobody did."""
    nights = Nights(0, None)
    nights.dimensions = [Dimension("channel", ["c0", "c1"], []), Dimension("topic", ["t0", "t1"], [])]
    nights.asked = {0: {(1,), (2,)} | asked, 1: {(1, 2)}}
    counted = [("c1", "t0")] + [("c0", "t0")] * 5 + [("c0", "t1")] * 4 + [("c1", "t1")] * 32
    nights.counted = {"2023-01": {f"case {i}": (f"p{i}", *pair) for i, pair in enumerate(counted)}}
    nights.k_of = {"2023-01": 6}
    figures = {("c0", "(total)"): 9, ("c1", "(total)"): 33, ("(total)", "t0"): 6, ("(total)", "t1"): 36, ("(total)", "(total)"): 42}
    nights.figures = {("2023-01", cell): value for cell, value in figures.items()}
    nights.seen = {key: 0 for key in nights.figures}
    return list(attack_quarter(nights, 0, Quarter(nights, 0, nights.counted)))


def attack(seed, folder):
    nights = Nights(seed, folder)
    nights.live()
    yield from nights.problems
    for number, name, quarter in nights.quarters():
        yield from (f"{name} {breach}" for breach in attack_quarter(nights, number, quarter))


def main():
    plan = harness.Plan()
    plan.say(not two_margins(set()), "margins of a cross that no table had that night")
    plan.say(two_margins({(1, 2)}), "margins of a cross that a table had that night are a finding")
    plan.say(not harness.guarded((attack, 128))[1], "a cell that cannot be greater to a contributor, for what came before, can still be less")
    plan.say(not harness.guarded((attack, 172))[1], "k is that of the night that first published a figure of the month")
    plan.say(not harness.guarded((attack, 177))[1], "a cell that cannot rise over its whole width, for what came before, falls for the rest")
    plan.none("two years of nights", attack, HISTORIES)
    plan.end()


if __name__ == "__main__":
    main()
