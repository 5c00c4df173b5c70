#!/usr/bin/python3
"""Made-up customers answer the demo's survey on its page: answers.py URL, with the messages in mailboxes/. Most answer, some begin, some
want no more surveys, and what is wrong is tried as well: an answer given twice, a forged link, an empty form."""
import email
import email.policy
import glob
import random
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

URL = sys.argv[1].rstrip("/")
LATE = sys.argv[2:] == ["late"]


def links():
    for path in sorted(glob.glob("mailboxes/*.eml")):
        with open(path, "rb") as file:
            mail = email.message_from_binary_file(file, policy=email.policy.default)
        yield re.search(r"/a/([0-9a-z]{26})", mail.get_body(("plain",)).get_content()).group(1)


def post(path, **fields):
    """As the proxy would pass it on, from an address of its own: the page limits the requests of one client."""
    client = f"192.0.2.{random.randrange(256)}, 198.51.{random.randrange(256)}.{random.randrange(256)}"
    request = urllib.request.Request(URL + path, urllib.parse.urlencode(fields).encode(), {"X-Forwarded-For": client})
    try:
        with urllib.request.urlopen(request) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def answer(draw):
    nps = draw.choice((2, 5, 6, 7, 8, 8, 9, 9, 10, 10))
    fields = {"q.satisfaction": draw.choice((1, 2, 3, 4, 4, 5, 5)), "q.effort": draw.randint(2, 7), "q.recommend": nps}
    if nps < 7:
        fields["q.reason"] = draw.choice(("slow", "unsolved", "unfriendly", "other"))
    if draw.random() < 0.2:
        fields["q.comment"] = draw.choice(("Danke", "Bitte schneller antworten", "Rufen Sie mich an: 030 12345678"))
    return fields


def main():
    draw, counts = random.Random(5), {}
    for number, token in enumerate(links()):
        chance = draw.random()
        if LATE:
            kind, status = "late", post(f"/a/{token}", do="send", step=2, **answer(draw))
        elif chance < 0.62:
            kind, status = "answered", post(f"/a/{token}", do="send", step=2, **answer(draw))
            if number % 20 == 0:
                counts["twice: refused"] = counts.get("twice: refused", 0) + (post(f"/a/{token}", do="send", step=2, **answer(draw)) == 409)
        elif chance < 0.70:
            kind, status = "begun", post(f"/a/{token}", do="save", step=1, **{"q.satisfaction": 3})
        elif chance < 0.76:
            kind, status = "no more surveys", post(f"/o/{token}", do="opt_out")
        else:
            kind, status = "empty form", post(f"/a/{token}", do="send", step=2)
        label = kind if status == 200 else f"{kind}: refused"
        counts[label] = counts.get(label, 0) + 1
    counts["forged: refused"] = sum(post(f"/a/{'%026d' % i}", do="send", step=2, **answer(draw)) == 404 for i in range(10))
    print(", ".join(f"{count} {label}" for label, count in sorted(counts.items())), file=sys.stderr)


main()
