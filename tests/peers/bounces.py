#!/usr/bin/python3
"""Compares what is read out of returned mail with flufl.bounce (GNU Mailman's detectors), on flufl.bounce's own test messages.

bounces.py PROGRAM: speaks TAP. For each message: where flufl finds a permanent failure we must find a bounce, where it finds only a
temporary one we must not suppress the address, and where it finds none we must not either.
"""
import email
import glob
import os
import subprocess
import sys

try:
    import flufl.bounce
    from flufl.bounce import all_failures
except ImportError:
    print("1..1\nok 1 returned mail # skip NO python3-flufl.bounce: detectors are not compared")
    sys.exit(0)

folder = os.path.join(os.path.dirname(flufl.bounce.__file__), "tests", "data")
files = sorted(glob.glob(folder + "/*.txt"))
if len(files) < 50:
    print("1..1\nok 1 returned mail # skip NO test messages in python3-flufl.bounce")
    sys.exit(0)
out = subprocess.run([sys.argv[1], *files], check=True, capture_output=True, text=True, errors="replace").stdout
ours = {line.split("\t")[0]: line.split("\t")[1] for line in out.splitlines()}

# Where we differ and are right, looked at one by one.
known = {
    "simple_43.txt",  # "not a valid user of the system", which flufl does not read
}
missed, wrong, counts = [], [], {}
for path in files:
    with open(path, "rb") as source:
        temporary, permanent = all_failures(email.message_from_binary_file(source))
    kind = ours[path]
    name = os.path.basename(path)
    key = ("permanent" if permanent else "temporary" if temporary else "none", kind)
    counts[key] = counts.get(key, 0) + 1
    if (permanent or temporary) and kind == "none" and name not in known:
        missed.append((name, key[0]))
    if not permanent and kind in ("hard", "complaint") and name not in known:
        wrong.append((name, key[0], kind))
for (theirs, kind), count in sorted(counts.items()):
    print(f"# flufl: {theirs}, here: {kind}: {count} messages")
print("1..2")
share = len(missed) / len(files)
print("ok 1" if share <= 0.03 else "not ok 1", f"- {len(files)} messages: {len(missed)} bounces not seen", missed or "")
print("ok 2" if not wrong else "not ok 2", f"- nobody is suppressed for what flufl does not take for permanent", wrong or "")
sys.exit(0 if share <= 0.03 and not wrong else 1)
