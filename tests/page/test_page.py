#!/usr/bin/python3
"""The survey page over loopback: what it shows, what it takes, what it refuses, and what changes nothing."""
import contextlib
import hashlib
import html.parser
import os
import re
import shutil
import signal
import socket
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import ANSWERED, OVER, SURVEY, Site, fallzahl, run  # noqa: E402

SITE = Site(60)
GERMAN, ENGLISH = SITE.german(), SITE.english()
FORGED = "0" * 26
GOOD = {"q.satisfaction": "4", "q.recommend": "9", "do": "next", "step": "1"}


class Forms(html.parser.HTMLParser):
    """Links and forms of a page, as a scanner sees them."""

    def __init__(self, text):
        super().__init__()
        self.links, self.forms, self.ids = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.ids += [given["id"]] if "id" in given else []
        if tag in ("a", "link", "img"):
            self.links.append(given.get("href") or given.get("src"))
        if tag == "form":
            self.forms.append((given["action"], []))
        if tag in ("input", "textarea", "button") and self.forms and "name" in given:
            self.forms[-1][1].append((tag, given))


def only_changes(*tables):
    """What a test changed in intake.db since the last call."""
    before, only_changes.state = only_changes.state, SITE.state()
    changed = {name for name in before if before[name] != only_changes.state[name]}
    assert changed == set(tables), f"changed: {changed}"


only_changes.state = SITE.state()


def get_is_inert():
    """GET and HEAD of every kind of address, in any form, change nothing"""
    for token in (GERMAN[0], FORGED, "x", "", GERMAN[0].upper(), "-".join(GERMAN[0])):
        for kind in "aocx":
            for method in ("GET", "HEAD"):
                SITE.request(method, f"/{kind}/{token}")
                SITE.request(method, f"/{kind}/{token}?q.satisfaction=5&do=send")
    only_changes()


def scanner():
    """A scanner that follows every link and submits every form empty, as it stands and without its button changes nothing"""
    seen = 0
    for token in (GERMAN[1], ENGLISH[1], FORGED):
        for start in (f"/a/{token}", f"/o/{token}", f"/c/{token}"):
            page = Forms(SITE.get(start)[2])
            for link in page.links:
                if not link.startswith(("http", "data:")):
                    SITE.get("/" + link.replace("../", ""))
            for action, fields in page.forms:
                path = start.rsplit("/", 1)[0] + "/" + action
                as_it_stands = [(f["name"], f.get("value", "")) for tag, f in fields
                                if tag != "button" and ("checked" in f or f.get("type") not in ("radio", "checkbox"))]
                for body in ([], [(name, "") for name, _ in as_it_stands], as_it_stands, as_it_stands + [("do", "")]):
                    status = SITE.post(path, body)[0]
                    assert status == 422, status
                    seen += 1
                for tag, field in fields:
                    if tag == "button" and start[1] == "a":
                        assert SITE.post(path, as_it_stands + [("do", field["value"])])[0] == 422
                        seen += 1
    only_changes()
    return f"{seen} submissions"


def answers_once():
    """An answer in two steps is stored once, and nothing of it before it is sent; the second time says so and changes nothing"""
    token = GERMAN[2]
    status, _, text = SITE.post(f"/a/{token}", GOOD)
    assert status == 200 and "Antworten senden" in text and "Schritt 2 von 2" in text
    assert "Was war der Grund" not in text  # 9 shows no reason
    only_changes()
    final = {**GOOD, "do": "send", "step": "2", "q.comment": "gut"}
    status, _, text = SITE.post(f"/a/{token}", final)
    assert status == 200 and "Vielen Dank" in text
    only_changes("waiting", "ticket")
    for _ in range(2):
        status, _, text = SITE.post(f"/a/{token}", final)
        assert status == 409 and "Bereits beantwortet" in text
    assert "Bereits beantwortet" in SITE.get(f"/a/{token}")[2]
    only_changes()


def resumes():
    """What was saved half-way is there again at the address that the page had then; who has the link of the invitation sees nothing of it"""
    token = ENGLISH[2]
    untouched = SITE.get(f"/a/{token}")[2]
    status, given, text = SITE.post(f"/a/{token}", {"q.satisfaction": "2", "q.minutes": "17", "do": "save", "step": "1"})
    assert status == 303 and re.fullmatch(token + r"\.[0-9a-z]{26}", given["Location"]) and not text
    only_changes("partial")
    for address in (token, token + "." + FORGED, token + "." + token):  # an outbox has the token, and so has every mail system on the way
        shown = SITE.get(f"/a/{address}")[2]
        assert 'value="17"' not in shown and " checked" not in shown and 'role="status"' in shown
        assert shown.replace(re.search(r'<div class="notice".*?</div>\n', shown, re.S).group(), "") == untouched
    assert "You have saved answers" in SITE.get(f"/a/{token}")[2] and "Nothing is saved" in SITE.get(f"/a/{token}.{FORGED}")[2]
    for address in (token + ".", token + ".x", token + given["Location"][27:], given["Location"] + ".x", "." + token):
        assert SITE.get(f"/a/{address}")[0] == 404, address
    text = SITE.get(f"/a/{given['Location']}")[2]
    assert re.search(r'name="q.satisfaction" value="2"[^>]* checked', text) and 'value="17"' in text and "Saved until" in text
    again = SITE.post(f"/a/{given['Location']}", {"q.satisfaction": "5", "do": "save", "step": "1"})[1]["Location"]
    assert again != given["Location"] and " checked" not in SITE.get(f"/a/{given['Location']}")[2] and " checked" in SITE.get(f"/a/{again}")[2]
    only_changes("partial")
    assert given["Location"][27:].encode() not in b"".join(open(f"{SITE.ws}/state/{name}", "rb").read() for name in os.listdir(f"{SITE.ws}/state") if "intake" in name)
    stored = SITE.sql("intake", "SELECT sealed FROM partial")
    assert len(stored) == 1 and b"satisfaction" not in stored[0][0]
    SITE.post(f"/a/{token}", {"q.satisfaction": "3", "do": "send", "step": "2"})
    assert SITE.sql("intake", "SELECT count(*) FROM partial") == [(0,)]
    only_changes("partial", "waiting", "ticket")


def wrong_answers():
    """A wrong answer is refused with its question named and linked, and what was typed stands there still; nothing is kept"""
    token = ENGLISH[3]
    for fields, named in (({"q.satisfaction": "6"}, "How satisfied are you? This answer is not possible"),
                          ({"q.recommend": "9"}, "How satisfied are you? Please answer"),
                          ({"q.satisfaction": "5", "q.minutes": "a lot"}, "minutes did it take? This answer is not possible"),
                          ({"q.satisfaction": "5", "q.channels": "fax"}, "channels do you use? This answer is not possible"),
                          ({"q.satisfaction": "5", "q.minutes": "601"}, "minutes did it take? This answer is not possible")):
        status, _, text = SITE.post(f"/a/{token}", {**fields, "do": "next", "step": "1"})
        assert status == 422 and named in text, (fields, status)
        page = Forms(text)
        for link in page.links:
            assert not link.startswith("#") or link[1:] in page.ids
        assert text.index('role="alert"') < text.index("<form") and "<title>Please check" in text
    assert 'value="a lot"' in SITE.post(f"/a/{token}", {"q.satisfaction": "5", "q.minutes": "a lot", "do": "next"})[2]
    missing = {"q.satisfaction": "5", "q.recommend": "2", "do": "send", "step": "2"}
    assert "What was the reason? Please answer" in SITE.post(f"/a/{token}", missing)[2]
    assert SITE.post(f"/a/{token}", {**missing, "q.reason": "slow", "q.comment": "x" * 301})[0] == 422
    assert SITE.post(f"/a/{token}", {**GOOD, "q.unknown": "1"})[0] == 400
    assert SITE.post(f"/a/{token}", [("q.satisfaction", "1"), ("q.satisfaction", "2"), ("do", "next")])[0] == 422
    only_changes()


def forged():
    """A forged token gets a friendly page in the reader's language and changes nothing"""
    for kind, fields in (("a", {**GOOD, "do": "send"}), ("o", {"do": "opt_out"}), ("c", {"do": "confirm"})):
        for token in (FORGED, GERMAN[4][:-1] + ("0" if GERMAN[4][-1] != "0" else "4"), "a" * 200, "%00", "..%2f..%2fkeys"):
            assert SITE.post(f"/{kind}/{token}", fields)[0] == 404
    assert "Dieser Link funktioniert nicht" in SITE.get(f"/a/{FORGED}", **{"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"})[2]
    assert "This link does not work" in SITE.get(f"/a/{FORGED}", **{"Accept-Language": "fr, en;q=0.5, de;q=0.3"})[2]
    assert SITE.post(f"/c/{GERMAN[4]}", {"do": "confirm"})[0] == 404  # a token of another kind
    assert "more than a year old" in SITE.get(f"/o/{FORGED}")[2] and "link in a newer message" in SITE.post(f"/o/{FORGED}", {"do": "opt_out"})[2]
    only_changes()


def readable_tokens():
    """A token typed from paper, with capitals, hyphens and O for 0, is the same token"""
    spelled = "-".join(re.findall(".{1,4}", GERMAN[5].upper())).replace("0", "O").replace("1", "I")
    assert "Wie war unser Service?" in SITE.get(f"/a/{spelled}")[2]
    only_changes()


def opts_out():
    """An opt-out needs the button or a mail program's one click; then no answer is taken, and the ledger has it after the night"""
    token, other = GERMAN[6], ENGLISH[6]
    assert "Keine Umfragen mehr?" in SITE.get(f"/o/{token}")[2]
    assert SITE.post(f"/o/{token}", {})[0] == 422
    only_changes()
    assert "Sie erhalten keine Umfragen mehr" in SITE.post(f"/o/{token}", {"do": "opt_out"})[2]
    only_changes("act", "ticket")
    assert SITE.post(f"/o/{other}", {"List-Unsubscribe": "One-Click"})[0] == 200  # RFC 8058, 3.2: may be sent so, and should be as below
    only_changes("act", "ticket")
    parts = '--b1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b1--\r\n'
    assert SITE.request("POST", f"/o/{GERMAN[14]}", parts, {"Content-Type": "multipart/form-data; boundary=b1"})[0] == 200
    only_changes("act", "ticket")
    assert SITE.post(f"/o/{token}", {"do": "opt_out"})[0] == 200
    assert "keine Umfragen mehr" in SITE.post(f"/a/{token}", {**GOOD, "do": "send"})[2]
    only_changes()


def languages():
    """A page speaks the language of the invitation and says so"""
    assert '<html lang="de">' in SITE.get(f"/a/{GERMAN[7]}", **{"Accept-Language": "en"})[2]
    assert '<html lang="en">' in SITE.get(f"/a/{ENGLISH[7]}", **{"Accept-Language": "de"})[2]


class Voices(html.parser.HTMLParser):
    """What a page says in which language."""

    def __init__(self, text):
        super().__init__()
        self.open, self.said = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "link", "input", "img"):
            self.open.append(dict(attributes).get("lang", self.open[-1] if self.open else None))

    def handle_endtag(self, tag):
        self.open.pop()

    def handle_data(self, data):
        if data.strip():
            self.said.setdefault(self.open[-1], []).append(data.strip())


def voices():
    """Texts in another language than the page's own words are marked with it, and only they (WCAG 3.1.2)"""
    french = SURVEY.replace("languages: [de, en]", "languages: [fr, en]").replace("fallback: en", "fallback: fr")
    site = Site(12, survey=french.replace("{de:", "{fr:").replace("    de:", "    fr:").replace("freiwillig", "volontaire"))
    try:
        site.start()
        said = Voices(site.post(f"/a/{site.german()[0]}", {"do": "next", "step": "1", "q.recommend": "3"})[2]).said
        assert set(said) == {"en", "fr"}, said
        assert {"Wie war unser Service?", "Wie zufrieden sind Sie?", "keinesfalls", "unbedingt", "Telefon", "Chat"} <= set(said["fr"]), said["fr"]
        assert {"Next", "Voluntary"} & set(said["en"]) and not any("Sie" in text for text in said["en"]), said["en"]
        assert not any(word in " ".join(said["fr"]) for word in ("Next", "required", "Please", "No answer", "10 =")), said["fr"]
        assert set(Voices(site.get(f"/a/{site.english()[0]}")[2]).said) == {"en"}
    finally:
        site.close()


def headers():
    """Every reply forbids scripts, frames, referrers, caching and indexing, sets no cookie and asks nothing of others"""
    for path in (f"/a/{GERMAN[7]}", f"/a/{FORGED}", f"/o/{GERMAN[7]}", "/", "/style/nordhaus.css", "/logo/nordhaus"):
        _, given, text = SITE.get(path)
        policy = given["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
        assert "script" not in policy and "unsafe" not in policy and "Set-Cookie" not in given
        assert given["Referrer-Policy"] == "no-referrer" and given["X-Content-Type-Options"] == "nosniff"
        assert "noindex" in given["X-Robots-Tag"]
        if "html" in given["Content-Type"]:
            assert given["Cache-Control"] == "no-store" and "<script" not in text and " on" + "click" not in text
            for link in Forms(text).links:
                assert not link.startswith("http") or link.startswith("https://nordhaus.example/")
    assert SITE.get("/logo/velora")[0] == 404 and SITE.get("/style/velora.css")[0] == 200


def being_changed():
    """While the survey's file has mistakes the page shows what it read before; questions that nobody approved are not shown, and without a file there is no page"""
    path = f"{SITE.ws}/surveys/service.yaml"
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for content, status, shown in ((text, 200, "How was our service?"), ("title: [", 200, "How was our service?"),
                                   (text.replace("How was our service?", "How were we?"), 503, "is being revised"), (None, 404, "does not work"),
                                   ("title: [", 404, "does not work"), (text, 200, "How was our service?")):
        if content is None:
            os.unlink(path)
        else:
            SITE.write("surveys/service.yaml", content)
        reply = SITE.get(f"/a/{ENGLISH[7]}", **{"Accept-Language": "en"})
        assert reply[0] == status and shown in reply[2], (content, reply[0])
    only_changes()


def limits():
    """What is too long, of the wrong type or of another method is refused; nothing is kept"""
    path = f"/a/{GERMAN[8]}"
    assert SITE.request("POST", path, "q.satisfaction=5&do=send&x=" + "a" * 70000)[0] == 413
    assert SITE.request("POST", path, '{"q.satisfaction": 5, "do": "send"}', {"Content-Type": "application/json"})[0] == 400
    assert SITE.request("POST", path, "q.satisfaction=%ff&do=send")[0] == 400
    assert SITE.request("POST", path, "q.satisfaction=%4&do=send")[0] == 400
    assert SITE.request("POST", path, "&".join(["q.channels=chat"] * 2000))[0] == 400
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        assert SITE.request(method, path)[0] in (405, 501), method
    assert SITE.get("/" + "a" * 5000)[0] == 404
    chunked = SITE.request("POST", path, iter([b"a" * 40000, b"b" * 40000]))
    assert chunked[0] == 413
    only_changes()


def until_refused(client):
    """How many requests of a client were served, and the refusal of the next, on however slow a machine."""
    for served in range(1000):
        reply = SITE.get(f"/a/{FORGED}", **{"X-Forwarded-For": client(served)})
        if reply[0] == 429:
            return served, reply
        assert reply[0] == 404, reply[0]
    raise AssertionError("never refused")


def rate():
    """A client that asks too often is told to wait; others are not"""
    SITE.stop()
    with open(f"{SITE.ws}/fallzahl.yaml", encoding="utf-8") as file:
        config = file.read()
    SITE.write("fallzahl.yaml", config.replace("requests_per_minute: 1000000", "requests_per_minute: 40"))
    SITE.start()
    served, (_, given, text) = until_refused(lambda i: f"203.0.113.{i % 256}, 198.51.100.7")  # the last entry counts
    assert served >= 10 and given["Retry-After"] == "60" and "try again" in text, served
    assert SITE.get(f"/a/{GERMAN[8]}", **{"X-Forwarded-For": "198.51.100.7, 198.51.100.8"})[0] == 200
    # of two lines the last: the client wrote the first
    sent = (f"GET /a/{GERMAN[8]} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.250\r\nX-Forwarded-For: 198.51.100.7:4711\r\nConnection: close\r\n\r\n")
    until_refused(lambda i: "198.51.100.7")
    with socket.create_connection(("127.0.0.1", SITE.port)) as connection:
        connection.sendall(sent.encode())
        assert b" 429 " in connection.recv(64)
    # a mail provider unsubscribes all its customers from one address, and does not come back
    assert SITE.request("POST", f"/o/{FORGED}", "List-Unsubscribe=One-Click", {"X-Forwarded-For": "198.51.100.7",
                                                                             "Content-Type": "application/x-www-form-urlencoded"})[0] == 404
    # of an IPv6 address the network counts
    assert until_refused(lambda i: f"2001:db8::{i:x}")[0] >= 10
    SITE.stop()
    SITE.write("fallzahl.yaml", config)
    SITE.start(ANSWERED, "--deadline", "1")
    only_changes()


def slow_client():
    """Clients that send a byte now and then are ended at their deadline, and others are served meanwhile"""
    sockets = []
    for _ in range(50):
        connection = socket.create_connection(("127.0.0.1", SITE.port))
        connection.sendall(b"POST /a/x HTTP/1.1\r\nHost: x\r\n")
        sockets.append(connection)
    assert SITE.get(f"/a/{GERMAN[9]}")[0] == 200
    begun = time.monotonic()
    while sockets and time.monotonic() - begun < 10:
        for connection in list(sockets):
            try:
                connection.sendall(b"X: y\r\n")
            except OSError:
                sockets.remove(connection)
                connection.close()
        time.sleep(0.05)
    assert not sockets, f"{len(sockets)} still there"
    only_changes()
    return f"all ended after {time.monotonic() - begun:.1f} s"


def expired():
    """After its time a link says that the survey is over, whoever posts what; an opt-out still works"""
    SITE.stop()
    SITE.start(OVER)
    status, _, text = SITE.post(f"/a/{GERMAN[10]}", {**GOOD, "do": "send"})
    assert status == 410 and "Diese Umfrage ist beendet" in text
    assert SITE.get(f"/a/{ENGLISH[10]}")[0] == 410
    only_changes()
    assert SITE.post(f"/o/{GERMAN[11]}", {"do": "opt_out"})[0] == 200
    only_changes("act", "ticket")
    SITE.stop()


def silent():
    """Nothing of a request is on stdout, on stderr or in a file: no token, no address, no answer"""
    told = SITE.stderr
    assert "event=served" in told
    for token in GERMAN + ENGLISH + ["198.51.100", "q.satisfaction"]:
        assert token not in told
    for folder, _, names in os.walk(SITE.ws):
        for name in names:
            if "outbox" in folder:  # the messages themselves
                continue
            with open(f"{folder}/{name}", "rb") as file:
                content = file.read()
            assert not any(token.encode() in content for token in GERMAN + ENGLISH), name


def alone():
    """While it serves it has intake.db open and no other file of the workspace: no key, no other database"""
    SITE.start()
    SITE.get(f"/a/{GERMAN[13]}")
    opened = {os.path.realpath(f"/proc/{SITE.server.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{SITE.server.pid}/fd")}
    inside = {os.path.relpath(path, os.path.realpath(SITE.ws)) for path in opened if path.startswith(os.path.realpath(SITE.ws))}
    assert inside == {"state/intake.db", "state/intake.db-wal", "state/intake.db-shm"}, inside
    with open(f"/proc/{SITE.server.pid}/maps", encoding="utf-8") as file:
        assert "/keys/" not in file.read()
    SITE.stop()
    for name in ("cases.db", "surveys.db"):  # it starts without them
        os.rename(f"{SITE.ws}/state/{name}", f"{SITE.ws}/{name}")
    os.rename(f"{SITE.ws}/keys", f"{SITE.ws}/nokeys")
    try:
        SITE.start()
        assert SITE.get(f"/a/{GERMAN[13]}")[0] == 200
        SITE.stop()
    finally:
        os.rename(f"{SITE.ws}/nokeys", f"{SITE.ws}/keys")
        for name in ("cases.db", "surveys.db"):
            os.rename(f"{SITE.ws}/{name}", f"{SITE.ws}/state/{name}")
    only_changes()


def confined():
    """Once it listens it can open nothing but intake.db and surveys/, not through a link in that folder either, and gain no privilege"""
    path, elsewhere = f"{SITE.ws}/surveys/service.yaml", f"{SITE.ws}/state/service.yaml"
    SITE.start()
    with open(f"/proc/{SITE.server.pid}/status", encoding="utf-8") as file:
        assert "NoNewPrivs:\t1" in file.read()
    assert "Wie zufrieden sind Sie?" in SITE.get(f"/a/{GERMAN[13]}")[2]
    shutil.copy(path, elsewhere)
    os.rename(path, f"{path}.kept")
    os.symlink(elsewhere, path)
    SITE.stderr = ""
    try:
        shown = "Wie zufrieden sind Sie?" in SITE.get(f"/a/{GERMAN[13]}")[2]
        os.rename(f"{path}.kept", path)
        assert "Wie zufrieden sind Sie?" in SITE.get(f"/a/{GERMAN[13]}")[2]  # and it goes on
        assert SITE.post(f"/a/{GERMAN[13]}", {"q.satisfaction": "4", "do": "save", "step": "1"})[0] == 303
        assert SITE.stop() == 0
        unconfined = "unconfined" in SITE.stderr
        assert shown == unconfined, (shown, SITE.stderr)
    finally:
        os.unlink(elsewhere)
    only_changes("partial")
    return "the kernel has no Landlock" if unconfined else None


def confirms():
    """A double opt-in is confirmed by the button alone, once, and no other link confirms it"""
    token, only_changes.state = "1" * 26, SITE.state()
    with contextlib.closing(sqlite3.connect(f"{SITE.ws}/state/intake.db")) as db, db:
        db.execute("INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at) "
                   "VALUES (?, 'confirm', 'service', 'nordhaus', 0, 'de', '{}', 0, 1800000000)",
                   (hashlib.blake2b(token.encode(), digest_size=32).digest(),))
    only_changes("ticket")
    SITE.start()
    assert "Darf Nordhaus Sie" in SITE.get(f"/c/{token}")[2]
    assert SITE.post(f"/c/{token}", {})[0] == 422 and SITE.post(f"/a/{token}", {**GOOD, "do": "send"})[0] == 404
    only_changes()
    for _ in range(2):
        assert "Bestätigt" in SITE.post(f"/c/{token}", {"do": "confirm"})[2]
    only_changes("act", "ticket")
    assert [kind for kind, in SITE.sql("intake", "SELECT kind FROM act WHERE token_hash = ?", hashlib.blake2b(token.encode(), digest_size=32).digest())] == ["confirm"]
    SITE.stop()


def graceful():
    """Stopped while a request is under way, it finishes that request and exits with 0"""
    SITE.start()
    connection = socket.create_connection(("127.0.0.1", SITE.port))
    body = b"q.satisfaction=1&do=send&step=2"
    connection.sendall(b"POST /a/" + GERMAN[12].encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                       b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body[:5])
    SITE.get(f"/a/{GERMAN[13]}")  # the other is being read by now
    SITE.server.send_signal(signal.SIGTERM)
    connection.sendall(body[5:])
    reply = b""
    while chunk := connection.recv(65536):
        reply += chunk
    assert b"200 OK" in reply and "Vielen Dank".encode() in reply
    assert SITE.stop() == 0
    only_changes("waiting", "ticket")


def night():
    """The night takes opt-outs into the ledger, marks who answered, and leaves fewer than k answers sealed"""
    SITE.night()
    ledger = SITE.sql("surveys", "SELECT kind, origin, count(*) FROM consent_event WHERE kind = 'opt_out' GROUP BY 1, 2")
    assert ledger == [("opt_out", "page", 4)], ledger
    assert SITE.sql("intake", "SELECT count(*) FROM act") == [(0,)]
    assert SITE.sql("surveys", "SELECT count(*) FROM invitation WHERE state = 'answered'") == [(3,)]
    assert SITE.sql("surveys", "SELECT count(*) FROM response") == [(0,)]
    assert SITE.sql("intake", "SELECT count(*) FROM waiting") == [(3,)]
    again = SITE.sql("surveys", "SELECT count(*) FROM consent_event")
    SITE.night()
    assert SITE.sql("surveys", "SELECT count(*) FROM consent_event") == again


def strangers():
    """It refuses an injected clock where no test is, and an intake.db that others can read"""
    os.chmod(f"{SITE.ws}/state/intake.db", 0o644)
    assert fallzahl("-C", SITE.ws, "serve", "--port", "0", "--as-of", ANSWERED, check=False).returncode == 77
    os.chmod(f"{SITE.ws}/state/intake.db", 0o600)
    os.rename(f"{SITE.ws}/state/test", f"{SITE.ws}/state/tested")
    assert fallzahl("-C", SITE.ws, "serve", "--port", "0", "--as-of", ANSWERED, check=False).returncode == 64


SITE.start()
try:
    run([get_is_inert, scanner, answers_once, resumes, wrong_answers, forged, readable_tokens, opts_out, languages, voices, headers, being_changed,
         limits, rate,
         slow_client, expired, silent, alone, confined, graceful, night, confirms, strangers])
finally:
    SITE.close()
