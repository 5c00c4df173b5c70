"""Two years of nights of a made-up shop, from one seed: late cases, corrections, reopened cases, objections, erasures, retention, tables
that come, go and change their names, another k, another mapping or hierarchy, quarters, a withdrawn release; cases, contributors and sums."""
import csv
import glob
import itertools
import os
import random
import shutil

import harness
from microdata import Dimension, Truth

FIRST_YEAR = 2023
CONFIG = harness.CONFIG + """    updated_at: updated_at
    dimensions:
      month: {{date: closed_at, as: month}}
      quarter: {{date: closed_at, as: quarter}}
      channel: {{column: channel, {channels}}}
      topic: {{column: topic, allow: [{topics}]}}
    measures:
      amount: {{column: amount, unit: EUR, decimals: 0}}
tables:
"""


def month_name(number):
    return f"{FIRST_YEAR + number // 12}-{number % 12 + 1:02}"


def quarter_name(number):
    return f"{FIRST_YEAR + number // 12}-Q{number % 12 // 3 + 1}"


def months_of(period):
    year, part = period.split("-")
    return [f"{year}-{int(part[1]) * 3 - 2 + i:02}" for i in range(3)] if part[0] == "Q" else [period]


def night_of(number):
    """The first night on which the month is past its grace."""
    return f"{month_name(number + 1)}-03"


def published(figures, seen, number, until):
    """The figures of a quarter and its months up to a night, the quarter's as totals of months."""
    months = [month_name(m) for m in range(number, number + 3)]
    return {(period if period in months else "(total)",) + cell: value for (period, cell), value in figures.items()
            if seen[period, cell] <= until and (period in months or period == quarter_name(number))}


def nights_of(seen, number):
    """The nights that published a figure of the quarter."""
    names = {quarter_name(number)} | {month_name(m) for m in range(number, number + 3)}
    return sorted({night for (period, _), night in seen.items() if period in names})


class System:
    """Three months at once; what Microdata is to one table."""

    def cells(self, tables=None):
        known = set()
        for by in self.tables if tables is None else tables:
            for nodes in itertools.product(*(d.nodes for d in self.dimensions)):
                known.add(tuple(node if i == 0 or i in by else "(total)" for i, node in enumerate(nodes)))
        return sorted(cell for cell in known if self.inner(cell))

    def inner(self, cell):
        inner = itertools.product(*(d.nodes[node] for d, node in zip(self.dimensions, cell)))
        return frozenset(i for i in inner if self.can_be(*i))


class Quarter(System):
    """Of the shop's cases. `valued`: those that have an amount."""

    def __init__(self, nights, number, counted, valued=False):
        self.months = [month_name(m) for m in range(number, number + 3)]
        self.rows = [((month, nights.path(channel, version), topic), person, amount or 0) for month in self.months
                     for person, channel, topic, amount, version in counted.get(month, {}).values() if amount is not None or not valued]
        versions = {month: nights.versions_of.get(month, set()) | {row[4] for row in counted.get(month, {}).values()} for month in self.months}
        self.paths = {month: {nights.path(channel, version) for version in versions[month] for channel in nights.channels} for month in self.months}
        self.dimensions = [Dimension("month", self.months, []), nights.channel_dimension(sorted(set().union(*versions.values()) or {0})),
                           Dimension("topic", nights.topics, [])]
        self.k = min(nights.k_of.get(month, 99) for month in self.months)
        self.tables = set().union(*(nights.valued if valued else nights.asked).values())

    def can_be(self, month, channel, *_):
        """A month has the groups alone that channels had while its cases came."""
        return channel in self.paths[month] or not self.paths[month]


class Nights:
    def __init__(self, seed, folder, months=24):
        self.rng, self.folder, self.months = random.Random(f"nights {seed}"), folder, months
        rng = self.rng
        self.calm = rng.random() < 0.6
        self.k = rng.choice([5, 5, 6, 8])
        self.channels = [f"c{i}" for i in range(rng.randint(2, 4))]
        self.topics = [f"t{i}" for i in range(rng.randint(2, 3))]
        self.weights = {pair: rng.choice([0, 1, 2, 4, 12, 25]) for pair in itertools.product(self.channels, self.topics)}
        self.tables = {"first": ("month", (1,))}
        self.asked, self.valued = {}, {} # of a night: the dimensions of its tables; of those with amounts
        self.versions_of = {}            # of a month: the groupings of channels while its cases came
        self.covered, self.frozen = set(), set() # months from the first to the last of a file; months that stay as they were counted
        self.names = 0
        self.store, self.barred = {}, {} # of a person: cases up to which month do not come in any more
        self.counted, self.k_of = {}, {} # per month: what its release counted; the k of the night that first published a figure of it
        self.figures = {}                # (period, cell) -> cases, of all nights
        self.contributors, self.sums = {}, {} # ... -> cases with an amount, and what that comes to
        self.seen, self.valued_seen = {}, {} # ... -> the first night that has it; with its amounts
        self.problems = []

    # ---- what happens before a night ----

    def new_cases(self, number):
        rng, month = self.rng, month_name(number)
        for (channel, topic), weight in self.weights.items():
            for _ in range(int(rng.expovariate(1 / weight)) if weight else 0):
                case = f"{month}/{len(self.store)}-{rng.randrange(10**6)}"
                yield case, month, f"p{rng.randint(1, 400)}", channel, topic

    def events(self, number):
        """Rows of old months: late, corrected, reopened or moved cases."""
        rng = self.rng
        for _ in range(rng.choice([0, 0, 1, 3])):
            old = month_name(rng.randint(max(0, number - 5), number))
            yield f"late {number}/{rng.randrange(10**6)}", old, f"p{rng.randint(1, 500)}", rng.choice(self.channels), rng.choice(self.topics)
        if self.calm and rng.random() < 0.85:
            return
        for case in rng.sample(sorted(self.store), min(len(self.store), rng.choice([0, 1, 2]))):
            month, person, channel, topic, *_ = self.store[case]
            kind = rng.choice(["channel", "topic", "open", "month"])
            yield (case, "" if kind == "open" else month_name(number) if kind == "month" else month, person,
                   rng.choice(self.channels) if kind == "channel" else channel, rng.choice(self.topics) if kind == "topic" else topic)

    def amount(self):
        return None

    def write_cases(self, number):
        rows = list(self.new_cases(number)) + list(self.events(number))
        path = f"{self.folder}/inbox/cases-{night_of(number)}.csv"
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["case_no", "closed_at", "updated_at", "customer_no", "channel", "topic", "amount"])
            amounts = [self.amount() for _ in rows]
            for (case, month, person, channel, topic), amount in zip(rows, amounts):
                writer.writerow([case, f"{month}-{self.rng.randint(3, 27):02}" if month else "", night_of(number)[:8] + "01", person, channel, topic,
                                 "" if amount is None else amount])
        open(path + ".ok", "w").close()
        dated = [month for _, month, *_ in rows if month] or [month_name(number + 1)]
        self.covered.update(month for month in map(month_name, range(self.months + 1)) if min(dated) <= month <= max(dated))
        for (case, month, person, channel, topic), amount in zip(rows, amounts):
            self.store.pop(case, None)
            if month and month > self.barred.get(person, ""):
                self.store[case] = (month, person, channel, topic, amount, self.version())

    def write_subjects(self, number):
        people = sorted({row[1] for row in self.store.values()})
        if not people or (self.calm and self.rng.random() < 0.85):
            return
        path = f"{self.folder}/inbox/subjects-{night_of(number)}.csv"
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["event", "kind", "identifier", "occurred_at"])
            for i, person in enumerate(self.rng.sample(people, min(len(people), self.rng.choice([1, 1, 2])))):
                kind = self.rng.choice(["objection", "erasure"])
                writer.writerow([f"{number}-{i}", kind, f"customer={person}", night_of(number)[:8] + "02"])
                self.barred[person] = "9999" if kind == "objection" else max(self.barred.get(person, ""), month_name(number))
                self.store = {case: row for case, row in self.store.items() if row[1] != person}
        open(path + ".ok", "w").close()

    def change(self):
        """The configuration of some nights is another one."""
        kind = self.rng.random()
        if kind < 0.1:
            self.k = self.rng.choice([5, 6, 8])
        elif kind < 0.3:
            self.names += 1
            by = self.rng.choice([(1,), (2,), (1, 2)])
            self.tables[f"n{self.names}"] = (self.rng.choice(["month", "month", "quarter"]), by)
        elif kind < 0.38 and len(self.tables) > 1:
            del self.tables[self.rng.choice(sorted(self.tables))]
        elif kind < 0.42:
            self.names += 1
            old = self.rng.choice(sorted(self.tables))
            self.tables[f"n{self.names}"] = self.tables.pop(old)
        elif kind < 0.45:
            self.rng.shuffle(self.topics)

    def version(self):
        """Of the grouping of channels."""
        return 0

    def path(self, channel, version):
        """The channel as tables have it; with groups each grouping has its own."""
        return channel

    def channel_dimension(self, versions):
        return Dimension("channel", self.channels, [])

    def channel_values(self):
        return f"allow: [{', '.join(self.channels)}]"

    def has_amounts(self, table):
        return False

    def configure(self):
        with open(f"{self.folder}/fallzahl.yaml", "w") as file:
            file.write(CONFIG.format(k=self.k, channels=self.channel_values(), topics=", ".join(self.topics)))
            for name, (period, by) in self.tables.items():
                amounts = ", measures: {amount: [sum]}" if self.has_amounts(name) else ""
                file.write(f"  {name}: {{period: {period}, by: [{', '.join(['', 'channel', 'topic'][d] for d in by)}]{amounts}}}\n")

    # ---- the night, and what a reader takes from it ----

    def count(self, number):
        """What the night does not find frozen is counted as the store is now. It freezes the months of which files have told something."""
        for month in map(month_name, range(number + 1)):
            if month not in self.frozen:
                self.counted[month] = {case: row[1:] for case, row in self.store.items() if row[0] == month}
                self.versions_of.setdefault(month, set()).add(self.version())
            if month in self.covered:
                self.frozen.add(month)

    def agrees(self, number, counted):
        """Do these cases give all that is published of the quarter's months?"""
        quarter, valued = Quarter(self, number, counted), Quarter(self, number, counted, True)
        truth, of_valued = Truth(quarter), Truth(valued)
        return (all(value == truth.cases(quarter.inner(cell)) for cell, value in self.published(number).items())
                and all(value == of_valued.cases(valued.inner(cell)) for cell, value in self.published(number, figures=self.contributors).items())
                and all(value == of_valued.amount(valued.inner(cell)) for cell, value in self.published(number, figures=self.sums).items()))

    def follow(self):
        """Counted cases that were corrected or deleted, where no published figure shows it: then the store's are as true."""
        for number in range(self.number):
            month, counted = month_name(number), dict(self.counted)
            counted[month] = {case: self.store[case][1:] for case in self.counted[month]
                              if self.store.get(case, ("",))[0] == month}
            if counted[month] != self.counted[month] and self.agrees(number // 3 * 3, counted):
                self.counted = counted

    def read(self, path):
        with open(path) as file:
            for row in csv.DictReader(file):
                period = row.get("month") or row.get("quarter")
                channel = row.get("channel", "(total)")
                group = row.get("group", "")
                cell = (group or channel if channel == "(total)" else f"{group}/{channel}" if group else channel, row.get("topic", "(total)"))
                if "(withheld)" in row.values():
                    continue
                self.take(self.figures, period, cell, row["cases"])
                for month in months_of(period):
                    self.k_of.setdefault(month, self.k)
                self.seen.setdefault((period, cell), self.number)
                if row.get("amount_status") == "published":
                    self.take(self.contributors, period, cell, row["amount_n"])
                    self.take(self.sums, period, cell, row["amount_sum"])

    def take(self, figures, period, cell, text):
        before = figures.setdefault((period, cell), int(text))
        if before != int(text):
            self.problems.append(f"restated: {period} {cell} was {before}, is {text} on night {self.number}")
        if figures is not self.figures:
            self.valued_seen.setdefault((period, cell), self.number)

    def night(self, number):
        self.number = number
        self.asked[number] = {by for _, by in self.tables.values()}
        self.valued[number] = {by for name, (_, by) in self.tables.items() if self.has_amounts(name)}
        self.configure()
        self.write_subjects(number)
        self.write_cases(number)
        self.count(number)
        self.follow()
        result = harness.run("-C", self.folder, "run", "--quiet", "--as-of", night_of(number))
        if result.returncode:
            self.problems.append(f"night {night_of(number)}: {result.stderr}")
        for path in glob.glob(f"{self.folder}/published/latest/tables/*.csv"):
            self.read(path)

    def withdraw(self):
        shown = sorted(os.path.basename(p) for p in glob.glob(f"{self.folder}/published/2*"))
        if shown and self.rng.random() < 0.03:
            harness.run("-C", self.folder, "release", "withdraw", self.rng.choice(shown), "--because", "test", "--quiet",
                        "--as-of", self.now)

    def live(self):
        shutil.rmtree(self.folder)
        made = harness.run("init", self.folder, "--test", "--quiet")
        assert made.returncode == 0, made.stderr
        for number in range(self.months):
            self.now = night_of(number)
            self.night(number)
            self.withdraw()
            self.change()

    def published(self, number, until=999, figures=None):
        """The figures of a quarter, up to a night: cases, or others."""
        return published(self.figures, self.seen, number, until) if figures is None else published(figures, self.valued_seen, number, until)

    def nights_of(self, number, seen=None):
        return nights_of(self.seen if seen is None else seen, number)

    def quarters(self):
        for number in range(0, self.months - 2, 3):
            yield number, quarter_name(number)


class RichNights(Nights):
    """With amounts in some tables, and with groups of channels, which are others from time to time."""

    def __init__(self, seed, folder, months=24):
        super().__init__(seed, folder, months)
        self.more = random.Random(f"rich nights {seed}")
        self.groupings, self.with_amounts = [], {}
        self.regroup()

    def regroup(self):
        names = [f"g{len(self.groupings)}{part}" for part in "ab"]
        cut = self.more.randint(1, len(self.channels) - 1)
        shuffled = self.more.sample(self.channels, len(self.channels))
        self.groupings.append({names[0]: set(shuffled[:cut]), names[1]: set(shuffled[cut:])})

    def version(self):
        return len(self.groupings) - 1

    def path(self, channel, version):
        return next(f"{group}/{channel}" for group, members in self.groupings[version].items() if channel in members)

    def channel_dimension(self, versions):
        groups = {group: {f"{group}/{channel}" for channel in members} for version in versions
                  for group, members in self.groupings[version].items()}
        return Dimension("channel", sorted(set().union(*groups.values())), [groups])

    def amount(self):
        return self.more.choice([None, 1, 5, 10, 10, 20, self.more.choice([50, 400])])

    def has_amounts(self, table):
        return self.with_amounts.setdefault(table, self.more.random() < 0.6)

    def change(self):
        super().change()
        if self.more.random() < 0.06:
            self.regroup()

    def channel_values(self):
        with open(f"{self.folder}/channels.csv", "w") as file:
            file.write("child,parent\n")
            for group, members in self.groupings[-1].items():
                file.writelines(f"{leaf},{group}\n" for leaf in sorted(members))
        return "hierarchy: channels.csv, levels: [group, channel]"
