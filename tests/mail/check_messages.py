#!/usr/bin/python3
"""Reads messages with Python's own e-mail parser and checks what each must have: RFC 5322 and 2045 syntax, multipart/alternative in plain
text and HTML with the same links, List-Unsubscribe with https and mailto and one click (RFC 8058), Auto-Submitted (RFC 3834), a
VERP return path, no personal data but the address. Prints the problems, then "N messages are right"."""
import email.policy
import re
import sys
from email.parser import BytesParser

problems = 0


def need(path, condition, what):
    global problems
    if not condition:
        problems += 1
        print(f"{path}: {what}")


for path in sys.argv[1:]:
    raw = open(path, "rb").read()
    message = BytesParser(policy=email.policy.default).parsebytes(raw)
    need(path, raw.count(b"\n") == raw.count(b"\r\n"), "a line does not end with CRLF")
    need(path, max(len(line) for line in raw.split(b"\r\n")) <= 998, "a line is too long")
    need(path, all(byte < 128 for byte in raw), "bytes beyond ASCII")
    need(path, not message.defects and not any(part.defects for part in message.walk()), "defects")
    preview = message["X-Preview"] is not None  # for checking: it says so, and its links are nobody's
    unsubscribe = () if preview else ("List-Unsubscribe", "List-Unsubscribe-Post")
    for name in ("From", "To", "Subject", "Date", "Message-Id", "MIME-Version", "Auto-Submitted", "Feedback-ID", "Return-Path", *unsubscribe):
        need(path, len(message.get_all(name, [])) == 1, f"{name} is not there once")
        need(path, not getattr(message[name], "defects", ()), f"{name} has defects")
    need(path, len(message["To"].addresses) == 1 and len(message["From"].addresses) == 1, "not one sender and one recipient")
    need(path, preview or message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", "List-Unsubscribe-Post")
    need(path, not preview or re.match(r"\[(Preview|Vorschau)\] ", message["Subject"]), "a preview without the word in its subject")
    need(path, not preview or message["List-Unsubscribe"] is None, "a preview that offers to unsubscribe")
    need(path, preview or re.fullmatch(r"<https://\S+/o/[0-9a-z]{26}>, *<mailto:unsubscribe\+\S+@\S+>", message["List-Unsubscribe"]), "List-Unsubscribe")
    need(path, message["Auto-Submitted"] == "auto-generated", "Auto-Submitted")
    need(path, re.fullmatch(r"<bounce\+[0-9a-z-]+@\S+>", message["Return-Path"]), "Return-Path")
    need(path, message.get_content_type() == "multipart/alternative", "multipart/alternative")
    kinds = [part.get_content_type() for part in message.iter_parts()]
    need(path, kinds == ["text/plain", "text/html"], f"parts {kinds}")
    need(path, all(part.get_content_charset() == "utf-8" for part in message.iter_parts()), "a body is not UTF-8")
    plain, rich = (part.get_content() for part in message.iter_parts())
    need(path, not preview or re.match("PREVIEW, NOT A SURVEY|VORSCHAU, KEINE UMFRAGE", plain), "a preview that does not say so first")
    links = set(re.findall(r"https://[^\s<>\"']+", plain))
    need(path, links and links <= set(re.findall(r"https://[^\s<>\"']+", rich)), "links differ")
    need(path, any("/a/" in link or "/c/" in link for link in links) and any("/o/" in link for link in links), "no link to answer or to leave")
    need(path, re.search("freiwillig|voluntary", plain), "does not say that it is voluntary")
    need(path, "<script" not in rich and "<img" not in rich, "script or image")
if not problems:
    print(f"{len(sys.argv) - 1} messages are right")
sys.exit(problems > 0)
