"""A workspace whose survey was planned, approved and sent to made-up customers, and its page: what the page's tests share."""
import contextlib
import email
import email.policy
import glob
import http.client
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
import urllib.parse

sys.dont_write_bytecode = True
FALLZAHL = os.path.abspath(os.environ.get("FALLZAHL", "build/release/fallzahl"))
SENT = "2026-02-03T10:00:00Z"      # when the invitations leave
ANSWERED = "2026-02-05T12:00:00Z"  # the page's clock
OVER = "2026-06-01T12:00:00Z"

CONFIG = """version: 1
timezone: Europe/Berlin
controllers: [nordhaus, velora]
page:
  requests_per_minute: 1000000
  brands:
    nordhaus: {name: Nordhaus, colour: "#0b5d4b", logo: nordhaus.svg, imprint: "https://nordhaus.example/imprint"}
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    controller: brand
    identifiers: {customer: {column: customer, kind: id}, email: {column: email, kind: email}}
    opt_in:
      email: {column: may_ask, values: [yes], address: email, text_version: "2025-1"}
    contact: {language: language}
    dimensions:
      month: {date: closed_at, as: month}
      channel: {column: channel, allow: [chat, phone]}
tables:
  channels: {title: Channels, period: month, by: [channel]}
"""

LOGO = """<svg xmlns="http://www.w3.org/2000/svg" width="160" height="48" viewBox="0 0 160 48"><rect width="160" height="48" rx="8" fill="#0b5d4b"/>
<path d="M16 36V12l16 24V12M48 12v24M60 36l10-24 10 24M92 12v24h14" stroke="#fff" stroke-width="4" fill="none"/></svg>
"""

SURVEY = """version: 1
title: {de: Wie war unser Service?, en: How was our service?}
controller: nordhaus
source: cases
channel: email
transport: spool
anonymity: ANONYMITY
languages: [de, en]
fallback: en
closed_within_days: 21
segments: [channel]
cap: {invitations: 2, days: 90}
quiet: {from: "00:00", to: "00:00"}
expires_days: 30
ends: 2026-05-31
four_eyes: false
sender: {name: Nordhaus Kundenservice, address: service@nordhaus.example}
privacy_notice: https://nordhaus.example/privacy
page: https://survey.nordhaus.example/
message:
  subject: {de: Eine Frage, en: A question}
  body:
    de: "Die Teilnahme ist freiwillig: {link} Datenschutz: {privacy_notice} Abmelden: {opt_out_link}"
    en: "Taking part is voluntary: {link} Privacy: {privacy_notice} Stop: {opt_out_link}"
questions:
  - {id: satisfaction, type: csat, required: true, text: {de: Wie zufrieden sind Sie?, en: How satisfied are you?}, low: {de: sehr unzufrieden, en: very dissatisfied}, high: {de: sehr zufrieden, en: very satisfied}}
  - {id: recommend, type: nps, text: {de: Würden Sie uns weiterempfehlen?, en: Would you recommend us?}, low: {de: keinesfalls, en: not at all}, high: {de: unbedingt, en: certainly}}
  - id: channels
    type: multiple
    text: {de: Welche Wege nutzen Sie?, en: Which channels do you use?}
    choices: [{id: phone, label: {de: Telefon, en: Phone}}, {id: chat, label: {de: Chat, en: Chat}}]
  - {id: minutes, type: number, range: [0, 600], text: {de: Wie viele Minuten hat es gedauert?, en: How many minutes did it take?}}
  - id: reason
    type: single
    required: true
    show_if: {question: recommend, is: [0, 1, 2, 3, 4, 5, 6]}
    text: {de: Was war der Grund?, en: What was the reason?}
    choices: [{id: slow, label: {de: zu langsam, en: too slow}}, {id: other, label: {de: etwas anderes, en: something else}}]
  - {id: comment, type: text, max_length: 300, text: {de: Was sollten wir besser machen?, en: What should we do better?}}
"""


def fallzahl(*arguments, check=True):
    done = subprocess.run([FALLZAHL, *map(str, arguments)], capture_output=True, text=True)
    if check and done.returncode:
        raise AssertionError(f"fallzahl {' '.join(map(str, arguments))}: {done.returncode} {done.stderr}")
    return done


class Site:
    def __init__(self, customers, anonymity="anonymous", survey=None):
        self.folder = tempfile.mkdtemp(prefix="fallzahl-page.")
        self.ws = f"{self.folder}/w"
        self.server = None
        self.stderr = ""
        fallzahl("init", self.ws, "--test", "--quiet")
        self.write("nordhaus.svg", LOGO)
        self.write("fallzahl.yaml", CONFIG)
        self.write("surveys/service.yaml", (survey or SURVEY).replace("ANONYMITY", anonymity))
        rows = ["id,closed,brand,customer,email,may_ask,language,channel"]
        rows += [f"{i},2026-02-01,nordhaus,K{i},p{i}@mail.example,yes,{'de' if i % 2 else 'en'},{'chat' if i % 3 else 'phone'}"
                 for i in range(1, customers + 1)]
        self.write("inbox/cases-1.csv", "\n".join(rows) + "\n")
        fallzahl("-C", self.ws, "ingest", "--quiet", "--as-of", SENT, f"{self.ws}/inbox/cases-1.csv")
        plan = fallzahl("-C", self.ws, "survey", "service", "plan", "--as-of", SENT).stdout
        digest = re.search(r"\b[0-9a-f]{16,64}\b", plan).group()
        fallzahl("-C", self.ws, "survey", "service", "approve", digest, "--as-of", SENT)
        fallzahl("-C", self.ws, "survey", "service", "send", "--as-of", SENT)
        self.tokens = dict(sorted(self.read_mails()))  # customer number: token

    def write(self, name, text):
        with open(f"{self.ws}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def read_mails(self):
        for path in glob.glob(f"{self.ws}/outbox/*.eml"):
            with open(path, "rb") as file:
                mail = email.message_from_binary_file(file, policy=email.policy.default)
            text = mail.get_body(("plain",)).get_content()
            yield int(re.match(r"p(\d+)@", mail["To"]).group(1)), re.search(r"/a/([0-9a-z]{26})", text).group(1)

    def german(self):
        return [token for number, token in self.tokens.items() if number % 2]

    def english(self):
        return [token for number, token in self.tokens.items() if number % 2 == 0]

    def start(self, at=ANSWERED, *options, runner=()):
        self.server = subprocess.Popen([*runner, FALLZAHL, "-C", self.ws, "serve", "--port", "0", "--as-of", at, *options],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.server.stdout.readline()
        if not line:
            raise AssertionError("serve: " + self.server.stderr.read())
        self.port = int(re.search(r":(\d+)/", line).group(1))
        return self

    def stop(self, how=signal.SIGTERM):
        if self.server:
            self.server.send_signal(how)
            out, err = self.server.communicate(timeout=30)
            self.stderr += out + err
            status, self.server = self.server.returncode, None
            return status
        return None

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            given = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
            try:
                connection.request(method, path, body, {**given, **(headers or {})})
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all of it was sent
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode("utf-8")
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, None, headers)

    def post(self, path, fields):
        pairs = fields.items() if isinstance(fields, dict) else fields
        return self.request("POST", path, urllib.parse.urlencode(list(pairs)))

    def night(self, at=ANSWERED):
        return fallzahl("-C", self.ws, "run", "--quiet", "--as-of", at)

    def sql(self, database, query, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.ws}/state/{database}.db?mode=ro", uri=True)) as db:
            return db.execute(query, values).fetchall()

    def state(self):
        """Everything that the page may change."""
        return {table: sorted(self.sql("intake", f"SELECT * FROM {table}"), key=repr)
                for table in ("ticket", "partial", "waiting", "act", "seal")}

    def close(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder)


def run(tests):
    """Runs functions as TAP; a test's name is its docstring."""
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            note = test()
            print(f"ok {number} - {test.__doc__}" + (f" # {note}" if note else ""), flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {test.__doc__}")
            print("\n".join("# " + line for line in traceback.format_exc().splitlines()), flush=True)
    print(f"1..{len(tests)}")
    sys.exit(failed > 0)
