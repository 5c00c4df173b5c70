#!/usr/bin/python3
"""An attacker who has every file of the workspace, keys, logs and write-ahead logs included, and knows who answered, joins
answers to invitations. Of an anonymous survey no way does better than guessing; of a confidential one the same attacker gets all."""
import contextlib
import ctypes
import ctypes.util
import hashlib
import json
import os
import random
import shutil
import sqlite3
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import SENT, SURVEY, Site, fallzahl, run  # noqa: E402

NIGHTS = ("2026-02-05", "2026-02-06", "2026-02-12", "2026-02-13") # the third reminds
EXPIRED = "2026-03-20T22:00:00Z"   # nobody can answer any more
PEOPLE, ANSWERED, LATE = 160, 120, 3
sodium = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")


def answer_of(person):
    """Tells its author: no two are the same."""
    return {"q.satisfaction": str(1 + person % 5), "q.minutes": str(person), "q.recommend": "9", "do": "send", "step": "2"}


def live(anonymity):
    """People answer in random order over four nights, while the page runs; some save first and finish later; who did not answer is reminded.
    Gives the site before the last night and after it."""
    site = Site(PEOPLE, anonymity, SURVEY.replace("expires_days:", "reminders: {maximum: 1, gap_days: 7}\nexpires_days:"))
    for name in os.listdir(f"{site.ws}/outbox"):
        if name.endswith(".eml"):
            os.renames(f"{site.ws}/outbox/{name}", f"{site.ws}/outbox/sent/{name}")
    people = site.answered = random.Random(7).sample(sorted(site.tokens), ANSWERED + LATE)
    share = ANSWERED // len(NIGHTS)
    for i, night in enumerate(NIGHTS):
        site.start(f"{night}T09:00:00Z")
        for person in people[i * share:(i + 1) * share]:
            if person % 4 == 0:
                site.post(f"/a/{site.tokens[person]}", {**answer_of(person), "do": "save", "step": "1"})
            assert site.post(f"/a/{site.tokens[person]}", answer_of(person))[0] == 200
        site.night(f"{night}T22:00:00Z")
        if night != NIGHTS[-1]:
            site.stop()
    for person in people[ANSWERED:]:  # of these no night has heard
        site.post(f"/a/{site.tokens[person]}", answer_of(person))
    before = Attacker(site, "before")
    site.stop()
    site.start(EXPIRED)
    site.night(EXPIRED)
    return site, before, Attacker(site, "after")  # the last server still runs while the files are taken


class Attacker:
    """Works on a copy of the files."""

    def __init__(self, site, name):
        self.folder = f"{site.folder}/{name}"
        shutil.copytree(site.ws, self.folder)
        self.invitations = self.rows("surveys", "SELECT invitation, token_hash, segment, reminders, rowid FROM invitation "
                                                "JOIN plan_recipient USING (plan, recipient) WHERE state = 'answered'", True)
        self.responses = self.rows("surveys", "SELECT response, answers, segment, week, invitation FROM response")
        self.author = {hashlib.blake2b(token.encode(), digest_size=32).digest(): person for person, token in site.tokens.items()}
        self.random = random.Random(3)

    def rows(self, name, query, may_fail=False):
        with sqlite3.connect(f"{self.folder}/state/{name}.db") as db:
            try:
                return db.execute(query).fetchall()
            except sqlite3.OperationalError:
                if not may_fail:
                    raise
                return db.execute(query.replace(", rowid FROM", ", 0 FROM")).fetchall()

    def score(self, pairs):
        """How many of the guesses (token hash, answers) name the author."""
        return sum(self.author[token] == json.loads(answers)["minutes"] for token, answers in pairs)

    def classes(self):
        """What the attacker knows of both sides: the segment. Guessing within each is expected to hit once."""
        return sorted({r[2] for r in self.responses})

    def by_order(self, invitation_key, response_key):
        for segment in self.classes():
            left = sorted((i for i in self.invitations if i[2] == segment), key=invitation_key)
            right = sorted((r for r in self.responses if r[2] == segment), key=response_key)
            for invitation, response in zip(left, right):
                yield invitation[1], response[1]

    def by_bytes(self):
        """Where both stand in the raw files: the order of pages, free space and log frames."""
        raw = b"".join(self.files(("surveys.db", "surveys.db-wal")))
        intake = b"".join(self.files(("intake.db", "intake.db-wal")))
        return self.by_order(lambda i: intake.rfind(i[1]), lambda r: raw.rfind(r[1].encode()))

    def files(self, names=None):
        for folder, _, found in sorted(os.walk(self.folder)):
            for name in sorted(found):
                if names is None or name in names:
                    with open(f"{folder}/{name}", "rb") as file:
                        yield file.read()

    def neighbours(self):
        """Of each answer that stands anywhere in a file as text, the token hash nearest before and after it."""
        tokens = {i[1] for i in self.invitations}
        for content in self.files():
            places = sorted((at, token) for token in tokens for at in find_all(content, token))
            for response in self.responses:
                for at in find_all(content, response[1].encode()):
                    before = [token for place, token in places if place < at][-1:]
                    after = [token for place, token in places if place > at][:1]
                    yield from ((token, response[1]) for token in before + after)

    def open_boxes(self, size):
        """Every sealed answer that is left in the intake, opened with the stolen key. All are of one size."""
        with open(f"{self.folder}/keys/token.1", encoding="ascii") as file:
            key = bytes.fromhex(file.read().strip())
        seed = hashlib.blake2b(b"fallzahl intake seal\0", digest_size=32, key=key).digest()
        public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
        sodium.crypto_box_seed_keypair(public, secret, seed)
        out = ctypes.create_string_buffer(size)
        for name in ("intake.db", "intake.db-wal"):
            for content in self.files((name,)):
                for at in range(len(content) - size):
                    if content[at:at + 4] == b"\0\0\0\0":
                        continue  # no box begins so
                    box = content[at:at + size]
                    if sodium.crypto_box_seal_open(out, box, ctypes.c_ulonglong(size), public, secret) == 0:
                        yield out.raw.split(b"\0", 1)[0].decode()


def find_all(content, wanted):
    at = content.find(wanted)
    while at >= 0:
        yield at
        at = content.find(wanted, at + 1)


def at_chance(hits, classes, tries=1):
    """Guessing within a class hits once on average (Poisson): 1 in 10^6 is above this."""
    limit = {1: 10, 2: 13, 3: 15, 4: 17}.get(classes * tries, 17 + 3 * classes * tries)
    assert hits <= limit, f"{hits} hits, at chance at most {limit}"


SITE, BEFORE, ANONYMOUS = live("anonymous")


def moved():
    """All answers went at once, in batches that k or more shared, when nobody could answer any more; none names an invitation"""
    assert not BEFORE.responses and len(BEFORE.invitations) == ANSWERED
    assert len(ANONYMOUS.invitations) == ANSWERED + LATE and all(r[4] is None for r in ANONYMOUS.responses)
    assert len(ANONYMOUS.responses) == ANSWERED + LATE and ANONYMOUS.rows("intake", "SELECT count(*) FROM waiting") == [(0,)]
    sizes = {}
    for _, _, segment, week, _ in ANONYMOUS.responses:
        sizes[segment, week] = sizes.get((segment, week), 0) + 1
    assert min(sizes.values()) >= 10 and len(sizes) == len(ANONYMOUS.classes()), sizes
    reminded = sum(i[3] for i in ANONYMOUS.invitations)
    assert 30 < reminded < 90, reminded  # of whom it is known when they answered
    return f"{len(ANONYMOUS.responses)} answers in {len(sizes)} segments, one week"


def orders():
    """No order of rows, numbers, hashes or bytes joins an answer to its invitation"""
    keys = {"number": (lambda i: i[0], lambda r: r[0]), "hash": (lambda i: i[1], lambda r: r[0]), "row": (lambda i: i[4], lambda r: r[0]),
            "week": (lambda i: (i[3], i[0]), lambda r: (r[3], r[0])), "backwards": (lambda i: i[0], lambda r: -r[0])}
    hits = {name: ANONYMOUS.score(ANONYMOUS.by_order(*pair)) for name, pair in keys.items()}
    hits["bytes"] = ANONYMOUS.score(ANONYMOUS.by_bytes())
    for count in hits.values():
        at_chance(count, len(ANONYMOUS.classes()))
    return " ".join(f"{name}:{count}" for name, count in hits.items()) + f" hits of {len(ANONYMOUS.responses)}"


def traces():
    """No file has an answer beside its token's hash: not free space, not a log, not what the runs wrote"""
    pairs = set(ANONYMOUS.neighbours())
    hits = ANONYMOUS.score(pairs)
    expected = len(pairs) / len(ANONYMOUS.invitations)
    assert hits <= expected + 5 * max(expected, 1) ** 0.5, f"{hits} of {len(pairs)}"
    return f"{hits} hits of {len(pairs)} neighbours"


def remains():
    """No sealed answer that was moved is left in any file, though the page ran on; while they wait the stolen key opens them"""
    (size, waiting), = BEFORE.rows("intake", "SELECT length(sealed), count(*) FROM waiting GROUP BY 1")
    opened = set(BEFORE.open_boxes(size))
    assert waiting == len(opened) == ANSWERED + LATE, f"{len(opened)} opened, {waiting} wait"
    assert not set(ANONYMOUS.open_boxes(size))
    assert ANONYMOUS.rows("intake", "SELECT count(*) FROM partial") == [(0,)]
    assert ANONYMOUS.rows("surveys", "SELECT count(*) FROM intake_moved") == [(0,)]
    return f"{waiting} opened with the stolen key while they waited"


def texts():
    """No comment, answer or time of an answer stands in logs, runs, evidence or what is published"""
    for folder in ("runs", "checks"):
        assert not any(b"minutes" in content for content in walk(f"{ANONYMOUS.folder}/state/{folder}"))
    assert not any(b"minutes" in content for content in walk(f"{ANONYMOUS.folder}/published"))
    assert "q." not in SITE.stderr


def walk(folder):
    for path, _, names in os.walk(folder):
        for name in names:
            with open(f"{path}/{name}", "rb") as file:
                yield file.read()


def confidential():
    """The same attacker joins every answer of a confidential survey"""
    site, _, attacker = live("confidential")
    try:
        page = site.get(f"/a/{site.tokens[site.answered[0]]}")[2].lower()
        assert "vertraulich" in page or "confidential" in page or "bereits" in page or "already" in page, page
        assert "anonym" not in page, page
        token_of = {i[0]: i[1] for i in attacker.invitations}
        hits = attacker.score((token_of[r[4]], r[1]) for r in attacker.responses)
        assert hits == ANSWERED + LATE, hits
        return f"{hits} hits of {ANSWERED + LATE}"
    finally:
        site.close()


def copied(anonymity):
    """Answers that the stolen key opens in the later of two backups and not in the earlier, with what was begun: made by one person."""
    site, seen = Site(12, anonymity), []
    try:
        for number, person in enumerate(list(site.tokens)[:2]):
            instant = f"{NIGHTS[number]}T09:00:00Z"
            site.start(instant)
            site.post(f"/a/{site.tokens[person + 4]}", {**answer_of(person), "do": "save", "step": "1"})
            assert site.post(f"/a/{site.tokens[person]}", answer_of(person))[0] == 200
            site.stop()
            backup = fallzahl("-C", site.ws, "backup", "--as-of", instant).stdout.strip()
            assert sorted(os.listdir(backup)) == ["cases.db", "intake.db", "manifest.json", "surveys.db"], os.listdir(backup)
            with contextlib.closing(sqlite3.connect(f"file:{backup}/intake.db?immutable=1", uri=True)) as db:
                seen.append(db.execute("SELECT (SELECT count(*) FROM waiting), (SELECT count(*) FROM partial), sum(finished) FROM ticket").fetchone())
        return seen
    finally:
        site.close()


def backups():
    """Backups made before and after one person answered have neither the answer nor what was begun; confidential answers they have"""
    assert copied("anonymous") == [(0, 0, 1), (0, 0, 2)]
    assert copied("confidential") == [(1, 0, 1), (2, 0, 2)]


def opened_at_the_end(answers):
    """How many answers of a segment are moved once its wave can grow no more, if of so many one is spoilt; and how many wait still."""
    site = Site(45)
    try:
        site.start(f"{NIGHTS[0]}T09:00:00Z")
        for person in [person for person in site.tokens if person % 3][:answers]:
            assert site.post(f"/a/{site.tokens[person]}", answer_of(person))[0] == 200
        with contextlib.closing(sqlite3.connect(f"{site.ws}/state/intake.db")) as db, db:
            db.execute("UPDATE waiting SET sealed = zeroblob(length(sealed)) WHERE waiting = (SELECT min(waiting) FROM waiting)")
        site.night(f"{NIGHTS[0]}T22:00:00Z")
        assert site.sql("surveys", "SELECT count(*) FROM response") == [(0,)]
        site.night(EXPIRED)
        return site.sql("surveys", "SELECT count(*) FROM response") + site.sql("intake", "SELECT count(*) FROM waiting")
    finally:
        site.close()


def unreadable():
    """What cannot be opened hides nobody: of k answers of which one is spoilt none is moved"""
    assert opened_at_the_end(10) == [(0,), (10,)]
    assert opened_at_the_end(11) == [(10,), (0,)]


def promised():
    """An anonymous survey stays it: a file that says confidential afterwards opens no answer before its batch"""
    site = Site(12)
    try:
        site.start(f"{NIGHTS[0]}T09:00:00Z")
        person = min(site.tokens)
        assert site.post(f"/a/{site.tokens[person]}", answer_of(person))[0] == 200
        site.stop()
        with open(f"{site.ws}/surveys/service.yaml", encoding="utf-8") as file:
            text = file.read()
        site.write("surveys/service.yaml", text.replace("anonymity: anonymous", "anonymity: confidential"))
        site.start(f"{NIGHTS[0]}T10:00:00Z")
        assert "anonym" in site.get(f"/a/{site.tokens[max(site.tokens)]}")[2]  # what it was told is what it is told still
        site.stop()
        site.night(f"{NIGHTS[0]}T22:00:00Z")
        assert site.sql("surveys", "SELECT count(*) FROM response") == [(0,)]
        site.night("2026-06-01T22:00:00Z")  # over: fewer than k are deleted
        assert site.sql("surveys", "SELECT count(*) FROM response") == [(0,)]
        assert site.sql("intake", "SELECT count(*) FROM waiting") == [(0,)]
    finally:
        site.close()


def power():
    """The search of bytes has power: in a copy where answers lie in the order of their invitations it finds them"""
    for table, order in (("response", "response"),):
        with sqlite3.connect(f"{ANONYMOUS.folder}/state/surveys.db") as db:
            by_person = {json.loads(r[1])["minutes"]: r for r in ANONYMOUS.responses}
            ordered = sorted((i for i in ANONYMOUS.invitations if ANONYMOUS.author[i[1]] in by_person), key=lambda i: i[0])
            db.execute(f"UPDATE {table} SET {order} = -{order}")
            for number, invitation in enumerate(ordered, 1):
                db.execute("UPDATE response SET response = ? WHERE response = ?", (number, -by_person[ANONYMOUS.author[invitation[1]]][0]))
    left = [i for i in ANONYMOUS.invitations if ANONYMOUS.author[i[1]] in by_person]
    ANONYMOUS.invitations = left
    ANONYMOUS.responses = ANONYMOUS.rows("surveys", "SELECT response, answers, segment, week, invitation FROM response")
    hits = ANONYMOUS.score(ANONYMOUS.by_order(lambda i: i[0], lambda r: r[0]))
    assert hits == len(ANONYMOUS.responses), hits
    return f"{hits} hits of {len(ANONYMOUS.responses)}"


try:
    run([moved, orders, traces, remains, texts, confidential, backups, unreadable, promised, power])
finally:
    SITE.close()
