"""What a reader of all figures of a period can work out together: cases, contributors, scores within their range, shares, amounts.
python3 and glpsol only."""
import itertools
import math
import subprocess
import tempfile

import breaches

FAR = 1e7
GREAT = 1e4  # an amount that nobody can have in one case


class Program:
    """A linear program over named unknowns, none below zero, in GLPK's own format; solved for one objective after another."""

    def __init__(self):
        self.columns, self.rows = {}, []

    def column(self, name):
        return self.columns.setdefault(name, len(self.columns) + 1)

    def row(self, terms, low, high):
        self.rows.append(([(self.column(name), factor) for name, factor in terms if factor], low, high))

    def solve(self, folder, names, sign):
        count = sum(len(terms) for terms, _, _ in self.rows)
        with open(f"{folder}/in", "w") as file:
            file.write(f"p lp max {len(self.rows)} {len(self.columns)} {count}\n")
            for i, (_, low, high) in enumerate(self.rows, 1):
                file.write(f"i {i} l {low!r}\n" if high is None else f"i {i} s {low!r}\n" if low == high else f"i {i} d {low!r} {high!r}\n")
            file.writelines(f"j {j} d 0 {FAR}\n" for j in range(1, len(self.columns) + 1))
            file.writelines(f"a 0 {self.columns[name]} {sign}\n" for name in names)
            for i, (terms, _, _) in enumerate(self.rows, 1):
                file.writelines(f"a {i} {j} {factor!r}\n" for j, factor in terms)
            file.write("e o f\n")
        run = subprocess.run(["glpsol", "--glp", f"{folder}/in", "-w", f"{folder}/out", "--nopresol"], capture_output=True, text=True)
        with open(f"{folder}/out") as file:
            status = next(line for line in file if line.startswith("s bas")).split()
        if status[4:6] != ["f", "f"]:
            raise ArithmeticError("glpsol found no optimum: " + run.stdout[-300:])
        return sign * float(status[6])

    def bounds(self, names):
        with tempfile.TemporaryDirectory() as folder:
            return self.solve(folder, names, -1), self.solve(folder, names, 1)


def rounded(text):
    """The interval that a published number stands for."""
    half = 0.5 * 10 ** -len(text.partition(".")[2])
    return float(text) - half, float(text) + half


def whole(low, high):
    """What is known to be a whole number, none below zero."""
    low, high = max(0, math.ceil(low - 1e-6)), math.floor(high + 1e-6)
    assert low <= high
    return low, high


class Reader:
    """Everything that is published of one month, as one program."""

    def __init__(self, shop, published):
        self.shop, self.program = shop, Program()
        everything = list(itertools.product(*(d.leaves for d in shop.dimensions)))
        for inner in everything:
            self.relate(inner)
        for cell, figures in published.items():
            self.learn(sorted(shop.inner(cell)), figures)

    def relate(self, i):
        """Those with a value are some of the cases; each score is one of its range, so that all figures of them follow from how many gave which."""
        row, (low, high), (first, last) = self.program.row, self.shop.score, self.shop.share
        for measure in ("score", "amount"):
            row([(("cases", i), 1), ((measure, i), -1)], 0, FAR)
        for kind, weight in (("score", lambda v: 1), ("in", lambda v: first <= v <= last), ("out", lambda v: not first <= v <= last),
                             ("above", lambda v: v - low), ("below", lambda v: high - v), ("squares", lambda v: (v - low) ** 2)):
            row([((kind, i), -1)] + [((v, i), int(weight(v))) for v in range(low, high + 1)], 0, 0)
        row([(("amount", i), GREAT), (("amounts", i), -1)], 0, None)  # where there is an amount there is somebody who has it

    def learn(self, inner, figures):
        row = self.program.row
        row([(("cases", i), 1) for i in inner], int(figures["cases"]), int(figures["cases"]))
        for measure in ("score", "amount"):
            if figures.get(f"{measure}_n"):
                row([((measure, i), 1) for i in inner], int(figures[f"{measure}_n"]), int(figures[f"{measure}_n"]))
        count = int(figures.get("amount_n") or 0)
        for name, times in (("amount_sum", 1), ("amount_mean", count)):
            if figures.get(name):
                row([(("amounts", i), 1) for i in inner], *whole(*[b * times for b in rounded(figures[name])]))
        for kind, bounds in self.sums_of_scores(int(figures.get("score_n") or 0), figures):
            row([((kind, i), 1) for i in inner], *whole(*bounds))

    def sums_of_scores(self, count, figures):
        low = self.shop.score[0]
        if figures.get("score_share"):
            yield "in", [count * b for b in rounded(figures["score_share"])]
        if not figures.get("score_mean"):
            return
        total = whole(*[(b - low) * count for b in rounded(figures["score_mean"])])
        yield "above", total
        if figures.get("score_sd"):
            squares = [(count - 1) * b * abs(b) + t * t / count for b, t in zip(rounded(figures["score_sd"]), total)]
            yield "squares", squares

    def count(self, kind, inner):
        """Bounds of a number of cases."""
        low, high = self.program.bounds([(kind, i) for i in sorted(inner)])
        return math.ceil(low - 1e-5), math.floor(high + 1e-5)


def groups(shop, rows):
    """Per kind of figure, the persons of each inner cell with their cases: all, those with a value, those without."""
    kinds = {kind: {} for kind in ("cases", "score", "amount", "no score", "no amount")}
    for inner, person, score, amount in rows:
        for kind in ("cases", "score" if score else "no score", "amount" if amount else "no amount"):
            people = kinds[kind].setdefault(inner, {})
            people[person] = people.get(person, 0) + 1
    return kinds


def people_of(group, inner):
    total = {}
    for i in inner:
        for person, cases in group.get(i, {}).items():
            total[person] = total.get(person, 0) + cases
    return total


def all_breaches(shop, rows, published):
    """Groups of 1 to k - 1 persons that the figures isolate or count too closely."""
    kinds, reader = groups(shop, rows), Reader(shop, published)
    seen, asked = set(), [m for m in ("score", "amount") if any(m in measures for _, measures in shop.tables)]
    for cell in shop.cells():
        inner = shop.inner(cell)
        figures = published.get(cell, {})
        for kind in ("cases", *(m for m in asked if cell in shop.cells_with(m))):
            people = people_of(kinds[kind], inner)
            if not 0 < len(people) < shop.k or (kind, inner) in seen:
                continue
            seen.add((kind, inner))
            if figures.get("cases" if kind == "cases" else f"{kind}_n"):
                yield f"{kind} published: {cell}"
            yield from too_close(shop, reader, kind, cell, inner, people, sum(people_of(kinds["cases"], inner).values()))
        for measure in ("score", "amount"):
            people = people_of(kinds[f"no {measure}"], inner)
            if figures.get(f"{measure}_n") and 0 < len(people) < shop.k:
                yield f"difference: {cell}, cases less {measure}_n are {len(people)} persons"
    yield from ends(shop, rows, published, reader)


ENDS = {"above": lambda shop, v: v - shop.score[0], "below": lambda shop, v: shop.score[1] - v,
        "in": lambda shop, v: shop.share[0] <= v <= shop.share[1], "out": lambda shop, v: not shop.share[0] <= v <= shop.share[1]}


def ends(shop, rows, published, reader):
    """Scores of which next to nothing is above the lowest, below the highest, in or out of the share: published, or known too closely. Each may be 10 % of
    the greatest contribution more or less, at least one."""
    shown = {kind for row in published.values() for kind in (*(("above", "below") if row.get("score_mean") else ()),
                                                             *(("in", "out") if row.get("score_share") else ()))}
    seen = set()
    for cell, kind in itertools.product(shop.cells_with("score"), sorted(shown)):
        inner, people = shop.inner(cell), {}
        if (kind, inner) in seen:
            continue
        seen.add((kind, inner))
        for i, person, score, _ in rows:
            if score and i in inner:
                people[person] = people.get(person, 0) + ENDS[kind](shop, int(score))
        total, most = sum(people.values()), max(people.values(), default=0)
        if not people or total >= shop.k:
            continue
        if published.get(cell, {}).get("score_mean" if kind in ("above", "below") else "score_share"):
            yield f"published: {cell} with {total} {kind}"
        needed = max(1, math.ceil(most / 10))
        low, high = reader.count(kind, inner)
        if high < total + needed or low > total - min(needed, total):
            yield f"score: {total} {kind} of {cell} is known to be in [{low}, {high}]"


def too_close(shop, reader, kind, cell, inner, people, around):
    """Of contributors nothing is told where they may be none or all of the cases around them."""
    low, high = reader.count(kind, inner)
    true, most = sum(people.values()), max(people.values())
    if not low <= true <= high:
        yield f"the attack is wrong about {kind} of {cell}: {true} is not in [{low}, {high}]"
    elif high < shop.k or high - low < min(shop.k * most, around if kind != "cases" else shop.k * most):
        yield f"interval: {kind} of {cell} is known to be in [{low}, {high}]"


# ---- one table of counts and sums of amounts (fallzahl protect --sum) ----

def counts_and_sums(data, counts, sums, zeros_public):
    """Cases and amounts of each inner cell: where there is an amount there is a case."""
    program = Program()
    for i in sorted(data.inner(("(total)",) * len(data.dimensions))):
        program.row([(("cases", i), GREAT), (("sum", i), -1)], 0, None)
        if zeros_public:
            program.row([(("cases", i), 1)], 0 if counts_zero(data, counts, i) else 1, None)
    for kind, published in (("cases", counts), ("sum", sums)):
        for cell, value in published.items():
            program.row([((kind, i), 1) for i in sorted(data.inner(cell))], value, value)
    return program


def counts_zero(data, counts, inner):
    return any(value == 0 and inner in data.inner(cell) for cell, value in counts.items())


def counts_against_sums(data, truth, counts, sums, p_percent, zeros_public=False):
    """Cells of few persons that the sums make known more closely than the counts alone, and the other way round."""
    program, seen = counts_and_sums(data, counts, sums, zeros_public), set()
    for inner, (cell, total, needed) in breaches.sum_members(data, truth, p_percent).items():
        if needed > 0 and cell not in sums:
            bounds = program.bounds([("sum", i) for i in sorted(inner)])
            yield from (f"with counts, {breach}" for breach in breaches.sum_too_close(cell, total, needed, *bounds))
    for cell in data.cells():
        inner = data.inner(cell)
        people = truth.contributions(inner)
        if cell in counts or not 0 < len(people) < data.k or inner in seen:
            continue
        seen.add(inner)
        low, high = program.bounds([("cases", i) for i in sorted(inner)])
        low, high = math.ceil(low - 1e-6), math.floor(high + 1e-6)
        most = max(cases for cases, _ in people.values())
        if not low <= truth.cases(inner) <= high:
            yield f"the attack is wrong about {cell}"
        elif high < data.k or high - low < data.k * most:
            yield f"interval with sums: {cell} is known to be in [{low}, {high}]"
