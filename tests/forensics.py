"""forensics.py FOLDER KEYS KIND=VALUE...: which traces of these identifiers and case numbers lie in any byte of any file below
FOLDER: write-ahead logs, free pages and all. Prints a line per trace found: NAME KIND=VALUE. The keyed hashes are made here, by
Python's BLAKE2b (RFC 7693), not by the program.

  pseudonym  under any analytics key    case  under the key of case numbers
  register   under the objection key: of who claimed a right it is meant to be there
  text       in clear (UTF-8, UTF-16, hexadecimal)"""
import hashlib, os, re, sys

def key_files(keys):
    for name in sorted(os.listdir(keys)):
        purpose, _, epoch = name.partition(".")
        with open(os.path.join(keys, name), encoding="ascii") as file:
            yield purpose, bytes.fromhex(file.read().strip())

def keyed(key, domain, text):
    return hashlib.blake2b(domain.encode() + b"\0" + text.encode(), key=key, digest_size=16).digest()

def traces(keys, kind, value):
    for purpose, key in keys:
        if kind.startswith("case:"):
            if purpose == "cases":
                yield "case", keyed(key, kind, value)
        elif purpose == "analytics":
            yield "pseudonym", keyed(key, kind, value)
        elif purpose == "objection":
            yield "register", keyed(key, kind, value)
    if len(value) >= 8:
        for raw in (value.encode(), value.upper().encode(), value.encode("utf-16-le"), value.encode().hex().encode()):
            yield "text", raw

folder, keys, wanted = sys.argv[1], list(key_files(sys.argv[2])), [argument.split("=", 1) for argument in sys.argv[3:]]
content = b""
for path, _, names in os.walk(folder):
    for name in names:
        if os.path.relpath(os.path.join(path, name), folder).startswith("keys"):
            continue
        with open(os.path.join(path, name), "rb") as file:
            content += file.read() + b"\n"
for kind, value in wanted:
    for name in sorted({name for name, needle in traces(keys, kind, value) if needle in content}):
        print(name, f"{kind}={value}")
