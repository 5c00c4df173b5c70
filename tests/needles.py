"""needles.py take WORKSPACE PERSON FILE: writes down by what traces a person of tests/cli/survey_workspace.bash can be found: the address, the
sealed contact, the token of the request to confirm and its hash, the names of messages.
needles.py find WORKSPACE FILE: prints the kinds of those traces that lie in any byte of any file, write-ahead logs, free pages and all."""
import hashlib, json, os, re, sqlite3, sys

def message_token(workspace, name):
    for folder in ("", "sent/"):
        path = f"{workspace}/outbox/{folder}{name}.eml"
        if os.path.exists(path):
            with open(path, encoding="ascii") as file:
                text = file.read().replace("=\n", "").replace("=\r\n", "")
            found = re.search("/[ac]/([0-9a-z]{26})", text)
            if found:
                return found[1]

def take(workspace, person, to):
    address = f"{person}@mail.example"
    db = sqlite3.connect(f"file:{workspace}/state/surveys.db?mode=ro", uri=True)
    needles = {"address": [address.encode().hex(), address.encode("utf-16-le").hex()]}
    for name, recipient in db.execute("SELECT file_name, recipient FROM confirmation"):
        with_it = [p for p in (f"{workspace}/outbox/{f}{name}.eml" for f in ("", "sent/")) if os.path.exists(p)]
        if not with_it or address not in open(with_it[0], encoding="ascii").read():
            continue
        token = message_token(workspace, name)
        needles |= {"name": [name.encode().hex()], "token": [token.encode().hex()],
                    "hash": [hashlib.blake2b(token.encode(), digest_size=32).hexdigest()],
                    "sealed": [row[0].hex() for row in db.execute("SELECT sealed FROM contact WHERE recipient = ?", [recipient])]}
    assert len(needles) == 5 and all(needles.values()), needles
    with open(to, "w", encoding="ascii") as file:
        json.dump(needles, file)

def find(workspace, path):
    with open(path, encoding="ascii") as file:
        needles = json.load(file)
    content = b""
    for folder, _, names in os.walk(workspace):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                content += file.read() + b"\n"
    print(*sorted(kind for kind, of in needles.items() if any(bytes.fromhex(needle) in content for needle in of)))

{"take": take, "find": find}[sys.argv[1]](*sys.argv[2:])
