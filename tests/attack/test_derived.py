#!/usr/bin/python3
"""Small workspaces of random and nasty data: absent periods, equal values, one case, zeros, nobody asked, wild numbers. Every
derived file has an answer or a stated reason in every row, never a NaN; what can be worked out again from the published tables
is."""
import csv
import glob
import hashlib
import json
import math
import os
import random
import re
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/statistics.md")
REASONS = set(re.findall(r"^\| `(\w+)` \| [a-z]", open(DOCS, encoding="utf-8").read().split("## ")[0], re.M))
LABELS = ["chat", "e-mail", "Fräulein, Müller", 'say "hi"', "0", "=1+1", "NULL", "a/b", "x" * 60, "日本"]
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?$")
TOTAL = "(total)"


class Made:
    """A random workspace: configuration, one export, denominators."""

    def __init__(self, seed):
        rng = self.rng = random.Random(f"derived {seed}")
        self.unit = rng.choice(["month", "month", "month", "quarter", "week"])
        self.count = rng.choice([1, 2, 3, 5, 9, 14, 26, 40]) if self.unit != "quarter" else rng.choice([1, 3, 9, 18])
        self.by = [{"name": name, "labels": list("0257") if name == "wait" else rng.sample(LABELS, rng.choice([1, 2, 2, 3, 4]))}
                   for name in rng.sample(["brand", "channel", "wait", "p"], rng.choice([0, 1, 2, 2, 2, 2, 3]))]
        self.share_of = rng.choice(self.by)["name"] if self.by and rng.random() < 0.8 else None
        self.figures = rng.choice(["mean", "mean, sd", "mean, sd", "mean, sd, share", "mean, median, sum"])
        self.pair = rng.random() < 0.6
        self.orders = rng.choice([None, "right", "gaps", "zero", "no period"])
        self.margins = "none" if rng.random() < 0.1 else "all"
        self.rows = list(self.make_rows())

    def days(self, period):
        """Some day of the period: months and quarters from January 2019 on, weeks from 7 January 2019 on."""
        if self.unit == "week":
            days = 7 + 7 * period
            month, day = days // 28, days % 28
            return f"{2019 + month // 12}-{month % 12 + 1:02}-{day + 1:02}"
        month = period * (3 if self.unit == "quarter" else 1) + (self.rng.randint(0, 2) if self.unit == "quarter" else 0)
        return f"{2019 + month // 12}-{month % 12 + 1:02}-{self.rng.randint(1, 28):02}"

    def make_rows(self):
        rng = self.rng
        size = rng.choice([1, 6, 30, 90, 90]) * len(self.by) ** 2 if self.by and self.count < 20 else rng.choice([6, 30])
        shape = rng.choice(["noise", "equal", "gaps", "falls off", "one wild", "zeros", "single"])
        value = rng.choice(["score", "constant", "blank", "half"])
        for period in range(1 if shape == "single" else self.count):
            cases = {"equal": size, "gaps": size * rng.randint(0, 1), "zeros": size * (period % 3 == 0),
                     "falls off": size if period < 0.7 * self.count else size // 20,
                     "one wild": size * (8 if period == self.count // 2 else 1)}.get(shape, rng.randint(0, 2 * size))
            for _ in range(cases):
                yield [self.days(period), *(rng.choice(d["labels"]) for d in self.by), self.score(value), self.score(value)]

    def score(self, kind):
        if kind == "blank" or kind == "half" and self.rng.random() < 0.5:
            return ""
        return "3" if kind == "constant" else str(self.rng.randint(1, 5))

    def configure(self):
        yield "version: 1\ntimezone: UTC\nprotection: {k: 5}\nsources:\n  cases:\n    files: 'cases*.csv'\n    expect: none"
        yield "    personal_data: none\n    person: none\n    case_id: id\n    opened_at: day\n    closed_at: day"
        yield f"    dimensions:\n      time: {{date: closed_at, as: {self.unit}}}"
        for d in self.by:
            if d["name"] == "wait":
                yield "      wait: {number: wait, bands: [1, 5]}"
            else:
                yield f"      {d['name']}: {{column: {d['name']}, allow: {json.dumps(d['labels'])}}}"
        yield "    measures:\n      hoped: {column: hoped, score: [1, 5], share: [4, 5]}"
        yield "      got: {column: got, score: [1, 5], share: [4, 5]}"
        yield f"tables:\n  t:\n    period: time\n    by: [{', '.join(d['name'] for d in self.by)}]\n    margins: {self.margins}"
        yield f"    measures: {{hoped: [{self.figures}], got: [{self.figures}]}}"
        if self.share_of:
            yield f"    share_of: {self.share_of}"
        if self.pair:
            yield "    expectations: {advice: {expected: hoped, experienced: got}}"
        if self.orders:
            yield "    denominators: {orders: {file: orders.csv}}"
        yield f"    trend: {{forecast: {self.rng.choice([0, 1, 5])}}}"

    def write(self, folder):
        with open(f"{folder}/fallzahl.yaml", "w", encoding="utf-8") as file:
            file.write("\n".join(self.configure()) + "\n")
        with open(f"{folder}/inbox/cases.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "day", *(d["name"] for d in self.by), "hoped", "got"])
            writer.writerows([i, *row] for i, row in enumerate(self.rows))
        open(f"{folder}/inbox/cases.csv.ok", "w").close()

    def write_orders(self, folder):
        """After a first trial, which names the periods."""
        periods = sorted({row["time"] for row in read(f"{folder}/published/latest/tables/t.csv")})
        with open(f"{folder}/orders.csv", "w") as file:
            file.write("time,orders\n")
            for i, period in enumerate(periods if self.orders != "no period" else []):
                if self.orders != "gaps" or i % 3:
                    file.write(f"{period},{0 if self.orders == 'zero' else 1000 + i}\n")


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def publish(made, folder):
    shutil.rmtree(folder)
    steps = [harness.run("init", folder, "--test", "--quiet")]
    made.write(folder)
    open(f"{folder}/orders.csv", "w").write("time,orders\n")
    steps += [harness.run("-C", folder, "run", "--quiet", "--as-of", "2024-01-15")]
    if made.orders and os.path.exists(f"{folder}/published/latest/tables/t.csv"):
        made.write_orders(folder)
        steps += [harness.run("-C", folder, "publish", "--quiet", "--as-of", "2024-01-16")]
    for step in steps:
        assert step.returncode == 0, step.stderr
    return f"{folder}/published/latest"


# File, the columns that must be there where there is an answer, the reason's column.
ANSWERS = [
    ("preferences/t.csv", ["residual", "p", "p_adjusted"], "reason"),
    ("preferences/t_tests.csv", ["chi_square", "df", "p", "p_adjusted", "cramers_v", "cramers_v_low", "cramers_v_high"], "reason"),
    ("preferences/t_means.csv", ["t", "df", "p", "p_adjusted", "difference_low", "difference_high"], "reason"),
    ("preferences/t_expectations.csv", ["gap_low", "gap_high", "p", "p_adjusted"], "reason"),
    ("trends/t.csv", ["trend_p", "trend_p_adjusted", "trend_test", "slope"], "trend_reason"),
    ("trends/t.csv", ["change_point", "level_before", "level_after", "change_point_p", "cusum"], "change_point_reason"),
    ("trends/t.csv", ["season_strength"], "season_reason"),
    ("trends/t.csv", ["expected", "expected_low", "expected_high", "expected_p"], "expected_reason"),
    ("trends/t.csv", ["chart", "chart_centre", "chart_signal"], "chart_reason"),
]


def taken(row, name):
    """A dimension of the same name moves a column aside by an underscore."""
    return name + "_" if name + "_" in row else name


def check_answers(files):
    for name, columns, reason in ANSWERS:
        for i, row in enumerate(files.get(name, [])):
            there = {row[taken(row, column)] != "" for column in columns if (name, column) != ("trends/t.csv", "slope")}
            why = row[taken(row, reason)]
            if len(there) > 1 or there == {bool(why)}:
                yield f"{name}:{i + 2}: {reason} is '{why}', but {[row[taken(row, c)] for c in columns]}"
            if why and why not in REASONS:
                yield f"{name}:{i + 2}: reason '{why}' is not in docs/statistics.md"


def check_numbers(path, fields, rows):
    """Finite, plain, and within what the column's description says."""
    for field in fields:
        limits = field.get("constraints", {})
        for i, row in enumerate(rows):
            text = row[field["name"]]
            if field["type"] not in ("number", "integer") or text == "":
                continue
            value = float(text) if NUMBER.match(text) else math.nan
            if not math.isfinite(value) or not limits.get("minimum", -math.inf) <= value <= limits.get("maximum", math.inf):
                yield f"{path}:{i + 2}: {field['name']} is '{text}'"
            if re.search(r"(^|_)p(_adjusted|_permutation)?_?$", field["name"]) and not 0 < value <= 1:
                yield f"{path}:{i + 2}: {field['name']} is '{text}', which is no p"


def check_order(files):
    """low <= middle <= high."""
    middles = {"share_low": "share", "gap_low": "gap", "cramers_v_low": "cramers_v", "difference_low": "difference",
               "forecast_low": "forecast", "slope_low": "slope", "seasonal_slope_low": "seasonal_slope",
               "expected_low": "expected", "change_low": "change", "year_change_low": "year_change"}
    for name, rows in files.items():
        for i, row in enumerate(rows):
            for low, middle in middles.items():
                if row.get(low) and row.get(taken(row, middle)):
                    ends = [float(row[c]) for c in (low, taken(row, middle), low[:-3] + "high")]
                    if ends != sorted(ends):
                        yield f"{name}:{i + 2}: {middle} {ends}"


def check_description(release):
    """Every file is in the package and in the manifest, its header as described."""
    package = json.load(open(f"{release}/datapackage.json"))
    manifest = json.load(open(f"{release}/manifest.json"))
    digests = {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    found = {path[len(release) + 1:] for path in glob.glob(f"{release}/**/*.csv", recursive=True)}
    if found != {resource["path"] for resource in package["resources"]}:
        yield "the data package lists other files than there are"
    for resource in package["resources"]:
        path, fields = resource["path"], resource["schema"]["fields"]
        content = open(f"{release}/{path}", "rb").read()
        if digests.get(path) != hashlib.sha256(content).hexdigest():
            yield f"{path} is not as the manifest says"
        if next(csv.reader(content.decode().splitlines())) != [field["name"] for field in fields]:
            yield f"{path} has another header than described"
        if not all(field.get("title") or field.get("description") for field in fields):
            yield f"{path} has a column without a meaning"
        yield from check_numbers(path, fields, read(f"{release}/{path}"))


class Table:
    """The published table by its labels."""

    def __init__(self, made, release):
        self.names = [d["name"] for d in made.by]
        self.rows = {(row["time"], *(row[n] for n in self.names)): row for row in read(f"{release}/tables/t.csv")}

    def at(self, period, row, **other):
        return self.rows.get((period, *(other.get(n, row[n]) for n in self.names)))


def check_shares(made, table, files):
    for i, row in enumerate(files.get("preferences/t.csv", [])):
        group = table.at(row[taken(row, "period")], row, **{made.share_of: TOTAL})
        cell = table.at(row[taken(row, "period")], row)
        if "/" in row[taken(row, "period")] or not cell or not group:
            continue
        if abs(float(row["share"]) - int(cell["cases"]) / int(group["cases"])) > 0.00006:
            yield f"preferences/t.csv:{i + 2}: share {row['share']} of {cell['cases']} in {group['cases']}"


def check_gaps(table, files):
    periods = sorted({key[0] for key in table.rows})
    for i, row in enumerate(files.get("preferences/t_expectations.csv", [])):
        first, last = (row["period"].split("/") * 2)[:2]
        cells = [table.at(p, row) for p in periods if first <= p <= last]
        both = [c for c in cells if c and c["hoped_mean"] and c["got_mean"]]
        mean = {m: sum(int(c[m + "_n"]) * float(c[m + "_mean"]) for c in both) / sum(int(c[m + "_n"]) for c in both)
                for m in ("hoped", "got")}
        if abs(float(row["gap"]) - (mean["got"] - mean["hoped"])) > 0.0002 or int(row["periods"]) != len(both):
            yield f"preferences/t_expectations.csv:{i + 2}: gap {row['gap']}, not {mean['got'] - mean['hoped']}"


def check_drivers(table, files):
    """The contributions of one dimension's groups add up to the change of the total, but for the rounding of published means."""
    sums = {}
    for row in files.get("trends/t_drivers.csv", []):
        if row["figure"] in ("cases", "hoped_mean", "got_mean"):
            key = (row["comparison"], row["divided_by"], row["figure"], row["period_before"], row["period_after"])
            sums[key] = sums.get(key, 0) + float(row["contribution"])
        if row["mix"] and abs(float(row["mix"]) + float(row["rate"]) - float(row["contribution"])) > 2e-6:
            yield f"trends/t_drivers.csv: mix and rate are not the contribution of {row}"
    total = {name: TOTAL for name in table.names}
    for (comparison, divided, figure, before, after), contributions in sums.items():
        change = float(table.at(after, total)[figure]) - float(table.at(before, total)[figure])
        if abs(contributions - change) > (0 if figure == "cases" else 0.0201):
            yield f"trends/t_drivers.csv: {comparison} {divided} {figure} adds up to {contributions}, not {change}"


def check_parts(files):
    for i, row in enumerate(files.get("trends/t_parts.csv", [])):
        if abs(sum(float(row[c]) for c in ("trend", "seasonal", "remainder")) - float(row["value"])) > 0.0002:
            yield f"trends/t_parts.csv:{i + 2}: the parts do not add up"


def check_trends(table, files):
    """What can be counted: periods, the last and the one before; forecasts are there where there is no reason why not."""
    forecasts = {tuple(row[n] for n in [*table.names, "figure"]) for row in files.get("trends/t_forecast.csv", [])}
    for i, row in enumerate(files.get("trends/t.csv", [])):
        key = tuple(row[n] for n in [*table.names, "figure"])
        if key in forecasts and row["forecast_reason"]:
            yield f"trends/t.csv:{i + 2}: a forecast, and the reason '{row['forecast_reason']}'"
        if row["figure"] != "cases" or row["warning"]:
            continue
        cases = {k[0]: int(cell["cases"]) for k, cell in table.rows.items() if k[1:] == key[:-1]}
        if len(cases) != int(row["periods"]) or cases[max(cases)] != float(row["last"]) or max(cases) != row["last_period"]:
            yield f"trends/t.csv:{i + 2}: {row['periods']} periods to {row['last_period']} ({row['last']}), not {cases}"
        if row["previous"] and float(row["previous"]) != cases[sorted(cases)[-2]]:
            yield f"trends/t.csv:{i + 2}: previous {row['previous']}, not {cases[sorted(cases)[-2]]}"


def answers(seed, folder):
    made = Made(seed)
    release = publish(made, folder)
    if not os.path.exists(f"{release}/tables/t.csv"):
        return  # nothing reached the threshold
    files = {path[len(release) + 1:]: read(path) for path in glob.glob(f"{release}/*/*.csv")}
    table = Table(made, release)
    yield from check_description(release)
    yield from check_answers(files)
    yield from check_order(files)
    yield from check_shares(made, table, files)
    yield from check_gaps(table, files)
    yield from check_drivers(table, files)
    yield from check_parts(files)
    yield from check_trends(table, files)


def has_tests(seed, folder):
    release = publish(Made(seed), folder)
    for path in glob.glob(f"{release}/preferences/t_tests.csv"):
        yield from (row["p"] for row in read(path) if row["p"])


def main():
    plan = harness.Plan()
    cases = max(4, harness.CASES // 8)
    plan.none("derived files of random workspaces answer or say why not", answers, cases)
    tested = sum(bool(ps) for ps in plan.attack(has_tests, 20).values())
    plan.say(tested >= 2, f"some of them have tests of preferences: {tested} of 20")
    plan.end()


if __name__ == "__main__":
    main()
