#!/usr/bin/python3
"""Compares what is read out of returned mail with flufl.bounce (GNU Mailman's detectors) and Sisimai, on test messages that others made:
flufl.bounce's, npm's baunsu's and libsisimai-perl's (of its source package). `make deps-check` installs what is to be had of them.

bounces.py PROGRAM: speaks TAP. Where flufl finds a permanent failure we must find a bounce; where it finds none we must not suppress the
address. What Sisimai gives as the reason must be of our kind.
"""
import email
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SHARE_MIN = 0.97  # of messages of which both say something

# What Sisimai's reasons come to here. `filtered` (some reason after RCPT), `onhold` and `undefined` say too little to be compared.
KIND_OF_REASON = {
    "userunknown": "hard", "hostunknown": "hard", "hasmoved": "hard", "suspend": "hard",
    "mailboxfull": "full",
    "vacation": "auto-reply",
    "feedback": "complaint",
} | dict.fromkeys((
    "blocked", "contenterror", "exceedlimit", "expired", "mailererror", "mesgtoobig", "networkerror", "norelaying", "notaccept",
    "policyviolation", "rejected", "securityerror", "spamdetected", "speeding", "syntaxerror", "systemerror", "systemfull", "toomanyconn",
    "virusdetected"), "soft")

# Where we differ and are right, looked at one by one.
KNOWN = {
    "simple_43.txt": "flufl does not read 'not a valid user of the system'",
}

results = []


def report(good, text, detail=""):
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} - {text}", detail or "")


def skip(text, why):
    results.append(True)
    print(f"ok {len(results)} - {text} # skip {why}")


def count(pairs):
    counts = {}
    for pair in pairs:
        counts[pair] = counts.get(pair, 0) + 1
    return sorted(counts.items())


def compare_with_flufl(name, files, ours):
    missed, wrong, pairs = [], [], []
    for path in files:
        with open(path, "rb") as source:
            temporary, permanent = all_failures(email.message_from_binary_file(source))
        theirs = "permanent" if permanent else "temporary" if temporary else "none"
        pairs.append((theirs, ours[path]))
        if theirs != "none" and ours[path] == "none":
            missed.append(os.path.basename(path))
        if theirs != "permanent" and ours[path] in ("hard", "complaint") and os.path.basename(path) not in KNOWN:
            wrong.append(os.path.basename(path))
    for (theirs, kind), number in count(pairs):
        print(f"# {name}: flufl {theirs}, here {kind}: {number}")
    report(len(missed) <= (1 - SHARE_MIN) * len(files), f"{name}: {len(files)} messages, {len(missed)} bounces not seen that flufl sees", missed)
    return wrong


def reasons_of(files):
    command = ["perl", os.path.join(HERE, "sisimai.pl"), *files]
    out = subprocess.run(command, check=True, capture_output=True, text=True, errors="replace").stdout
    return {line.split("\t")[0]: set(line.split("\t")[1].split(",")) - {""} for line in out.splitlines()}


def compare_with_sisimai(name, files, ours):
    differ, pairs, agree = [], [], 0
    for path, reasons in reasons_of(files).items():
        kinds = {KIND_OF_REASON[reason] for reason in reasons if reason in KIND_OF_REASON}
        if not kinds or reasons - set(KIND_OF_REASON):
            continue
        agree += ours[path] in kinds
        pairs.append((",".join(sorted(reasons)), ours[path]))
        if ours[path] not in kinds and os.path.basename(path) not in KNOWN:
            differ.append(f"{os.path.basename(path)}: {','.join(reasons)}, here {ours[path]}")
    for (theirs, kind), number in count(pairs):
        print(f"# {name}: Sisimai {theirs}, here {kind}: {number}")
    report(len(differ) <= (1 - SHARE_MIN) * len(pairs), f"{name}: {agree} of {len(pairs)} messages are of the kind that Sisimai's reason means", differ)


def corpora():
    flufl = os.path.join(os.path.dirname(flufl_bounce.__file__), "tests", "data", "*.txt") if flufl_bounce else "/nowhere/*"
    yield "flufl.bounce", sorted(glob.glob(flufl)), 50
    yield "baunsu", sorted(glob.glob("build/npm/node_modules/baunsu/tests/emails/*.txt")), 10
    yield "libsisimai-perl", sorted(glob.glob("build/sisimai/*/set-of-emails/maildir/**/*.eml", recursive=True)), 100


try:
    import flufl.bounce as flufl_bounce
    from flufl.bounce import all_failures
except ImportError:
    flufl_bounce = None
has_sisimai = subprocess.run(["perl", "-MSisimai", "-e1"], capture_output=True, check=False).returncode == 0

for name, files, least in corpora():
    if len(files) < least:
        skip(f"{name}: returned mail", f"NO test messages of {name} are installed: not compared")
        continue
    out = subprocess.run([sys.argv[1], *files], check=True, capture_output=True, text=True, errors="replace").stdout
    ours = {line.split("\t")[0]: line.split("\t")[1] for line in out.splitlines()}
    if flufl_bounce:
        wrong = compare_with_flufl(name, files, ours)
        if name == "flufl.bounce":
            report(not wrong, "nobody is suppressed for what flufl does not take for permanent", wrong)
    if has_sisimai:
        compare_with_sisimai(name, files, ours)
    else:
        skip(f"{name}: Sisimai", "NO libsisimai-perl: kinds are not compared")
print(f"1..{len(results)}")
sys.exit(0 if all(results) else 1)
