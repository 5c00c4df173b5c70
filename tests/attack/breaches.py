"""The promises of a protected table, each checked against the truth. A breach is a sentence."""
import math

from attacker import Attacker


def uncovered(data, published, cell, axis):
    """Inner cells of a published cell that no published descendant along the axis covers, once per grouping."""
    dimension = data.dimensions[axis]
    for children in dimension.children.get(cell[axis], []):
        covered, left = set(), list(children)
        while left:
            node = left.pop()
            below = cell[:axis] + (node,) + cell[axis + 1:]
            if below in published:
                covered |= dimension.nodes[node]
            elif node in dimension.children:
                left += dimension.children[node][0]
        missing = dimension.nodes[cell[axis]] - covered
        yield frozenset(i for i in data.inner(cell) if i[axis] in missing)


def differences(data, truth, published):
    """Published figures, and what one subtraction makes of them, that describe 1 to k - 1 persons."""
    inner = {cell: data.inner(cell) for cell in published}
    for cell in published:
        if 0 < truth.persons(inner[cell]) < data.k:
            yield f"published: {cell}"
        for axis in range(len(cell)):
            for rest in uncovered(data, published, cell, axis):
                if 0 < truth.persons(rest) < data.k:
                    yield f"remainder: {cell} along {data.dimensions[axis].name}"
        for other in published:
            if inner[other] < inner[cell] and 0 < truth.persons(inner[cell] - inner[other]) < data.k:
                yield f"difference: {cell} less {other}"


def primaries(data, truth, published):
    """Absent cells of 1 to k - 1 persons, as sets of inner cells."""
    members = {}
    for cell in data.cells():
        inner = data.inner(cell)
        if cell not in published and 0 < truth.persons(inner) < data.k:
            members.setdefault(inner, cell)
    return members


def equations(data, published):
    return [(data.inner(cell), value) for cell, value in published.items()]


def intervals(data, truth, published, zeros_public):
    """Cells of few persons whose number of cases is known too closely."""
    members = primaries(data, truth, published)
    unknowns = [i for i in data.inner(("(total)",) * len(data.dimensions))]
    reader = Attacker(unknowns, equations(data, published), 1 if zeros_public else 0)
    if reader.impossible:
        yield "the published figures contradict each other"
        return
    for (inner, cell), (low, high) in zip(members.items(), reader.bounds(list(members))):
        if reader.spans(inner):
            yield f"exact: {cell}"
        most = max(cases for cases, _ in truth.contributions(inner).values())
        low, high = math.ceil(low - 1e-6), math.floor(high + 1e-6)
        if not low <= truth.cases(inner) <= high:
            yield f"the attack is wrong about {cell}"
        if high < data.k or high - low < data.k * most:
            yield f"interval: {cell} is known to be in [{low}, {high}]"


def exact(data, truth, published, least):
    """Cells of few persons whose number of cases follows, each inner cell that can have cases having at least so many."""
    members = primaries(data, truth, published)
    unknowns = [i for i in data.inner(("(total)",) * len(data.dimensions))]
    reader = Attacker(unknowns, equations(data, published), least)
    for (inner, cell), (low, high) in zip(members.items(), reader.bounds(list(members))):
        if reader.spans(inner) or high - low < 1e-6:
            yield f"exact: {cell}"


def knowledge(truth, person):
    """What a contributor knows of inner cells: at least their own cases; the number itself where they are alone."""
    known = {}
    for inner, people in truth.by_inner.items():
        if person in people:
            known[inner] = (people[person][0], len(people) == 1)
    return known


def contributors(data, truth, published, zeros_public, limit):
    """Cells of few persons that somebody in the data can compute with the help of their own cases."""
    members = primaries(data, truth, published)
    people = sorted({p for inner in members for p in truth.contributions(inner)})
    vectors = {}
    for person in people:
        vectors.setdefault(tuple(sorted(knowledge(truth, person).items())), person)
    unknowns = list(data.inner(("(total)",) * len(data.dimensions)))
    for vector, person in list(vectors.items())[:limit]:
        reader = Attacker(unknowns, equations(data, published), 1 if zeros_public else 0, dict(vector))
        others = {inner: cell for inner, cell in members.items() if set(truth.contributions(inner)) - {person}}
        for (inner, cell), (low, high) in zip(others.items(), reader.bounds(list(others))):
            if high - low < 1e-6:
                yield f"contributor: {cell} is known to somebody with cases in {len(vector)} inner cells"


def computed(data, published, zeros_public):
    """What is published, and every absent cell that follows from it exactly."""
    unknowns = list(data.inner(("(total)",) * len(data.dimensions)))
    reader = Attacker(unknowns, equations(data, published), 1 if zeros_public else 0)
    absent = {}
    for cell in data.cells():
        if cell not in published:
            absent.setdefault(data.inner(cell), []).append(cell)
    known = dict(published)
    for (_, cells), (low, high) in zip(absent.items(), reader.bounds(list(absent))):
        if high - low < 1e-6 and high > 1e-6:
            known.update((cell, round(low)) for cell in cells)
    return known


def all_breaches(data, truth, published, zeros_public=False, limit=4):
    found = list(differences(data, truth, published)) + list(intervals(data, truth, published, zeros_public))
    if not found:
        found = ["by way of a computed cell, " + b for b in differences(data, truth, computed(data, published, zeros_public))]
    return found or list(contributors(data, truth, published, zeros_public, limit))


def bandwidth(people, p_percent):
    """How far both bounds of a sum must be from it (p %-rule): what the greatest contributor needs beyond the others."""
    amounts = sorted((amount for _, amount in people.values()), reverse=True)
    return amounts[0] * p_percent / 100 - sum(amounts[2:]) if amounts else 0


def sum_members(data, truth, p_percent):
    """Cells whose sum tells of somebody: inner cells -> cell, sum, how far both bounds must be from it."""
    members = {}
    for cell in data.cells():
        people = truth.contributions(data.inner(cell))
        needed = bandwidth(people, p_percent)
        if people and (needed > 0 or len(people) < data.k):
            members.setdefault(data.inner(cell), (cell, truth.amount(data.inner(cell)), needed))
    return members


def sum_too_close(cell, total, needed, low, high):
    if needed > 0 and (high < total + needed - 1e-6 or low > total - needed + 1e-6 and total >= needed):
        yield f"sum interval: {cell} is {total}, known to be in [{low:g}, {high:g}], needs {needed:g} on both sides"


def sums(data, truth, published, p_percent):
    """Sums of amounts, none below zero, that are known too closely."""
    unknowns = list(data.inner(("(total)",) * len(data.dimensions)))
    members = sum_members(data, truth, p_percent)
    for cell, value in published.items():
        if value != truth.amount(data.inner(cell)):
            yield f"{cell} is published as {value}, not {truth.amount(data.inner(cell))}"
        if data.inner(cell) in members:
            yield f"sum published: {cell}"
    reader = Attacker(unknowns, equations(data, published))
    for (inner, (cell, total, needed)), (low, high) in zip(members.items(), reader.bounds(list(members))):
        if reader.spans(inner):
            yield f"sum exact: {cell}"
        yield from sum_too_close(cell, total, needed, low, high)
