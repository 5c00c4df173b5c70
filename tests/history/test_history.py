#!/usr/bin/python3
"""Replays the ledgers of random survey histories and proves of every message that it was allowed. Shares no code with the program: it
reads surveys.db with its own SQL and states the rules in its own words. Speaks TAP. HISTORIES=5000 for more than the usual.

A message may go to an address at an instant only if, by what was written down until then:
 - some opt-in names the brand and the purpose, nothing that ends it was declared at or after it, it is no flag of an export if
   the person ever left before, by whichever address of the channel, no objection of the person was in force when it was given, and with double opt-in it is a click;
 - the person has had fewer messages than the survey's cap within its days, and than the group's within its, whatever survey, channel or
   reminder, and whatever the surveys are called;
 - no other invitation of the person is about the same case, by whatever survey, or in the same wave, by whatever address that is known
   to be the person's, and reminders go by the first of them;
 - the person is not held out;
 - no hard bounce or complaint of the address is there;
 - the plan was approved and not halted.
What was taken back before it left counts for nothing.
"""
import json
import os
import random
import sqlite3
import subprocess
import sys

DAY = 86400
LEAVING = ("opt_out", "objection")


class People:
    """Addresses by person at an instant: the player tells whose each is, and when which persons turned out to be one."""

    def __init__(self, told):
        self.addresses, self.links = told["address_of"], told["linked"]

    def at(self, instant, address):
        same = {p for p, a in self.addresses if a == address}
        grown = True
        while grown:
            more = {p for when, *pair in self.links if when <= instant and same & set(pair) for p in pair}
            grown = not more <= same
            same |= more
        return {a for p, a in self.addresses if p in same}


def has_consent(events, person, recipient, rule, at):
    known = [e for e in events if e["recorded_at"] <= at and e["occurred_at"] <= at
             and e["controller"] in (rule["controller"], "*") and e["purpose"] in (rule["purpose"], "*")]
    objections = [e for e in known if e["recipient"] in person and e["kind"] == "objection"]
    withdrawals = [e["occurred_at"] for e in known if e["recipient"] in person and e["kind"] == "objection_withdrawn"]
    leaves = [e["occurred_at"] for e in known if e["recipient"] in person and e["kind"] in LEAVING] # all are of one channel
    for given in known:
        if given["recipient"] != recipient or given["kind"] != "opt_in":
            continue
        when = given["occurred_at"]
        if rule["double"] and given["origin"] != "page":
            continue
        if any(left >= when for left in leaves):
            continue
        if given["origin"] == "case" and any(left < when for left in leaves):
            continue
        if any(o["occurred_at"] < when and not any(o["occurred_at"] < w <= when for w in withdrawals) for o in objections):
            continue
        return True
    return False


def violations(db, told, people):
    db.row_factory = sqlite3.Row
    events = [dict(r) for r in db.execute("SELECT * FROM consent_event")]
    rules, group, outbox = told["surveys"], told["group"], told["outbox"]
    bounces = list(db.execute("SELECT recipient, kind, occurred_at FROM bounce"))
    sendings = [dict(r) for r in db.execute(
        "SELECT s.file_name, s.number, s.reserved_at, s.state, i.survey, i.case_hash, i.recipient, i.expires_at, p.approved_at, p.halted_at, p.plan"
        " FROM sending s JOIN invitation i USING (invitation) JOIN survey_plan p USING (plan) ORDER BY s.reserved_at")]
    held_out = {(r["plan"], r["recipient"]) for r in db.execute("SELECT plan, recipient FROM plan_recipient WHERE holdout = 1")}
    left = [s for s in sendings if s["state"] != "pulled"]
    firsts = [s for s in left if s["number"] == 0]
    found = []
    for s in sendings:
        rule, at, person = rules[s["survey"]], s["reserved_at"], people.at(s["reserved_at"], s["recipient"])
        if not has_consent(events, person, s["recipient"], rule, at):
            found.append("consent")
        for name, cap in ("cap", rule), ("group's cap", group):
            before = [o for o in left if o is not s and o["recipient"] in person and at - cap["days"] * DAY < o["reserved_at"] < at]
            if len(before) >= cap["cap"]:
                found.append(name)
        elsewhere = [o for o in firsts if o["recipient"] in person and (o["survey"], o["recipient"]) != (s["survey"], s["recipient"])]
        mine = next((o for o in sendings if o["number"] == 0 and (o["survey"], o["recipient"]) == (s["survey"], s["recipient"])), s)
        if any(o["case_hash"] == s["case_hash"] and o["reserved_at"] < mine["reserved_at"] for o in elsewhere):
            found.append("case")
        if any(o["survey"] == s["survey"] and o["reserved_at"] < mine["reserved_at"] for o in elsewhere):
            found.append("wave")
        if any((s["plan"], r) in held_out for r in person):
            found.append("holdout")
        if any(b["recipient"] == s["recipient"] and b["kind"] in ("hard", "complaint") and b["occurred_at"] <= at for b in bounces):
            found.append("bounce")
        if not s["approved_at"] or s["approved_at"] > at:
            found.append("approval")
        if s["halted_at"] and s["halted_at"] < at and s["number"] == 0:
            found.append("halt")
        if s["number"] > rule["reminders"] or at >= s["expires_at"]:
            found.append("reminder")
        earlier = [o["reserved_at"] for o in sendings if (o["survey"], o["recipient"]) == (s["survey"], s["recipient"]) and o["number"] == s["number"] - 1]
        if s["number"] and (not earlier or at - earlier[0] < rule["gap"] * DAY):
            found.append("gap")
        places = [f for f in ("", "sent/", "pulled/") if os.path.exists(f"{outbox}/{f}{s['file_name']}.eml")]
        if len(places) != 1:
            found.append(f"places {places}")
    if len({(s["survey"], s["recipient"], s["number"]) for s in sendings}) != len(sendings):
        found.append("twice")
    names = {f for folder in ("", "/sent", "/pulled") if os.path.isdir(outbox + folder) for f in os.listdir(outbox + folder) if f.endswith(".eml")}
    if names != {s["file_name"] + ".eml" for s in sendings}:
        found.append("a message without a reservation")
    return found, sendings


def others(survey, recipient, at, case):
    """Four more messages to the recipient just before, each by another survey."""
    return [f"INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision)"
            f" SELECT 1000 + value, plan, 'other' || value, wave, recipient, {case}, randomblob(32), key_epoch, {at} - value, expires_at, state, decision"
            f" FROM invitation, json_each('[1,2,3,4]') WHERE recipient = {recipient} AND survey = '{survey}'",
            f"INSERT INTO sending (invitation, number, file_name, reserved_at, state) SELECT 1000 + value, 0, 'x' || value, {at} - value, 'sent' FROM json_each('[1,2,3,4]')"]


def seeded_faults(told):
    """Breaks each rule in a copy of the ledgers: the verifier has to see it."""
    db, rules = sqlite3.connect(told["db"]), told["surveys"]
    at, recipient, survey = db.execute("SELECT s.reserved_at, recipient, survey FROM sending s JOIN invitation USING (invitation) LIMIT 1").fetchone()
    faults = {
        "consent": [f"DELETE FROM consent_event WHERE recipient = {recipient} AND kind = 'opt_in'"],
        "cap": others(survey, recipient, at, "randomblob(16)"),
        "group's cap": others(survey, recipient, at, "randomblob(16)"),
        "case": others(survey, recipient, at - 400 * DAY, "case_hash"),
        "bounce": [f"INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES ({recipient}, 'hard', {at}, x'99')"],
        "holdout": [f"UPDATE plan_recipient SET holdout = 1 WHERE recipient = {recipient}"],
        "approval": ["UPDATE survey_plan SET approved_at = NULL"],
    }
    told = dict(told, surveys=dict(rules, **{f"other{i}": rules[survey] for i in (1, 2, 3, 4)}))
    missed = []
    for name, statements in faults.items():
        copy = sqlite3.connect(":memory:")
        db.backup(copy)
        for statement in statements:
            copy.execute(statement)
        if name not in violations(copy, told, People(told))[0]:
            missed.append(name)
    one = dict(told, linked=[[0, 1, person] for person, _ in told["address_of"]]) # all are one person
    found, sendings = violations(db, one, People(one))
    firsts = [(s["survey"], s["reserved_at"]) for s in sendings if s["number"] == 0 and s["state"] != "pulled"]
    if len(set(firsts)) > len({survey for survey, _ in firsts}) and "wave" not in found:
        missed.append("wave")
    db.close()
    return missed


def main():
    program = os.path.join(os.path.dirname(os.environ.get("FALLZAHL", "build/release/fallzahl")), "history", "play")
    count, seed = int(os.environ.get("HISTORIES", "300")), int(os.environ.get("SEED", "1"))
    player = subprocess.Popen([program, str(seed), str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ, TMPDIR="/dev/shm"))
    bad, sent, reminded, refused, unseen, played = [], 0, 0, 0, [], 0
    for line in player.stdout:
        told = json.loads(line)
        db = sqlite3.connect(told["db"])
        found, sendings = violations(db, told, People(told))
        db.close()
        if found:
            bad.append((seed + played, found))
        if sendings and played % 10 == 0:
            unseen += seeded_faults(told)
        sent += len(sendings)
        reminded += sum(1 for s in sendings if s["number"])
        played += 1
        player.stdin.write("\n")
        player.stdin.flush()
    player.stdin.close()
    good = player.wait() == 0 and played == count
    print("1..3")
    print("ok 1" if good and not bad else "not ok 1", f"- {played} histories, {sent} messages ({reminded} reminders): each was allowed", bad[:5] or "")
    print("ok 2" if sent > 2 * count and reminded > count // 20 else "not ok 2", "- the histories hold messages and reminders")
    print("ok 3" if not unseen else "not ok 3", "- rules broken on purpose are seen", sorted(set(unseen)) or "")
    return 0 if good and not bad and not unseen else 1


sys.exit(main())
