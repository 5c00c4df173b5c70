#!/usr/bin/python3
"""Two foreign readers of mail, Python's and npm's mailparser (its view as JSON lines on standard input), must see the same in every
message. Prints what differs, then "N messages are read alike"."""
import email.policy
import email.utils
import json
import re
import sys
from email.header import decode_header, make_header
from email.parser import BytesParser

count = problems = 0


def addresses(header):
    """As pairs. The policy's own parser keeps the blanks between encoded words of a long name; RFC 2047 (6.2) says they are none."""
    pairs = email.utils.getaddresses([re.sub(r"\r?\n", "", header)])
    return [(address, str(make_header(decode_header(name)))) for name, address in pairs]


for line in sys.stdin:
    other = json.loads(line)
    with open(other["path"], "rb") as file:
        message = BytesParser(policy=email.policy.default).parse(file)
    raw = dict(message.raw_items())
    plain, rich = (part.get_content() for part in message.iter_parts())
    unsubscribe = message["List-Unsubscribe"] and list(re.fullmatch(r"<(\S+)>, *<mailto:(\S+)>", message["List-Unsubscribe"]).groups())
    assert unsubscribe or message["X-Preview"], other["path"]
    pairs = {
        "From": (addresses(raw["From"]), [(one["address"], one["name"]) for one in other["from"]]),
        "To": (addresses(raw["To"]), [(one["address"], one["name"]) for one in other["to"]]),
        "Subject": (str(message["Subject"]), other["subject"]),
        "Date": (message["Date"].datetime.strftime("%Y-%m-%dT%H:%M:%S.000Z"), other["date"]),
        "Message-ID": (message["Message-ID"], other["id"]),
        "List-Unsubscribe": (unsubscribe, other["unsubscribe"]),
        "Auto-Submitted": (message["Auto-Submitted"], other["auto"]),
        "plain text": (plain.replace("\r\n", "\n").strip(), other["text"].replace("\r\n", "\n").strip()),
        "HTML": (rich.replace("\r\n", "\n").strip(), other["html"].replace("\r\n", "\n").strip()),
        "attachments": (0, other["attachments"]),
    }
    count += 1
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            problems += 1
            print(f"{other['path']}: {name} is {ours!r} to Python and {theirs!r} to mailparser")
if not problems:
    print(f"{count} messages are read alike")
sys.exit(problems > 0 or not count)
