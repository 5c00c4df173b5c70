#!/usr/bin/python3
"""Invited against held-out people, from a plan by lot to a published comparison: who came again is counted here from the made-up
cases and by the published formulas. Whose case has left the store is in neither group, and nothing of it can be linked afterwards."""
import csv
import math
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import CONFIG, SURVEY, Site, fallzahl, run  # noqa: E402

SOURCE = """  comparison:
    files: "holdout-service-*.csv"
    expect: none
    personal_data: none
    person: none
    case_id: member
    closed_at: week
    dimensions:
      ended: {date: closed_at, as: month}
      wave: {column: wave}
      group: {column: group, allow: [invited, held_out]}
      again: {column: again, allow: [yes, no]}
tables:
  again: {source: comparison, period: ended, by: [group, again], survey: {kind: holdout, answer: again, group: group}}
"""
HEADER = "id,closed,brand,customer,email,may_ask,language,channel\n"
PEOPLE, GONE = 600, 30  # the last ones object


def case(number, person, day):
    return f"{number},{day},nordhaus,K{person},p{person}@mail.example,yes,de,{'chat' if person % 3 else 'phone'}\n"


def again(person):
    """Of the invited every second comes again, of the others every fourth."""
    return person % 2 == 0 if person in SITE.tokens else person % 4 == 0


def live():
    site = Site(PEOPLE, survey=SURVEY.replace("segments:", "holdout_percent: 40\nsegments:"))
    site.write("fallzahl.yaml", CONFIG.replace("tables:\n", SOURCE, 1).replace("  channels: {", "  channels: {source: cases, "))
    site.write("objections.csv", "event,kind,identifier,occurred_at\n" + "".join(f"e{p},objection,p{p}@mail.example,2026-03-01\n" for p in range(PEOPLE - GONE + 1, PEOPLE + 1)))
    return site


SITE = live()


def later(site):
    """Cases of the weeks after: in time, too late, and of a stranger."""
    rows = [case(10000 + p, p, "2026-02-20") for p in range(1, PEOPLE + 1) if again(p)]
    rows += [case(20000 + p, p, "2026-03-10") for p in range(1, PEOPLE + 1) if not again(p)]
    rows += [case(30000, 99999, "2026-02-21")]
    site.write("inbox/cases-2.csv", HEADER + "".join(rows))
    site.write("inbox/cases-2.csv.ok", "")


def handed_over():
    return SITE.sql("surveys", "SELECT count(*), sum(compared), count(comparison) FROM plan_recipient")[0]


def too_early():
    """Nothing is compared before the time is over and later cases have been read"""
    SITE.night("2026-03-11T22:00:00Z")
    assert handed_over()[1:] == (0, 0)


def counted():
    """Everybody who was planned is counted once, and nothing leads from the row to the person"""
    later(SITE)
    fallzahl("-C", SITE.ws, "subjects", "--quiet", "--as-of", "2026-03-12T12:00:00Z", f"{SITE.ws}/objections.csv")
    SITE.night("2026-03-12T22:00:00Z")
    SITE.night("2026-03-13T22:00:00Z")
    rows, compared, numbers = handed_over()
    assert rows == compared and numbers == 0 and SITE.sql("cases", "SELECT count(*) FROM case_comparison") == [(PEOPLE - GONE,)], handed_over()
    SITE.night("2026-03-14T22:00:00Z")
    assert SITE.sql("cases", "SELECT count(*) FROM case_comparison") == [(PEOPLE - GONE,)]


def expected(people):
    invited = [p for p in people if p in SITE.tokens]
    others = [p for p in people if p not in SITE.tokens]
    return sum(map(again, invited)), len(invited), sum(map(again, others)), len(others)


def published():
    """Both shares, the difference and its p are published"""
    SITE.night("2026-04-20T22:00:00Z")
    with open(f"{SITE.ws}/published/latest/surveys/again.csv", encoding="utf-8", newline="") as file:
        row, = csv.DictReader(file)
    a, n, b, m = expected(range(1, PEOPLE - GONE + 1))
    pooled = (a + b) / (n + m)
    p = math.erfc(abs(a / n - b / m) / math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)) / math.sqrt(2))
    assert (int(row["invited"]), int(row["held_out"])) == (n, m), (row, n, m)
    assert abs(float(row["invited_share"]) - a / n) < 6e-5 and abs(float(row["difference"]) - (a / n - b / m)) < 6e-5, (row, a, n, b, m)
    assert abs(float(row["p"]) - max(p, 1e-6)) < 1e-6, (row, p)


def in_words():
    """The difference is a finding, in both languages; the outsider's audit finds nothing unsafe"""
    with open(f"{SITE.ws}/published/latest/findings.csv", encoding="utf-8", newline="") as file:
        finding, = [row for row in csv.DictReader(file) if row["kind"] == "holdout"]
    assert "of those who were invited" in finding["english"] and "Von den Eingeladenen" in finding["german"], finding
    assert fallzahl("audit", f"{SITE.ws}/published/latest", check=False).returncode == 0


try:
    run([too_early, counted, published, in_words])
finally:
    SITE.close()
