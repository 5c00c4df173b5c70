"""What a reader of published tables can work out: all linear combinations, and bounds with no cell below zero.

Shares nothing with the program: python3 and glpsol only. The reader knows the dimensions, their values and hierarchies, and every
published figure."""
import subprocess
import tempfile

PRIME = (1 << 61) - 1
ENOUGH = 10000000  # stands for no bound at all: far above every figure of the tables


class Attacker:
    """Unknowns are inner cells, each at least `least` (and as `known` says); equations are sets of them with a sum."""

    def __init__(self, unknowns, equations, least=0, known=None, free=False):
        self.low = {u: -float("inf") if free else least for u in unknowns}
        self.fixed, self.impossible, self.free = {}, False, free
        for unknown, (low, exact) in (known or {}).items():
            if exact:
                self.fixed[unknown] = low
            else:
                self.low[unknown] = max(low, self.low[unknown])
        # single cells first: a public zero is known before a sum can seem to be at its least
        self.equations = sorted(((set(members), value) for members, value in equations), key=lambda e: len(e[0]))
        self.simplify()
        self.reduced = None

    def simplify(self):
        """Takes out what is known: single unknowns, and sums that are at their least."""
        while True:
            before, left = len(self.fixed), []
            for members, value in self.equations:
                for unknown in [u for u in members if u in self.fixed]:
                    members.discard(unknown)
                    value -= self.fixed[unknown]
                if not members:
                    self.impossible = self.impossible or abs(value) > 1e-9
                elif len(members) == 1 or (not self.free and value == sum(self.low[u] for u in members)):
                    for unknown in members:
                        self.fixed[unknown] = value if len(members) == 1 else self.low[unknown]
                else:
                    left.append((members, value))
            self.equations = list({frozenset(members): (members, value) for members, value in left}.values())
            if len(self.fixed) == before:
                return

    def split(self, target):
        """The target as a constant and unknowns that are still open."""
        return sum(self.fixed[u] for u in target if u in self.fixed), [u for u in target if u not in self.fixed]

    def eliminate(self):
        """Reduced echelon form of the equations modulo a prime: pivot -> row."""
        self.reduced = {}
        for members, _ in self.equations:
            row = self.remainder({u: 1 for u in members})
            if not row:
                continue
            pivot = min(row)
            scale = pow(row[pivot], -1, PRIME)
            self.reduced[pivot] = {u: c * scale % PRIME for u, c in row.items()}

    def remainder(self, row):
        """The row less what the equations span. Pivots are taken in order, each clears its unknown."""
        row = dict(row)
        while True:
            pivots = [u for u in row if u in self.reduced]
            if not pivots:
                return row
            pivot = min(pivots)
            factor = row[pivot]
            for unknown, c in self.reduced[pivot].items():
                value = (row.get(unknown, 0) - factor * c) % PRIME
                if value:
                    row[unknown] = value
                else:
                    row.pop(unknown, None)

    def spans(self, target):
        """Whether the sum of the target is a linear combination of what is published."""
        if self.reduced is None:
            self.eliminate()
        _, open_unknowns = self.split(target)
        return not self.remainder({u: 1 for u in open_unknowns})

    def connected(self, target):
        """Equations that can say something about the target."""
        reached, equations, left = set(target), [], list(self.equations)
        while True:
            more = [e for e in left if e[0] & reached]
            if not more:
                return equations, reached
            left = [e for e in left if not e[0] & reached]
            equations += more
            for members, _ in more:
                reached |= members

    def bounds(self, targets):
        """(low, high) of each target. All programs go to glpsol as one, in blocks that do not touch."""
        programs = []
        for target in targets:
            constant, unknowns = self.split(target)
            programs.append((constant, unknowns) + (self.connected(unknowns) if unknowns else ([], set())))
        writer = Blocks(self.low)
        for _, unknowns, equations, reached in programs:
            if unknowns:
                writer.add(unknowns, equations, reached, 1)
                writer.add(unknowns, equations, reached, -1)
        values = iter(writer.solve())
        return [self.pair(constant, unknowns, values) for constant, unknowns, _, _ in programs]

    @staticmethod
    def pair(constant, unknowns, values):
        if not unknowns:
            return constant, constant
        high, low = next(values), next(values)
        return constant + low, constant + high


class Blocks:
    """Many small linear programs as one in GLPK's own format; maximising the sum maximises each."""

    def __init__(self, low):
        self.low, self.rows, self.columns, self.entries, self.objectives = low, [], [], [], []

    def add(self, target, equations, reached, sign):
        column = {}
        for unknown in sorted(reached):
            self.columns.append(self.low[unknown])
            column[unknown] = len(self.columns)
        for unknown in target:
            self.entries.append((0, column[unknown], sign))
        for members, value in equations:
            self.rows.append(value)
            self.entries += [(len(self.rows), column[u], 1) for u in members]
        self.objectives.append(([column[u] for u in target], sign))

    def solve(self):
        if not self.objectives:
            return []
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/in", "w") as file:
                file.write(f"p lp max {len(self.rows)} {len(self.columns)} {sum(i > 0 for i, _, _ in self.entries)}\n")
                file.writelines(f"i {i} s {value!r}\n" for i, value in enumerate(self.rows, 1))
                file.writelines(f"j {j} d {max(low, -ENOUGH)!r} {ENOUGH}\n" for j, low in enumerate(self.columns, 1))
                file.writelines(f"a {i} {j} {c}\n" for i, j, c in self.entries)
                file.write("e o f\n")
            run = subprocess.run(["glpsol", "--glp", f"{folder}/in", "-w", f"{folder}/out", "--nopresol"], capture_output=True, text=True)
            if run.returncode:
                raise ArithmeticError("glpsol: " + run.stdout[-300:])
            with open(f"{folder}/out") as file:
                lines = file.read().split("\n")
        status = next(line for line in lines if line.startswith("s bas"))
        if status.split()[4:6] != ["f", "f"]:
            raise ArithmeticError("glpsol found no optimum: " + run.stdout[-200:])
        primal = {int(parts[1]): float(parts[3]) for parts in (line.split() for line in lines if line.startswith("j "))}
        return [sum(primal[j] for j in columns) for columns, _ in self.objectives]

