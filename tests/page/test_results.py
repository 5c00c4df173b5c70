#!/usr/bin/python3
"""From answers on the page to published results: through cube, protection and ledger, with the numbers recomputed here from what
was answered, by the published formulas."""
import csv
import math
import os
import random
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import CONFIG, Site, fallzahl, run  # noqa: E402

SOURCES = """  answers:
    files: "answers-service-*.csv"
    expect: none
    personal_data: none
    person: none
    case_id: response
    closed_at: week
    dimensions:
      answered: {date: closed_at, as: month}
      wave: {column: wave}
      channel: {column: channel}
      recommend: {column: recommend, hierarchy: nps.csv, levels: [group, recommend]}
      satisfaction: {column: satisfaction, hierarchy: csat.csv, levels: [satisfied, satisfaction]}
    measures:
      minutes: {column: minutes, range: [0, 600], decimals: 0, unit: minutes}
  dispositions:
    files: "dispositions-service-*.csv"
    expect: none
    personal_data: none
    person: none
    case_id: invitation
    closed_at: week
    dimensions:
      ended: {date: closed_at, as: month}
      wave: {column: wave}
      channel: {column: channel}
      disposition: {column: disposition, allow: [complete, partial, refusal, unreachable, no_reply]}
tables:
  recommend: {source: answers, period: answered, by: [channel, recommend], survey: {kind: nps, answer: recommend, population: channels}}
  satisfied: {source: answers, period: answered, by: [channel, satisfaction], survey: {kind: csat, answer: satisfaction, population: channels}}
  minutes: {source: answers, period: answered, by: [channel], measures: {minutes: [mean, sd]}, survey: {kind: mean, answer: minutes}}
  rates: {source: dispositions, period: ended, by: [disposition], survey: {kind: disposition, answer: disposition}}
"""
PEOPLE = 420
Z = 1.959963984540054


def configure(site):
    config = CONFIG.replace("tables:\n", SOURCES, 1).replace("  channels: {", "  channels: {source: cases, ")
    site.write("fallzahl.yaml", config)
    site.write("nps.csv", "child,parent\n" + "".join(f"{i},{'promoter' if i > 8 else 'passive' if i > 6 else 'detractor'}\n" for i in range(11)))
    site.write("csat.csv", "child,parent\n" + "".join(f"{i},{'satisfied' if i > 3 else 'other'}\n" for i in range(1, 6)))


def answer(draw, person):
    """Those who phone are less content."""
    phone = person % 3 == 0
    nps = draw.choice((2, 5, 6, 7, 8, 9, 10)) if phone else draw.choice((5, 7, 8, 9, 9, 10, 10))
    fields = {"q.satisfaction": draw.choice((1, 2, 4, 5)) if phone else draw.choice((2, 4, 5, 5)), "q.recommend": nps,
              "q.minutes": draw.randint(5, 60), "do": "send", "step": "2"}
    return {**fields, "q.reason": "slow"} if nps <= 6 else fields


def live():
    """Of 420 people 300 answer, 40 begin, 20 opt out, one comes late and one is a forger."""
    site, draw, given = Site(PEOPLE), random.Random(11), {}
    configure(site)
    people = draw.sample(sorted(site.tokens), 360)
    site.start()
    for person in people[:300]:
        given[person] = answer(draw, person)
        assert site.post(f"/a/{site.tokens[person]}", given[person])[0] == 200
    for person in people[300:340]:
        assert site.post(f"/a/{site.tokens[person]}", {"q.satisfaction": "3", "do": "save"})[0] == 303
    for person in people[340:]:
        site.post(f"/o/{site.tokens[person]}", {"do": "opt_out"})
    assert site.post(f"/a/{'0' * 26}", given[people[0]])[0] == 404
    site.stop()
    site.night("2026-02-05T22:00:00Z")
    site.start("2026-03-20T12:00:00Z")
    assert site.post(f"/a/{[t for p, t in site.tokens.items() if p not in people][0]}", given[people[0]])[0] == 410
    site.stop()
    site.night("2026-03-20T22:00:00Z")
    site.night("2026-04-20T22:00:00Z")
    return site, given


SITE, GIVEN = live()


def table(name, folder="surveys"):
    with open(f"{SITE.ws}/published/latest/{folder}/{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def groups():
    """What should be published: the total and each channel."""
    yield "(total)", list(GIVEN.items())
    for channel in ("chat", "phone"):
        yield channel, [(p, a) for p, a in GIVEN.items() if (p % 3 == 0) == (channel == "phone")]


def near(row, **expected):
    for name, value in expected.items():
        assert abs(float(row[name]) - value) < 6e-5, (name, row[name], value)


def nps_of(answers):
    scores = [a["q.recommend"] for _, a in answers]
    return sum(s >= 9 for s in scores), sum(s <= 6 for s in scores), len(scores)


def nps():
    """NPS of the total and of each group, with the adjusted Wald interval"""
    rows = {row["channel"]: row for row in table("recommend")}
    assert set(rows) == {"(total)", "chat", "phone"}, rows
    for channel, answers in groups():
        good, bad, n = nps_of(answers)
        p, d, m = good + .75, bad + .75, n + 3
        half = Z * math.sqrt((p + d - (p - d) ** 2 / m) / m ** 2)
        near(rows[channel], answers=n, score=(good - bad) / n, score_low=(p - d) / m - half, score_high=(p - d) / m + half)


def groups_differ():
    """A group is compared with the rest, and p values are adjusted over the table"""
    rows = {row["channel"]: row for row in table("recommend")}
    sizes = {channel: nps_of(answers) for channel, answers in groups()}
    (g, b, n), (h, c, m) = sizes["phone"], sizes["chat"]
    first, second = (g - b) / n, (h - c) / m
    variance = ((g + b) / n - first ** 2) / n + ((h + c) / m - second ** 2) / m
    p = math.erfc(abs(first - second) / math.sqrt(variance) / math.sqrt(2))
    near(rows["phone"], rest=first - second)
    near(rows["chat"], rest=second - first)
    assert abs(float(rows["phone"]["rest_p"]) - max(p, 1e-6)) < 1e-6 and rows["phone"]["rest_p_adjusted"] == rows["chat"]["rest_p"]


def findings():
    """What stands out is among the findings in words, with the score and that of the rest as answered"""
    with open(f"{SITE.ws}/published/latest/findings.csv", encoding="utf-8", newline="") as file:
        said = {(row["table"], row["group"]): row for row in csv.DictReader(file) if row["kind"] == "score_group"}
    assert set(said) == {(name, f"channel {channel}") for name in ("recommend", "satisfied") for channel in ("chat", "phone")}, set(said)
    row, by_channel = said["recommend", "channel phone"], dict(list(groups())[1:])
    for name, channel in (("value", "phone"), ("reference", "chat")):
        scores = [int(a["q.recommend"]) for _, a in by_channel[channel]]
        assert abs(float(row[name]) - (sum(s > 8 for s in scores) - sum(s < 7 for s in scores)) / len(scores)) < 6e-5, row
    assert "is lower than that of the rest" in row["english"] and "ist niedriger als bei den übrigen" in row["german"], row


def satisfied():
    """CSAT as the share of 4 and 5 with the Wilson interval"""
    rows = {row["channel"]: row for row in table("satisfied")}
    for channel, answers in groups():
        n, x = len(answers), sum(a["q.satisfaction"] >= 4 for _, a in answers)
        middle, half = x + Z * Z / 2, Z * math.sqrt(x * (n - x) / n + Z * Z / 4)
        near(rows[channel], answers=n, score=x / n, score_low=(middle - half) / (n + Z * Z), score_high=(middle + half) / (n + Z * Z))


def weighted():
    """The total weighted to the channels of the cases: with one margin that is post-stratification"""
    row = [row for row in table("recommend") if row["channel"] == "(total)"][0]
    population = {"phone": PEOPLE // 3, "chat": PEOPLE - PEOPLE // 3}
    sizes = {channel: nps_of(answers) for channel, answers in groups()}
    score = sum(population[c] / PEOPLE * (sizes[c][0] - sizes[c][1]) / sizes[c][2] for c in population)
    weights = {c: population[c] / sizes[c][2] for c in population}
    effective = PEOPLE ** 2 / sum(weights[c] ** 2 * sizes[c][2] for c in population)
    near(row, weighted=score, design_effect=len(GIVEN) / effective)
    assert abs(float(row["effective_answers"]) - effective) < 0.06 and row["note"] == "", row


def means():
    """A mean with its interval"""
    rows = {row["channel"]: row for row in table("minutes")}
    for channel, answers in groups():
        values = [a["q.minutes"] for _, a in answers]
        mean = sum(values) / len(values)
        assert abs(float(rows[channel]["score"]) - mean) < 0.06, (rows[channel], mean)


def rates():
    """Dispositions and response rates as AAPOR defines them; begun answers are counted and never used"""
    row, = table("rates")
    near(row, invitations=420, complete=300, partial=40, refusal=20, unreachable=0, no_reply=60, rr1=300 / 420, rr2=340 / 420, rr5=300 / 360,
         rr6=340 / 360, coop1=300 / 360, coop2=340 / 360, ref1=20 / 420, ref3=20 / 360, con1=360 / 420, con3=1)
    assert row["warning"] == ""


def gate():
    """Distributions are released tables: all is in the ledger, and the outsider's audit finds nothing unsafe"""
    answers = table("recommend", "tables")
    assert {row["group"] for row in answers} >= {"(total)", "promoter", "detractor"}
    with open(f"{SITE.ws}/published/latest/datapackage.json", encoding="utf-8") as file:
        assert "surveys/recommend.csv" in file.read()
    audit = fallzahl("audit", f"{SITE.ws}/published/latest", check=False)
    assert audit.returncode == 0, audit
    assert SITE.sql("releases", "SELECT count(*) FROM table_version WHERE name IN ('recommend', 'satisfied', 'minutes', 'rates')") == [(4,)]


def published(text):
    """Splits the answer to `results` into its head and the files that it shows."""
    head, *files = text.split("\n== ")
    return head, {name: body for name, body in (part.split("\n\n", 1) for part in files)}


def ask():
    """`results`, asked for on the command line or by marketing's request, shows the published files as they are and nothing else"""
    head, files = published(fallzahl("-C", SITE.ws, "survey", "service", "results").stdout)
    assert set(files) == {f"surveys/{name}.csv" for name in ("recommend", "satisfied", "minutes", "rates")}, set(files)
    for name, text in files.items():
        with open(f"{SITE.ws}/published/latest/{name}", encoding="utf-8") as file:
            assert text.strip("\n") == file.read().replace("\r\n", "\n").strip("\n"), name
    assert re.search(r"^answered: 300$", head, re.M) and re.search(r"^release: 2026-04-21$", head, re.M), head
    assert all(int(size) % 10 == 0 for size in re.findall(r"^(?:[a-z]+): (\d+)$", head, re.M)), head
    SITE.write("requests/marketing/ask.yaml", "do: results\nsurvey: service\n")
    fallzahl("-C", SITE.ws, "requests", "--quiet", "--as-of", "2026-04-21T10:00:00Z")
    with open(f"{SITE.ws}/answers/marketing/ask.answer.txt", encoding="utf-8") as file:
        assert published(file.read())[1].keys() == files.keys()


def early():
    """Before anything is published `results` says so and shows no answer, no exact size and no other survey's or source's table"""
    site = Site(40)
    try:
        configure(site)
        site.start()
        for person in range(1, 14):
            site.post(f"/a/{site.tokens[person]}", {"q.satisfaction": "2", "q.minutes": "417", "do": "send", "step": "2"})
        site.stop()
        site.night("2026-02-05T22:00:00Z")
        text = fallzahl("-C", site.ws, "survey", "service", "results").stdout
        assert "results: none is published yet" in text and "417" not in text and "==" not in text, text
        assert re.search(r"^answered: (10|<10)$", text, re.M) and not re.search(r"\b13\b", text), text
        site.night("2026-03-04T22:00:00Z")  # the cases' own table is published, which is no result of a survey
        assert os.path.exists(f"{site.ws}/published/latest/tables/channels.csv")
        assert "==" not in fallzahl("-C", site.ws, "survey", "service", "results").stdout
        site.write("surveys/other.yaml", open(f"{site.ws}/surveys/service.yaml", encoding="utf-8").read())
        assert "==" not in fallzahl("-C", site.ws, "survey", "other", "results").stdout
    finally:
        site.close()


def extremes():
    """Answers of which none is passive, weighted: their parts are never rounded to more than the whole, and the night goes on"""
    site = Site(200)
    try:
        configure(site)
        chat, phone = [p for p in site.tokens if p % 3], [p for p in site.tokens if p % 3 == 0]
        site.start("2026-02-05T09:00:00Z")
        for people, promoters, count in ((chat, 30, 71), (phone, 15, 30)):
            for i, person in enumerate(people[:count]):
                fields = {"q.recommend": "9"} if i < promoters else {"q.recommend": "5", "q.reason": "slow"}
                assert site.post(f"/a/{site.tokens[person]}", {"q.satisfaction": "4", **fields, "do": "send", "step": "2"})[0] == 200
        site.stop()
        site.night("2026-03-10T22:00:00Z")  # nobody can answer any more
        site.night("2026-04-10T22:00:00Z")
        for name, score in (("recommend", (45 - 56) / 101), ("satisfied", 1)):
            with open(f"{site.ws}/published/latest/surveys/{name}.csv", encoding="utf-8", newline="") as file:
                total = [row for row in csv.DictReader(file) if row["channel"] == "(total)"][0]
            near(total, score=score)
            assert abs(float(total["weighted"]) - score) < 0.01 and float(total["weighted_low"]) < score, total
    finally:
        site.close()


try:
    run([nps, groups_differ, findings, satisfied, weighted, means, rates, gate, ask, early, extremes])
finally:
    SITE.close()
