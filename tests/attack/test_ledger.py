"""The attacker over time: holds every file of every night of two years and solves each quarter as one system. Nobody's cases
are told apart, whatever came late, was corrected, deleted or configured anew; nobody's answers
to a survey in several waves, whatever marketing is told meanwhile. ATTACK_HISTORIES=N for more of them (`make attack-ledger`)."""
import os
import random
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import breaches
import harness
from crossed import Crossed
from microdata import Truth
from nights import Nights, Quarter, RichNights
from polls import PollNights, PollQuarter
from waves import Panel

HISTORIES = int(os.environ.get("ATTACK_HISTORIES", "3"))


def cell_of(breach):
    return re.search(r"\(.*?'\)", breach).group(0) if "('" in breach else breach


class Cases:
    """What is known of numbers of cases: of all cases, or of those with an amount."""

    def __init__(self, nights, number, valued=False):
        self.nights, self.number, self.name = nights, number, "contributors: " if valued else ""
        self.quarter = Quarter(nights, number, nights.counted, valued)
        self.truth = Truth(self.quarter)
        self.figures, self.seen = (nights.contributors, nights.valued_seen) if valued else (None, None)
        self.asked = nights.valued if valued else nights.asked

    def published(self, until=999):
        return self.nights.published(self.number, until, self.figures)

    def breaches(self, published):
        return breaches.all_breaches(self.quarter, self.truth, published, limit=None)

    def true(self, cell):
        return self.truth.cases(self.quarter.inner(cell))


class Sums(Cases):
    """What is known of sums of amounts."""

    def __init__(self, nights, number):
        super().__init__(nights, number, True)
        self.figures, self.name = nights.sums, "sums: "

    def breaches(self, published):
        return breaches.sums(self.quarter, self.truth, published, 10)

    def true(self, cell):
        return self.truth.amount(self.quarter.inner(cell))


class Polled(Cases):
    """What is known of answers, or of what became of invitations."""

    def __init__(self, poll, number):
        self.nights, self.number, self.name = poll, number, f"{poll.name}: "
        self.quarter = PollQuarter(poll, number)
        self.truth = Truth(self.quarter)
        self.figures, self.seen, self.asked = None, None, poll.asked


def given_away(known):
    """Cells whose breach came on a night on which no table had them: nobody had asked for their protection then."""
    lost, before = set(), set()
    for night in known.nights.nights_of(known.number, known.seen):
        now = {cell_of(breach) for breach in known.breaches(known.published(night))}
        asked = {str(cell) for cell in known.quarter.cells(known.asked[night])}
        lost |= now - before - asked
        before |= now
    return lost


def attack_figures(known):
    published = known.published()
    for cell, value in published.items():
        if value != known.true(cell):
            yield f"{known.name}{cell} is published as {value}, not {known.true(cell)}"
    found = list(known.breaches(published))
    lost = given_away(known) if found else ()
    yield from (known.name + b for b in found if cell_of(b) not in lost)


def attack_quarter(nights, number):
    yield from attack_figures(Cases(nights, number))
    if any(nights.valued.values()):
        yield from attack_figures(Cases(nights, number, True))
        yield from attack_figures(Sums(nights, number))


def two_margins(asked):
    """One month by channel and by topic; who is alone in c1, t0 computes c0, t0. Somebody asked for the cross that night, or nobody did."""
    nights = Nights(0, None)
    nights.channels, nights.topics = ["c0", "c1"], ["t0", "t1"]
    nights.asked = {0: {(1,), (2,)} | asked, 1: {(1, 2)}}
    counted = [("c1", "t0")] + [("c0", "t0")] * 5 + [("c0", "t1")] * 4 + [("c1", "t1")] * 32
    nights.counted = {"2023-01": {f"case {i}": (f"p{i}", *pair, None, 0) for i, pair in enumerate(counted)}}
    nights.k_of = {"2023-01": 6}
    figures = {("c0", "(total)"): 9, ("c1", "(total)"): 33, ("(total)", "t0"): 6, ("(total)", "t1"): 36, ("(total)", "(total)"): 42}
    nights.figures = {("2023-01", cell): value for cell, value in figures.items()}
    nights.seen = {key: 0 for key in nights.figures}
    return list(attack_quarter(nights, 0))


def threshold_only():
    """A survey's tables of which every cell with k answers is published, whatever follows from it."""
    nights = PollNights(0, None)
    poll, rng = nights.polls[0], random.Random("threshold only")
    poll.asked, poll.k_of = {0: {(2, 3)}}, {"2023-01": 5}
    poll.counted = {"2023-01": {i: ("1", rng.choice(nights.channels), rng.choice("1333345555")) for i in range(60)}}
    known = Polled(poll, 0)
    poll.figures = {("2023-01", cell[1:]): known.true(cell) for cell in known.quarter.cells() if cell[0] == "2023-01" and known.true(cell) >= 5}
    poll.seen = dict.fromkeys(poll.figures, 0)
    return list(attack_figures(known))


def attack_nights(nights):
    nights.live()
    yield from nights.problems
    for number, name in nights.quarters():
        yield from (f"{name} {breach}" for breach in attack_quarter(nights, number))


def attack(seed, folder):
    yield from attack_nights(Nights(seed, folder))


def attack_rich(seed, folder):
    yield from attack_nights(RichNights(seed, folder))


def attack_panel(seed, folder):
    """The same people in several waves: fewer of them than k must not be told apart, however many rows they have."""
    panel = Panel(seed, folder)
    panel.live()
    yield from panel.problems
    for number, name in panel.quarters():
        yield from (f"{name} {breach}" for breach in attack_figures(Polled(panel.poll, number)))


def attack_polls(seed, folder):
    nights = PollNights(seed, folder)
    yield from attack_nights(nights)
    yield from nights.indiscretions()
    yield from Crossed(nights.polls).breaches()
    for poll in nights.polls:
        yield from poll.over_waves()
        for number, name in nights.quarters():
            yield from (f"{name} {breach}" for breach in attack_figures(Polled(poll, number)))


def main():
    plan = harness.Plan()
    plan.say(not two_margins(set()), "margins of a cross that no table had that night")
    plan.say(two_margins({(1, 2)}), "margins of a cross that a table had that night are a finding")
    plan.say(threshold_only(), "answers of a survey protected by a threshold only are a finding")
    plan.say(not harness.guarded((attack, 128))[1], "a cell that cannot be greater to a contributor, for what came before, can still be less")
    plan.say(not harness.guarded((attack, 172))[1], "k is that of the night that first published a figure of the month")
    plan.say(not harness.guarded((attack, 177))[1], "a cell that cannot rise over its whole width, for what came before, falls for the rest")
    plan.say(not harness.guarded((attack, 466))[1], "a table that published nothing of a month is not forgotten when another one comes")
    plan.say(not harness.guarded((attack, 523))[1], "what came before narrows a cell for a contributor: no more is told")
    plan.say(not harness.guarded((attack_rich, 43))[1], "a cell that can rise over most of its width falls for the rest alone")
    plan.say(not harness.guarded((attack_rich, 83))[1], "a quarter within which groups changed does not tell of its months")
    plan.say(not harness.guarded((attack_panel, 41))[1], "nobody of the first wave was left for March: no quarter tells how few ended in February")
    plan.none("nine months of a panel in several waves", attack_panel, 2 * HISTORIES)
    plan.none("two years of nights", attack, HISTORIES)
    plan.none("two years of nights with amounts and groups that change", attack_rich, HISTORIES)
    plan.none("two years of nights of a shop that asks its customers", attack_polls, max(2, HISTORIES // 2))
    plan.end()


if __name__ == "__main__":
    main()
