#!/usr/bin/python3
"""Whoever edits the survey's file while the page runs, and then has every file, singles no anonymous answer out by the questions it answers."""
import json
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import ANSWERED, OVER, Site, fallzahl, run  # noqa: E402

K = 10
LATER = "2026-02-06T12:00:00Z"
SITE = Site(90)
CHAT = [token for number, token in sorted(SITE.tokens.items()) if number % 3]  # one segment
GOOD = {"q.satisfaction": "4", "do": "send", "step": "2"}
FILE = f"{SITE.ws}/surveys/service.yaml"
with open(FILE, encoding="utf-8") as source:
    FIRST = source.read()
UNIQUE = FIRST.replace("{id: minutes,", "{id: minutes_of_one,")
TRAP = FIRST.replace("{id: comment, type: text, max_length: 300,", "{id: comment, type: single, choices: [{id: a, label: {de: a, en: a}}, {id: b, label: {de: b, en: b}}],")


def edit(text):
    SITE.write("surveys/service.yaml", text)


def approve(at):
    """Planned, approved and sent again, as whoever edits the file may do without four eyes."""
    plan = fallzahl("-C", SITE.ws, "survey", "service", "plan", "--as-of", at).stdout
    fallzahl("-C", SITE.ws, "survey", "service", "approve", re.search(r"\b[0-9a-f]{16,64}\b", plan).group(), "--as-of", at)
    fallzahl("-C", SITE.ws, "survey", "service", "send", "--as-of", at)


def answer(token, **fields):
    return SITE.post(f"/a/{token}", {**GOOD, **{f"q.{name}": value for name, value in fields.items()}})


def stored():
    return SITE.sql("intake", "SELECT count(*) FROM waiting")[0][0], SITE.sql("surveys", "SELECT count(*) FROM response")[0][0]


def unapproved():
    """An answer to questions that nobody approved is not taken, be it one question's id, a label or the title that was edited"""
    SITE.start()
    for token in CHAT[:K - 1]:
        assert answer(token, minutes="7")[0] == 200
    before = SITE.state()
    for text in (UNIQUE, FIRST.replace("sehr zufrieden", "sehr froh"), FIRST.replace("Wie war unser Service?", "Wie war es?"),
                 FIRST.replace("id: other", "id: others")):
        assert text != FIRST
        edit(text)
        for status, _, shown in (answer(CHAT[K]), SITE.post(f"/a/{CHAT[K]}", {**GOOD, "do": "save"}), SITE.get(f"/a/{CHAT[K]}")):
            assert status == 503 and ("being revised" in shown or "überarbeitet" in shown), (status, shown)
        assert SITE.post(f"/o/{CHAT[K]}", {})[0] == 422  # who wants out gets out
    assert SITE.state() == before
    edit(FIRST)
    assert SITE.get(f"/a/{CHAT[K]}")[0] == 200


def imported():
    """A CSV of answers to questions that nobody approved is not read, and stays"""
    path, before = f"{SITE.folder}/answers.csv", SITE.state()
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"token,satisfaction,minutes_of_one\n{CHAT[K]},4,7\n")
    edit(UNIQUE)
    done = fallzahl("-C", SITE.ws, "survey", "service", "import", path, "--as-of", LATER, check=False)
    edit(FIRST)
    assert done.returncode == 64 and "not those that were approved" in done.stderr and os.path.exists(path), done
    assert SITE.state() == before


def outdated():
    """Whoever still has the old questions on the screen when new ones are approved is asked to load them, and nothing is stored"""
    shown = SITE.get(f"/a/{CHAT[K]}")[2]
    old = {"questions": re.search(r'name="questions" value="([0-9a-f]+)"', shown).group(1)}
    edit(UNIQUE)
    approve(LATER)
    before = SITE.state()
    status, _, text = SITE.post(f"/a/{CHAT[K]}", {**GOOD, **old})
    assert status == 409 and ("have changed" in text or "geändert" in text), (status, text)
    assert SITE.state() == before
    new = {"questions": re.search(r'name="questions" value="([0-9a-f]+)"', SITE.get(f"/a/{CHAT[K]}")[2]).group(1)}
    assert new != old and SITE.post(f"/a/{CHAT[K]}", {**GOOD, **new, "q.minutes_of_one": "9"})[0] == 200


def apart():
    """Answers to old and to new questions are in no batch together: they wait apart, k of each, and so do those to a question of another type"""
    assert stored() == (K, 0)
    for token in CHAT[K + 1:2 * K]:
        assert answer(token, minutes_of_one="9")[0] == 200
    edit(FIRST)
    approve("2026-02-07T12:00:00Z")
    assert answer(CHAT[2 * K], comment="Ruft an: erika@mail.example")[0] == 200  # with those that waited there are k
    for count, text, at in ((K - 2, FIRST.replace("id: minutes,", "id: minutes_again,"), "2026-02-08T12:00:00Z"), (K - 3, TRAP, "2026-02-09T12:00:00Z")):
        edit(text)
        approve(at)
        for _ in range(count):
            apart.next += 1
            assert answer(CHAT[apart.next])[0] == 200
    SITE.stop()
    SITE.night("2026-02-10T12:00:00Z")
    assert stored() == (4 * K - 5, 0), stored()


def moved():
    """When nobody can answer any more, what k or more answered alike goes; free text that was given before its question changed is redacted and kept apart"""
    SITE.night("2026-03-20T12:00:00Z")
    assert stored() == (2 * K - 5, 2 * K), stored()
    answers = [json.loads(answers) for answers, in SITE.sql("surveys", "SELECT answers FROM response")]
    assert sum("minutes" in given for given in answers) == K - 1 and sum("minutes_of_one" in given for given in answers) == K, answers
    assert not any("comment" in given for given in answers), answers
    assert [text for text, in SITE.sql("surveys", "SELECT redacted FROM free_text")] == ["Ruft an: [e-mail]"]


def the_end():
    """When the survey is over, fewer than k answers to the same questions are deleted, however many answer others"""
    SITE.night(OVER)
    assert stored() == (0, 2 * K), stored()
    assert SITE.sql("surveys", "SELECT discarded FROM response_discarded") == [(2 * K - 5,)]


apart.next = 2 * K
try:
    run([unapproved, imported, outdated, apart, moved, the_end])
finally:
    SITE.close()
