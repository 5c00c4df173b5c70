"""What a reader makes of a survey's answers and dispositions together: everybody whose invitation ended as complete has given an answer, which is in
the tables of answers with the month in which it was counted."""
import collections
import itertools

from attacker import Attacker
from nights import months_of


class Crossed:
    """Unknowns are answers by month, wave, channel and answer, and the dispositions but `complete`. That of a wave and channel is the sum of
    its answers, where these are as many; where not, the reader has no such equation."""

    def __init__(self, polls):
        self.answers, self.dispositions = polls[:2]
        self.channels = self.answers.nights.channels + ["none"]
        self.months = sorted(set(self.answers.counted) | set(self.dispositions.counted))
        self.true = collections.Counter(("answer", month, *inner) for month, rows in self.answers.counted.items() for inner in rows.values())
        self.true.update(("disposition", month, *inner) for month, rows in self.dispositions.counted.items() for inner in rows.values())
        self.linked = set(self.find_linked())

    def find_linked(self):
        """Waves of which all dispositions are of one month and the answers of each channel as many as are complete."""
        for wave in {key[2] for key in self.true}:
            months = {key[1] for key in self.true if key[0] == "disposition" and key[2] == wave}
            if len(months) == 1 and all(self.count("answer", wave, channel) == self.count("disposition", wave, channel, "complete")
                                        for channel in self.channels):
                yield wave

    def count(self, kind, wave, channel, last=None):
        return sum(n for key, n in self.true.items() if key[0] == kind and key[2:4] == (wave, channel) and last in (None, key[4]))

    def inner(self, poll, months, cell):
        """The unknowns of a cell; cases of linked waves that are complete are their answers of all months."""
        found, (wave, channel, last) = set(), cell
        for month in months:
            for inner in itertools.product(poll.waves(month) if wave == "(total)" else poll.waves(month) & {wave},
                                           self.channels if channel == "(total)" else [channel], sorted(poll.last.nodes[last])):
                if poll is self.answers:
                    found.add(("answer", month, *inner))
                elif inner[2] == "complete" and inner[0] in self.linked:
                    found |= self.inner(self.answers, self.months, (*inner[:2], "(total)"))
                else:
                    found.add(("disposition", month, *inner))
        return found

    def attacker(self):
        unknowns, equations = set(), []
        for poll in (self.answers, self.dispositions):
            unknowns |= self.inner(poll, self.months, ("(total)",) * 3)
            equations += [(self.inner(poll, months_of(period), cell), value) for (period, cell), value in poll.figures.items()]
        return Attacker(unknowns, equations)

    def small_cells(self):
        """Of a month, with 1 to k - 1 persons. How many of a group completed and are not among its answers, being too few, is not asked."""
        for poll in (self.answers, self.dispositions):
            for month, by in itertools.product(self.months, sorted(set().union(*poll.asked.values()))):
                values = [sorted(poll.waves(month)), self.channels, sorted(poll.last.nodes)]
                for cell in itertools.product(*(values[d - 1] if d in by else ["(total)"] for d in (1, 2, 3))):
                    inner, k = self.inner(poll, [month], cell), poll.k_of.get(month, 0)
                    true = sum(self.true[unknown] for unknown in inner)
                    if 0 < true < k and cell[2] != "complete":
                        yield f"{poll.name} {month} {cell}", inner, true, k

    def breaches(self):
        """Cells that are known, or known to have somebody and fewer than k."""
        cells = list({frozenset(cell[1]): cell for cell in self.small_cells()}.values())
        for (name, _, true, k), (low, high) in zip(cells, self.attacker().bounds([inner for _, inner, _, _ in cells])):
            if not low - 1e-4 <= true <= high + 1e-4:
                yield f"the attack is wrong about {name}: {true} is not in [{low}, {high}]"
            elif high - low < 0.5 or (low > 0.5 and high < k):
                yield f"answers and dispositions: {name}, {true} of {k}, is known to be in [{low:g}, {high:g}]"
