"""What the attack tests share: TAP lines, seeds, the program, tables on disk."""
import csv
import multiprocessing
import os
import subprocess
import sys
import tempfile
import traceback

FALLZAHL = os.environ.get("FALLZAHL", "build/release/fallzahl")
CASES = int(os.environ.get("ATTACK_CASES", "300"))
FIRST_SEED = int(os.environ.get("ATTACK_SEED", "1"))

# How the configuration of every made-up shop begins: {k}; the source's further keys and the tables follow.
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "shop.yaml")) as shop:
    CONFIG = shop.read().replace("{", "{{").replace("}", "}}").replace("k: 5", "k: {k}")


def run(*arguments):
    return subprocess.run([FALLZAHL, *map(str, arguments)], capture_output=True, text=True)


def write_published(path, data, published):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([d.name for d in data.dimensions] + ["cases"])
        writer.writerows([*cell, value] for cell, value in published.items())


def hierarchies(data, folder):
    """Writes them; the options that name them."""
    options = []
    for dimension in data.dimensions:
        dimension.write(f"{folder}/{dimension.name}.csv")
        options += ["--hierarchy", f"{dimension.name}:{folder}/{dimension.name}.csv"]
    return options


def guarded(task):
    check, seed = task
    with tempfile.TemporaryDirectory() as folder:
        try:
            return seed, list(check(seed, folder))
        except Exception:
            return seed, ["the attack itself failed: " + traceback.format_exc()]


class Plan:
    """One TAP test for many seeds."""

    def __init__(self):
        self.count, self.failed = 0, False

    def say(self, good, name, notes=()):
        self.count += 1
        self.failed = self.failed or not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for note in notes:
            print("# " + note.replace("\n", "\n# "))
        sys.stdout.flush()

    @staticmethod
    def attack(check, cases):
        """seed -> what check() found; each on its own, two at a time."""
        seeds = range(FIRST_SEED, FIRST_SEED + cases)
        with multiprocessing.Pool(2) as pool:
            return dict(pool.map(guarded, [(check, seed) for seed in seeds], chunksize=4))

    def none(self, name, check, cases):
        """No seed may have a finding."""
        found = self.attack(check, cases)
        notes = [f"seed {seed}: {breach}" for seed, breaches in found.items() for breach in breaches[:4]]
        self.say(not notes, f"{name}: {cases} tables, seeds {FIRST_SEED} to {FIRST_SEED + cases - 1}", notes[:20])

    def most(self, name, check, cases, share):
        """At least that share of the seeds has one: the attack has teeth."""
        found = self.attack(check, cases)
        hit = sum(bool(breaches) for breaches in found.values())
        errors = [b for breaches in found.values() for b in breaches if b.startswith("the attack")]
        self.say(hit >= share * cases and not errors, f"{name}: {hit} of {cases} tables breached", errors[:2])

    def end(self):
        print(f"1..{self.count}")
        sys.exit(self.failed)
