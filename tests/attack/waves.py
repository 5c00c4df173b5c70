"""A panel that is asked again and again: what several waves hand over in one month or quarter are rows of the same people."""
import csv
import random

import harness
from nights import Nights, month_name, night_of
from polls import CHANNEL, DISPOSITION, SOURCE, Poll

HEAD = "version: 1\ntimezone: Europe/Berlin\nprotection: {{k: {k}}}\nsources:\n"


class Panel(Nights):
    """Nights of a workspace that reads nothing but what became of its panel's invitations."""

    def __init__(self, seed, folder, months=9):
        super().__init__(seed, folder, months)
        rng = self.draw = random.Random(f"panel {seed}")
        self.wave, self.number = 0, 0
        self.k = rng.choice([5, 5, 6, 8])
        self.channels = [f"c{i}" for i in range(rng.randint(2, 3))]
        size = rng.choice([self.k + 1, 2 * self.k, 40, 120])
        self.people = {f"p{i}": (rng.choice(self.channels), [rng.choice([0, 0.2, 1, 4]) + 0.05 for _ in range(3)]) for i in range(size)}
        self.open = [] # (month of its end, person, wave)
        self.poll = Poll(self, "dispositions", rng)
        self.poll.change()

    def ask(self, number):
        """A wave begins in some months, two in few; invitations end in the month or the next."""
        for _ in range(self.draw.choice([0, 1, 1, 1, 2]) if self.wave < 7 else 0):
            self.wave += 1
            share = self.draw.choice([0.4, 0.8, 1])
            self.open += [(number + (self.draw.random() < self.draw.choice([0, 0.3])), person, str(self.wave))
                          for person in self.people if self.draw.random() < share]

    def write_ends(self, number):
        with open(f"{self.folder}/inbox/dispositions-service-{number}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["invitation", "week", "wave", "channel", "disposition"])
            for end, person, wave in self.open:
                if end != number:
                    continue
                row, (channel, taste) = len(self.poll.rows) + 1, self.people[person]
                inner = [wave, channel, self.draw.choices(self.poll.last.leaves, taste)[0]]
                self.poll.rows[row], self.poll.people[row] = (f"{month_name(number)}-10", inner), person
                writer.writerow([row, f"{month_name(number)}-10", *inner])
        open(f"{self.folder}/inbox/dispositions-service-{number}.csv.ok", "w").close()

    def configure(self):
        text = HEAD.format(k=self.k) + SOURCE.format(name="dispositions", files="dispositions", key="invitation")
        text += CHANNEL.format(channels=", ".join(self.channels)) + DISPOSITION + "tables:\n" + self.poll.tables_text()
        with open(f"{self.folder}/fallzahl.yaml", "w") as file:
            file.write(text)

    def night(self, number):
        self.number = number
        self.configure()
        self.ask(number)
        self.write_ends(number)
        result = harness.run("-C", self.folder, "run", "--quiet", "--as-of", night_of(number))
        if result.returncode:
            self.problems.append(f"night {night_of(number)}: {result.stderr}")
        self.poll.freeze(number + 1)
        self.poll.look()

    def change(self):
        self.poll.change()
