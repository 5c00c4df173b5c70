"""Two years of nights of the made-up shop that also asks its customers: a survey in several waves, from the opt-in to the tables of its answers
and of what became of the invitations, and of those who were held out; and what marketing is told meanwhile."""
import csv
import glob
import json
import os
import random
import re
import sqlite3

import harness
from microdata import Dimension, Truth
from nights import Nights, System, month_name, months_of, night_of, nights_of, published

SURVEY = """version: 1
title: {{en: How was our service?}}
controller: shop
source: cases
channel: phone
transport: handoff
vendor: Callcentre GmbH
anonymity: {anonymity}
four_eyes: false
languages: [en]
fallback: en
closed_within_days: 60
segments: [channel]
holdout_percent: {holdout}
cap: {{invitations: 10, days: 30}}
wave: {wave}
expires_days: {life}
ends: 2029-12-31
privacy_notice: https://shop.example/privacy
message:
  subject: {{en: A question}}
  body: {{en: "Taking part is voluntary. {{link}} Privacy: {{privacy_notice}} Stop: {{opt_out_link}}"}}
questions:
  - {{id: satisfaction, type: csat, required: true, text: {{en: How satisfied are you?}}, low: {{en: not at all}}, high: {{en: very}}}}
"""
SOURCE = """  {name}:
    files: "{files}-service-*.csv"
    expect: none
    personal_data: none
    person: none
    case_id: {key}
    closed_at: week
    dates: [iso]
    dimensions:
      month: {{date: closed_at, as: month}}
      quarter: {{date: closed_at, as: quarter}}
      wave: {{column: wave, allow: ["1", "2", "3", "4", "5", "6", "7", "8"]}}
"""
CHANNEL = "      channel: {{column: channel, allow: [{channels}], missing_as: none}}\n"
GROUP = "      group: {column: group, allow: [invited, held_out]}\n      again: {column: again, allow: [yes, no]}\n"
ANSWER = "      satisfaction: {column: satisfaction, hierarchy: csat.csv, levels: [satisfied, satisfaction]}\n"
DISPOSITION = "      disposition: {column: disposition, allow: [complete, refusal, no_reply]}\n"
SATISFIED = {"yes": {"4", "5"}, "no": {"1", "2", "3"}}
# Which dimensions tables have; their shared margins form no cycle, whichever of them come.
CROSSES = {"answers": [(2, 3), (2, 3), (1, 3), (3,), (2,), (1,)], "dispositions": [(2, 3), (1, 3), (3,), (2,)],
           "comparison": [(2, 3), (1, 2, 3)]}
KINDS = {"answers": "csat", "dispositions": "disposition", "comparison": "holdout, group: group"}
LASTS = {"answers": Dimension("satisfaction", ["1", "2", "3", "4", "5"], [SATISFIED]), "comparison": Dimension("again", ["yes", "no"], []),
         "dispositions": Dimension("disposition", ["complete", "refusal", "no_reply"], [])}


class Poll:
    """The tables of one of the survey's sources: what is true, what a reader has. What Nights is to the shop's cases."""

    def __init__(self, nights, name, rng):
        self.nights, self.name, self.rng, self.rows = nights, name, rng, {} # of the rows: number -> (day of the week, inner without month)
        self.people = {}                 # of the rows: number -> person, where that is known
        self.counted, self.k_of, self.figures, self.seen = {}, {}, {}, {}
        self.tables, self.asked, self.kind, self.last = {}, {}, KINDS[name], LASTS[name]
        self.second = "group" if name == "comparison" else "channel"

    def change(self):
        if not self.tables or self.rng.random() < 0.15:
            period = "month" if self.name == "comparison" and not self.tables else self.rng.choice(["month", "month", "quarter"])
            self.tables[f"{self.name}_{len(self.tables)}"] = (period, self.rng.choice(CROSSES[self.name]))

    def tables_text(self):
        """Of this night's configuration."""
        self.asked[self.nights.number] = {by for _, by in self.tables.values()}
        names, text = ["", "wave", self.second, self.last.name], ""
        for name, (period, by) in self.tables.items():
            survey = f", survey: {{kind: {self.kind}, answer: {self.last.name}}}" if 3 in by else ""
            text += f"  {name}: {{source: {self.name}, period: {period}, by: [{', '.join(names[d] for d in by)}]{survey}}}\n"
        return text

    def freeze(self, number):
        """A month is counted on the night of the third day of the next one, with what came that very night."""
        for month in map(month_name, range(number)):
            self.counted.setdefault(month, {row: inner for row, (day, inner) in self.rows.items() if day[:7] == month})

    def look(self):
        for name in self.tables:
            for path in glob.glob(f"{self.nights.folder}/published/latest/tables/{name}.csv"):
                self.read(name, path)

    def read(self, name, path):
        with open(path) as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            answer = next((row[c] for c in ("satisfaction", "satisfied", "disposition", "again") if row.get(c, "(total)") != "(total)"), "(total)")
            cell = (row.get("wave", "(total)"), row.get(self.second, "(total)"), answer)
            period = row.get("month") or row.get("quarter")
            if "(withheld)" in row.values():
                continue
            before = self.figures.setdefault((period, cell), int(row["cases"]))
            if before != int(row["cases"]):
                self.nights.problems.append(f"restated: {name} {period} {cell} was {before}, is {row['cases']}")
            self.seen.setdefault((period, cell), self.nights.number)
            for month in months_of(period):
                self.k_of.setdefault(month, self.nights.k)

    def waves(self, month):
        """Readers know when customers were asked, so of which waves there can be answers."""
        return {inner[0] for inner in self.counted.get(month, {}).values()}

    def over_waves(self):
        """Figures of rows of several waves, which may be of fewer people than they are."""
        for period, cell in self.figures:
            if cell[0] == "(total)" and len(set().union(*map(self.waves, months_of(period)))) > 1:
                yield f"{self.name} {period} {cell} is over several waves"

    def published(self, number, until=999, figures=None):
        found, months = published(self.figures, self.seen, number, until), [month_name(m) for m in range(number, number + 3)]
        if self.name == "comparison":
            found.update(cell for cell in self.invited(until) if cell[0][0] in months)
        return found

    def invited(self, until):
        """What the dispositions say of the invited of a wave, where these are the same people."""
        asked = self.nights.polls[1]
        for (period, cell), value in asked.figures.items():
            waves = set().union(*map(asked.waves, months_of(period))) if cell[0] == "(total)" else {cell[0]}
            if asked.seen[period, cell] <= until and cell[1:] == ("(total)", "(total)") and len(waves) == 1:
                wave, = waves
                counts = {month: sum(inner[:2] == [wave, "invited"] for inner in rows.values()) for month, rows in self.counted.items()}
                counts = {month: count for month, count in counts.items() if count}
                if list(counts.values()) == [value]:
                    yield (*counts, wave, "invited", "(total)"), value

    def nights_of(self, number, seen=None):
        return nights_of(self.seen, number)


class PollQuarter(System):
    """Of a source of the survey."""

    def __init__(self, poll, number):
        self.months = [month_name(m) for m in range(number, number + 3)]
        self.waves = {month: poll.waves(month) for month in self.months}
        self.rows = [((month, *inner), poll.people.get(row, row), 0) for month in self.months for row, inner in poll.counted.get(month, {}).items()]
        waves = sorted(set().union(*self.waves.values())) or ["1"]
        channels = poll.nights.channels + (["none"] if any(row[0][2] == "none" for row in self.rows) else [])
        second = Dimension("group", ["invited", "held_out"], []) if poll.second == "group" else Dimension("channel", channels, [])
        self.dimensions = [Dimension("month", self.months, []), Dimension("wave", waves, []), second, poll.last]
        self.k = min(poll.k_of.get(month, 99) for month in self.months)
        self.tables = set().union(*poll.asked.values())

    def can_be(self, month, wave, *_):
        return wave in self.waves[month]


class PollNights(Nights):
    def __init__(self, seed, folder, months=24):
        super().__init__(seed, folder, months)
        self.other = random.Random(f"poll nights {seed}")
        self.anonymity = self.other.choice(["anonymous", "confidential"])
        self.holdout, self.life = self.other.choice([0, 5, 10]), self.other.choice([20, 25, 45])
        self.rate = {channel: self.other.choice([0.1, 0.3, 0.6, 0.95]) for channel in self.channels}
        self.taste = {channel: [self.other.choice([0, 0.2, 1, 4]) + 0.05 for _ in range(5)] for channel in self.channels}
        self.wave = 0
        self.polls = [Poll(self, "answers", self.other), Poll(self, "dispositions", self.other), Poll(self, "comparison", random.Random(f"holdout {seed}"))]
        self.told = {} # path of an answer, or instant and verb -> (k, what marketing was told)
        for poll in self.polls:
            poll.change()

    # ---- the workspace ----

    def configure(self):
        super().configure()
        path = f"{self.folder}/fallzahl.yaml"
        with open(path) as file:
            text = file.read()
        text = text.replace("    dimensions:\n", "    opt_in:\n      phone: {column: may_call, values: [yes], address: phone}\n    dimensions:\n", 1)
        text = text.replace("      customer: {column: customer_no, kind: id}\n", "      customer: {column: customer_no, kind: id}\n      phone: {column: phone, kind: phone}\n")
        channel = CHANNEL.format(channels=", ".join(self.channels))
        sources = [SOURCE.format(name=name, files=files, key=key) + columns for name, files, key, columns in (
            ("answers", "answers", "response", channel + ANSWER), ("dispositions", "dispositions", "invitation", channel + DISPOSITION),
            ("comparison", "holdout", "member", GROUP))]
        text = re.sub(r"(?m)^  (\w+): \{period:", r"  \1: {source: cases, period:", text.replace("tables:\n", "".join(sources) + "tables:\n"))
        text += "".join(poll.tables_text() for poll in self.polls)
        text += "surveys: {cap: {invitations: 10, days: 30}}\n"
        with open(path, "w") as file:
            file.write(text)
        self.write_survey()

    def write_survey(self):
        with open(f"{self.folder}/csat.csv", "w") as file:
            file.write("child,parent\n" + "".join(f"{leaf},{group}\n" for group, leaves in SATISFIED.items() for leaf in sorted(leaves)))
        if self.wave:
            with open(f"{self.folder}/surveys/service.yaml", "w") as file:
                file.write(SURVEY.format(anonymity=self.anonymity, holdout=self.holdout, wave=self.wave, life=self.life))

    def write_cases(self, number):
        """The shop's export, with who may be called."""
        super().write_cases(number)
        path = f"{self.folder}/inbox/cases-{night_of(number)}.csv"
        with open(path) as file:
            rows = list(csv.reader(file))
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(rows[0] + ["phone", "may_call"])
            writer.writerows(row + [f"+4930{200000 + int(row[3][1:])}", "yes" if int(row[3][1:]) % 10 else "no"] for row in rows[1:])

    # ---- asking and answering ----

    def survey(self, at, *arguments):
        result = harness.run("-C", self.folder, "survey", "service", *arguments, "--quiet", "--as-of", at)
        if result.returncode:
            self.problems.append(f"survey {arguments} at {at}: {result.stderr}")
        if arguments[0] in ("plan", "status", "results"):
            self.told[at, arguments[0]] = self.k, result.stdout
        return result.stdout

    def ask(self, number):
        """A wave begins on some nights; marketing may plan it more than once."""
        if self.wave and not (self.wave < 8 and self.other.random() < 0.25):
            return
        self.wave += 1
        self.configure()
        at = f"{night_of(number)}T10:00:00Z"
        plan = re.search(r"plan: (\w+)", self.survey(at, "plan"))
        if plan:
            self.survey(at, "approve", plan.group(1))
            self.survey(at, "send")
        self.survey(at, "status")

    def answer(self, at, share):
        """Some of those who were handed over answer, through the call centre."""
        with open(f"{self.folder}/back.csv", "w") as file:
            file.write("token,satisfaction\n")
            for row, channel, _ in self.asked_people(at):
                if self.other.random() < self.rate[channel] * share:
                    file.write(f"{row['code']},{self.other.choices(range(1, 6), self.taste[channel])[0]}\n")
        self.survey(at, "import", f"{self.folder}/back.csv")

    def refuse(self, at):
        """Some do not want to be asked."""
        refused = [str(invitation) for _, _, invitation in self.asked_people(at) if self.other.random() < 0.05] if self.other.random() < 0.5 else []
        self.query(f"UPDATE invitation SET refused = 1 WHERE invitation IN ({', '.join(refused)})")

    def asked_people(self, at):
        """Who was handed over, did not refuse, and has an invitation without an end: row, channel of the case, invitation. They are in the order
        of what is the same every time, which random references are not."""
        rows, open_ones = [], self.open_invitations()
        for path in glob.glob(f"{self.folder}/outbox/handoff-*.csv"):
            if not path.endswith(".withdrawn.csv"):
                with open(path) as file:
                    rows += [row for row in csv.DictReader(file) if row["not_after"] > at[:10] and row["reference"] in open_ones]
        rows.sort(key=lambda row: (row["address"], row["not_after"]))
        return [(row, *open_ones[row["reference"]]) for row in rows]

    def open_invitations(self):
        return {name: (json.loads(segment)["channel"], invitation) for name, segment, invitation in self.query(
            "SELECT file_name, segment, invitation FROM sending JOIN invitation USING (invitation) JOIN plan_recipient USING (plan, recipient)"
            " WHERE invitation.state <> 'answered' AND NOT invitation.refused"
            " AND invitation.disposition IS NULL AND NOT invitation.handed_over")}

    def query(self, sql, database="surveys"):
        connection = sqlite3.connect(f"{self.folder}/state/{database}.db", timeout=10)
        rows = connection.execute(sql).fetchall()
        connection.commit()
        connection.close()
        return rows

    def between(self, number):
        """The weeks until the next night."""
        middle = f"{month_name(number + 1)}-17"
        if self.wave:
            self.refuse(f"{middle}T10:00:00Z")
            self.answer(f"{middle}T10:00:00Z", 0.7)
        if self.other.random() < 0.4:
            self.also(f"{month_name(number + 1)}-18")

    def also(self, day):
        """A night without an export."""
        result = harness.run("-C", self.folder, "run", "--quiet", "--as-of", day)
        if result.returncode:
            self.problems.append(f"night {day}: {result.stderr}")
        self.look()

    # ---- what is true, and what a reader takes ----

    def look(self):
        """What the survey handed over, and what is published of it."""
        for poll in self.polls:
            poll.rows.update((number, (day, inner)) for number, day, *inner in self.query(
                "SELECT id, date(closed_day * 86400, 'unixepoch'), wave.label, second.label, last.label"
                f" FROM case_{poll.name} JOIN dimension_value AS wave ON wave.code = d_wave JOIN dimension_value AS second ON second.code = d_{poll.second}"
                f" JOIN dimension_value AS last ON last.code = d_{poll.last.name}", "cases"))
        for path in glob.glob(f"{self.folder}/answers/marketing/*.answer.json"):
            with open(path) as file:
                self.told.setdefault(path, (self.k, json.load(file)["answer"]))
        for poll in self.polls:
            poll.look()

    def read(self, path):
        """Of the shop's tables."""
        if os.path.basename(path)[:-4] in self.tables:
            super().read(path)

    def night(self, number):
        self.number = number
        if self.wave:
            self.answer(f"{month_name(number + 1)}-02T10:00:00Z", 0.5)
            self.drop_requests()
        super().night(number)
        self.look()
        for poll in self.polls:
            poll.freeze(number + 1)
        self.ask(number)
        self.between(number)

    def indiscretions(self):
        """Marketing is told of sizes in multiples of k, and of results what is published."""
        for where, (k, text) in self.told.items():
            sizes, _, results = text.partition("release: ")
            for line in sizes.splitlines():
                found = re.fullmatch(r"(?!survey|plan|approved|halted|cost)(.*): (<?)(\d+)", line)
                if found and (int(found[3]) != k if found[2] else int(found[3]) % k or not int(found[3])):
                    yield f"{where} tells of {line} at k = {k}"
            for part in results.split("\n== ")[1:]:
                name, _, content = part.partition("\n\n")
                if not any(open(path).read().strip() == content.strip() for path in glob.glob(f"{self.folder}/published/2*/{name}")):
                    yield f"{where} tells of {name}, and not as it is published"

    def drop_requests(self):
        for verb in ("plan", "status", "results"):
            if self.other.random() < 0.5:
                with open(f"{self.folder}/requests/marketing/{verb}.yaml", "w") as file:
                    file.write(f"do: {verb}\nsurvey: service\n")

    def change(self):
        super().change()
        for poll in self.polls:
            poll.change()
