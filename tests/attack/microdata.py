"""Random microdata for the attack: small tables with hierarchies, zeros, singletons and heavy persons, all from one seed."""
import csv
import itertools
import random


class Dimension:
    """Leaves and the groups over them; a group is a set of leaves. Two groupings of the same leaves are possible."""

    def __init__(self, name, leaves, groupings):
        self.name, self.leaves, self.groupings = name, leaves, groupings
        self.nodes = {"(total)": frozenset(leaves), **{leaf: frozenset([leaf]) for leaf in leaves}}
        self.children = {"(total)": [leaves] if not groupings else [list(grouping) for grouping in groupings]}
        for grouping in groupings:
            for group, members in grouping.items():
                self.nodes[group] = frozenset(members)
                self.children[group] = [sorted(members)]

    def write(self, path):
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["child", "parent"])
            for grouping in self.groupings:
                for group, members in grouping.items():
                    writer.writerows([leaf, group] for leaf in sorted(members))
                    writer.writerow([group, "(total)"])
            if not self.groupings:
                writer.writerows([leaf, "(total)"] for leaf in self.leaves)


def random_grouping(rng, prefix, leaves):
    groups = [f"{prefix}{i}" for i in range(rng.randint(2, max(2, len(leaves) // 2)))]
    members = {group: set() for group in groups}
    shuffled = rng.sample(leaves, len(leaves))
    for i, leaf in enumerate(shuffled):
        members[groups[i] if i < len(groups) else rng.choice(groups)].add(leaf)
    return members


def random_dimension(rng, name, style):
    leaves = [f"{name}{i}" for i in range(rng.randint(2, 3 if style == "cube" else 5))]
    groupings = []
    if len(leaves) >= 3 and style in ("hierarchy", "linked"):
        groupings.append(random_grouping(rng, f"{name}G", leaves))
        if style == "linked":
            groupings.append(random_grouping(rng, f"{name}H", leaves))
    return Dimension(name, leaves, groupings)


class Microdata:
    """rows: (values of the dimensions, person, amount). A seed and a style give always the same."""

    def __init__(self, seed, style):
        rng = random.Random(f"{style} {seed}")
        self.seed, self.style = seed, style
        count = 3 if style == "cube" else 2
        self.dimensions = [random_dimension(rng, "abc"[i], style if i == 0 or style == "hierarchy" else "flat") for i in range(count)]
        self.k = rng.choice([3, 5, 10])
        self.rows, self.people, self.impossible = [], 0, frozenset()
        for inner in itertools.product(*(d.leaves for d in self.dimensions)):
            self.fill(rng, inner)
        if not self.rows:
            self.fill(rng, tuple(d.leaves[0] for d in self.dimensions), 40)

    def fill(self, rng, inner, cases=None):
        size = rng.random()
        if cases is None:
            cases = 0 if size < 0.2 else rng.randint(1, self.k - 1) if size < 0.5 else rng.randint(self.k, 4 * self.k)
        heavy = self.style == "heavy"
        while cases > 0:
            if self.people == 0 or rng.random() > (0.5 if heavy else 0.05):
                self.people += 1
                person = self.people
            else:
                person = rng.randint(max(1, self.people - 3), self.people)
            times = min(cases, rng.choice([1, 1, 1, 2, 5, 20]) if heavy else 1)
            cases -= times
            for _ in range(times):
                amount = rng.choice([1, 5, 10, 20, 50]) * (rng.choice([1, 1, 1, 40]) if heavy else 1)
                self.rows.append((inner, f"p{person}", amount))

    def declare_impossible(self):
        """Most of the inner cells without a case: the reader knows that they cannot have any."""
        rng = random.Random(f"impossible {self.seed}")
        filled = {inner for inner, _, _ in self.rows}
        empty = [i for i in itertools.product(*(d.leaves for d in self.dimensions)) if i not in filled]
        self.impossible = frozenset(i for i in empty if rng.random() < 0.8)

    def write_impossible(self, path):
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([d.name for d in self.dimensions])
            writer.writerows(sorted(self.impossible))

    def write(self, path):
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([d.name for d in self.dimensions] + ["person", "amount"])
            writer.writerows([*inner, person, amount] for inner, person, amount in self.rows)

    def cells(self):
        """Every cell: the node of each dimension."""
        return itertools.product(*(d.nodes for d in self.dimensions))

    def inner(self, cell):
        """The inner cells that make it up, and that can have cases."""
        return frozenset(itertools.product(*(d.nodes[node] for d, node in zip(self.dimensions, cell)))) - self.impossible


class Truth:
    """What the harness knows and the attacker does not."""

    def __init__(self, data):
        self.by_inner = {}
        for inner, person, amount in data.rows:
            people = self.by_inner.setdefault(inner, {})
            cases, total = people.get(person, (0, 0))
            people[person] = (cases + 1, total + amount)

    def contributions(self, inner_cells):
        """person -> [cases, amount] in the union of the inner cells."""
        people = {}
        for inner in inner_cells:
            for person, (cases, amount) in self.by_inner.get(inner, {}).items():
                known = people.setdefault(person, [0, 0])
                known[0] += cases
                known[1] += amount
        return people

    def persons(self, inner_cells):
        return len(self.contributions(inner_cells))

    def cases(self, inner_cells):
        return sum(cases for cases, _ in self.contributions(inner_cells).values())

    def amount(self, inner_cells):
        return sum(amount for _, amount in self.contributions(inner_cells).values())
