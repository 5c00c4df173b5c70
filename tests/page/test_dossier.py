#!/usr/bin/python3
"""Art. 15: one person is put into every table that can hold something on a person; the dossier tells of each. Which tables these are, and
where the dossier tells of them, the schema says itself (core/sql, "Access"); a table that does not say it fails."""
import glob
import json
import os
import re
import sqlite3
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import ANSWERED, Site, fallzahl, run  # noqa: E402

SQL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../core/sql")
PERSON = "p1@mail.example"
SENT_LATER = "2026-02-04T10:00:00Z"


def tables():
    """(database, table, where the dossier tells of it or None) of the whole schema."""
    for path in sorted(glob.glob(f"{SQL}/*/*.sql")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for comment, table in re.findall(r"((?:^--.*\n)+)CREATE TABLE (\w+)", text, re.M):
            access = re.search(r"^-- Access: (?:`([a-z_.]+)`|none: \w+)", comment, re.M)
            assert access or "no personal data" in comment, f"{table}: nothing is said of its place in the access"
            yield path.split("/")[-2], table, access and access[1]


def change(site, database, *statements):
    with sqlite3.connect(f"{site.ws}/state/{database}.db") as db:
        for statement in statements:
            db.execute(statement)


def told(held, place):
    """What the dossier says there, of all recipients together."""
    found = [held["data"]]
    for name in place.split("."):
        found = [part for value in found for part in (value if isinstance(value, list) else [value]) if name in part]
        found = [part[name] for part in found]
    return [part for part in found if part not in ([], {}, "", None)]


def everywhere():
    """A site whose person 1 is in every table; what no command puts there for one person alone is written by hand."""
    site = Site(3, "confidential")
    with open(f"{site.ws}/fallzahl.yaml", encoding="utf-8") as file:
        config = file.read().replace("    case_id: id\n", "    case_id: id\n    keep_input_days: 9\n    max_rejects: {percent: 90}\n")
    site.write("fallzahl.yaml", config)
    site.write("cases-2.csv", "id,closed,brand,customer,email,may_ask,language,channel\n"
               f"11,2026-02-02,nordhaus,K1,{PERSON},yes,de,chat\n12,never,nordhaus,K1,{PERSON},yes,de,chat\n")
    site.write("subjects.csv", "event,controller,kind,identifier,contact,channel,purpose,occurred_at\n"
               f"e1,,recording_consent_withdrawn,{PERSON},,,,2026-01-01\ne2,,hold,{PERSON},,,court case,2026-01-01\n"
               f"e3,,bounce,{PERSON},{PERSON},email,soft,2026-01-01\n")
    fallzahl("-C", site.ws, "subjects", "--quiet", "--as-of", SENT_LATER, f"{site.ws}/subjects.csv")
    fallzahl("-C", site.ws, "ingest", "--quiet", "--as-of", SENT_LATER, f"{site.ws}/cases-2.csv", check=False)
    site.start()
    token = site.tokens[1]
    assert site.post(f"/a/{token}", {"q.satisfaction": "5", "do": "send", "step": "2"})[0] == 200
    site.post(f"/o/{token}", {"do": "opt_out"})
    site.stop()
    person = "(SELECT recipient FROM invitation JOIN recipient USING (recipient) WHERE token_hash = x'%s')" % site.sql(
        "intake", "SELECT hex(token_hash) FROM act")[0][0]
    mine = f"(SELECT invitation FROM invitation WHERE recipient = {person})"
    change(site, "surveys",
           "INSERT INTO disclosure VALUES (1, 1, 'callhouse', 'service', 'address, language', 1, 'f', x'00', 1, 1, NULL)",
           f"UPDATE sending SET disclosure = 1 WHERE invitation = {mine}",
           f"INSERT INTO response (response, survey, wave, week, segment, answers, invitation) VALUES (7, 'service', 1, 7, '', '{{}}', {mine})",
           "INSERT INTO confirmation (confirmation, recipient, controller, survey, wave, language, event, token_hash, key_epoch, file_name,"
           f" reserved_at, expires_at, state) VALUES (9, {person}, 'nordhaus', 'service', 1, 'de', 1, x'09', 1, 'c9', 1, 2, 'sent')")
    change(site, "intake", "INSERT INTO partial SELECT token_hash, x'00' FROM ticket WHERE opted_out = 1")
    change(site, "cases", "INSERT INTO person_check SELECT person FROM identifier LIMIT 1")
    return site



def every_table():
    """Art. 15: of whatever table holds something on a person the dossier tells"""
    site = everywhere()
    try:
        held = json.loads(fallzahl("-C", site.ws, "person", "export", PERSON, "--as-of", ANSWERED).stdout)
        asked = 0
        for database, table, place in tables():
            if place is None:
                continue
            assert site.sql(database, f"SELECT count(*) FROM {table}")[0][0], f"nobody is in {table}: the test puts nobody there"
            assert told(held, place), f"{table}: the dossier says nothing at {place}: {json.dumps(held)}"
            asked += 1
        assert told(held, "cases.closed") == ["2026-02-01", "2026-02-02"], held["data"]["cases"]
        assert {entry["file"].split(".")[-1] for entry in held["data"]["quarantine"]} and len(held["data"]["quarantine"]) >= 2, held
        assert told(held, "recipients.messages.vendor") == ["callhouse"]
        assert json.loads(told(held, "recipients.waiting.answers")[0])["satisfaction"] == 5, told(held, "recipients.waiting")
        assert told(held, "recipients.links.begun") == [True] and told(held, "recipients.clicks.kind") == ["opt_out"]
        assert told(held, "claims.known_kinds") == ["email, id:customer"], held["data"]["claims"]
        other = json.loads(fallzahl("-C", site.ws, "person", "export", "p2@mail.example", "--as-of", ANSWERED).stdout)
        for place in ("claims", "holds", "recipients.bounces", "recipients.waiting", "recipients.clicks", "recipients.confirmations"):
            assert not told(other, place), (place, other)
        return f"{asked} tables"
    finally:
        site.close()


def in_words():
    """Every name that the dossier uses has plain words in both languages"""
    site = everywhere()
    try:
        keys, configured = set(), set()

        def collect(value):
            for name, part in value.items() if isinstance(value, dict) else ():
                if name == "values":
                    configured.update(part)
                else:
                    keys.add(name)
                    collect(part)
            for part in value if isinstance(value, list) else ():
                collect(part)

        collect(json.loads(fallzahl("-C", site.ws, "person", "export", PERSON, "--as-of", ANSWERED).stdout)["data"])
        for language in ("en", "de"):
            text = fallzahl("-C", site.ws, "person", "show", PERSON, "--language", language, "--as-of", ANSWERED).stdout
            names = {line.strip().split(":")[0] for line in text.splitlines()}
            raw = {name for name in keys & names if "_" in name or (language == "de" and name not in ("text",))}
            assert not raw - {"answers"} - configured, (language, raw)
    finally:
        site.close()


run([every_table, in_words])
