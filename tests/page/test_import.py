#!/usr/bin/python3
"""Answers by CSV from form tools and call centres, and the review of free text."""
import contextlib
import csv
import gzip
import hashlib
import io
import json
import os
import sqlite3
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import ANSWERED, OVER, SURVEY, Site, fallzahl, run  # noqa: E402

MAPPED = SURVEY.replace("- {id: satisfaction,", "- {id: satisfaction, column: Wie zufrieden?,").replace("  - id: reason\n", "  - id: reason\n    column: Grund\n") + """
responses: {token: Code, time: Abgegeben, dates: ["D.M.YYYY hh:mm", iso], delimiter: ";", separator: "|"}
"""
SITE = Site(45, survey=MAPPED)
TOKENS = list(SITE.tokens.values())
HEADER = ["Code", "Abgegeben", "Wie zufrieden?", "recommend", "channels", "Grund", "comment", "Telefonnummer"]


def read(rows, name="antworten.csv", header=HEADER, at=ANSWERED, site=None):
    site = site or SITE
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([header, *rows])
    path = f"{site.folder}/{name}"
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    done = fallzahl("-C", site.ws, "survey", "service", "import", path, "--as-of", at, check=False)
    return done, path


def good(token, when="4.2.2026 09:15", score="4"):
    return [token, when, score, "9", "Telefon|chat", "", "", "030 1234567"]


def taken():
    """Columns go by the header, choices by label or id, and columns that are not named are dropped"""
    spelled = "-".join(TOKENS[1].upper()[i:i + 4] for i in range(0, 26, 4))
    done, path = read([good(TOKENS[0]), good(spelled, "2026-02-04T08:00:00Z"),
                       [TOKENS[2], "4.2.2026 10:00", "1", "3", "", "ZU LANGSAM", "Bitte an erika@mail.example oder 030 1234567", "x"]])
    assert done.returncode == 0 and "3 rows: 3 stored, 0 stored before, 0 rejected, 1 columns dropped" in done.stdout, done
    assert not os.path.exists(path)  # it joins answers to invitations
    assert SITE.sql("intake", "SELECT count(*) FROM waiting") == [(3,)]


def twice():
    """A file that is read again changes nothing, nor does another answer of the same invitation"""
    before = SITE.state()
    done, _ = read([good(TOKENS[0]), good(TOKENS[1], score="1")])
    assert done.returncode == 0 and "2 rows: 0 stored, 2 stored before" in done.stdout, done
    assert SITE.state() == before


def rejected():
    """A row that cannot be right goes to quarantine with its reason, the rest is taken, and no cell is in a message"""
    rows = [good(TOKENS[3]), good("zzz"), good("0" * 26), good(TOKENS[4], "31.2.2026 10:00"), good(TOKENS[4], "4.2.2031 10:00"),
            good(TOKENS[4], "4.4.2026 10:00"), good(TOKENS[4], score="6"), good(TOKENS[4], score=""),
            [TOKENS[4], "4.2.2026 10:00", "2", "1", "", "", "", ""], [TOKENS[4], "4.2.2026 10:00", "2", "9", "Brieftaube", "", "", ""],
            good(TOKENS[4])[:5], good(TOKENS[4]) + ["mehr"]]
    done, path = read(rows, at="2026-04-10T12:00:00Z")
    assert done.returncode == 65 and "12 rows: 1 stored, 0 stored before, 11 rejected" in done.stdout, done
    assert not os.path.exists(path)
    for cell in ("zzz", "Brieftaube", "1234567", "2031", TOKENS[4]):
        assert cell not in done.stdout + done.stderr, cell
    name = [entry for entry in os.listdir(f"{SITE.ws}/quarantine") if entry.startswith("antworten")][0]
    with open(f"{SITE.ws}/quarantine/{name}", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file][1:]
    assert all(line["offset"] == 0 for line in lines if "code" in line)
    shown = json.loads(fallzahl("-C", SITE.ws, "quarantine", "show", name, "--json").stdout)
    assert [row["cells"] for row in shown["rows"]] == [[]] * 11, shown  # token and answers stand nowhere together
    seen = [(line["line"], line["column"], line["code"]) for line in lines if "code" in line]
    assert seen == [(3, "Code", "no_value"), (4, "Code", "unknown_value"), (5, "Abgegeben", "bad_date"), (6, "Abgegeben", "in_future"),
                    (7, "Abgegeben", "too_late"), (8, "Wie zufrieden?", "out_of_range"), (9, "Wie zufrieden?", "no_value"),
                    (10, "Grund", "no_value"), (11, "channels", "out_of_range"), (12, "", "missing_cells"), (13, "", "extra_cells")], seen


def whole():
    """A file that cannot be right is rejected whole and stays"""
    before = SITE.state()
    at = "2026-04-11T12:00:00Z"
    done, path = read([good(TOKENS[5])], header=["Kode", *HEADER[1:]], at=at)
    assert done.returncode == 65 and "'Code'" in done.stderr and os.path.exists(path), done
    done, path = read([good(TOKENS[5])], header=["Code", "Abgegeben", *"abcdef"], at=at)
    assert done.returncode == 65 and "no column belongs to a question" in done.stderr
    with open(path, "a", encoding="utf-8") as file:
        file.write(TOKENS[6] + ';"4.2.2026')
    assert fallzahl("-C", SITE.ws, "survey", "service", "import", path, "--as-of", at, check=False).returncode == 65
    os.symlink(path, f"{SITE.folder}/link.csv")  # whoever deleted that would leave what it leads to
    done = fallzahl("-C", SITE.ws, "survey", "service", "import", f"{SITE.folder}/link.csv", "--as-of", at, check=False)
    assert done.returncode == 64 and "is a link" in done.stderr and os.path.lexists(f"{SITE.folder}/link.csv"), done
    assert SITE.state() == before


def out_of_time():
    """What was answered before the invitation was made, and what comes after its disposition was handed over, is rejected"""
    at = "2026-05-19T12:00:00Z"
    done, _ = read([good(TOKENS[8], "1.1.2026 10:00")], at=at, name="frueh.csv")
    assert done.returncode == 65 and "0 stored" in done.stdout, done
    with contextlib.closing(sqlite3.connect(f"{SITE.ws}/state/surveys.db")) as surveys:
        digest = hashlib.blake2b(TOKENS[9].encode(), digest_size=32).digest()
        assert surveys.execute("UPDATE invitation SET handed_over = 1 WHERE token_hash = ?", [digest]).rowcount == 1
        surveys.commit()
    done, _ = read([good(TOKENS[9])], at=at, name="spaet.csv")
    assert done.returncode == 65 and "0 stored" in done.stdout, done
    seen = []
    for name in ("frueh", "spaet"):
        entry = [each for each in os.listdir(f"{SITE.ws}/quarantine") if each.startswith(name)][0]
        with open(f"{SITE.ws}/quarantine/{entry}", encoding="utf-8") as file:
            seen += [(line["column"], line["code"]) for line in map(json.loads, file) if "code" in line]
    assert seen == [("Abgegeben", "bad_date"), ("Code", "too_late")], seen


def late_file():
    """What was answered in time counts, however late the file comes"""
    done, _ = read([good(TOKENS[7])], at="2026-05-20T12:00:00Z")
    assert done.returncode == 0 and "1 stored" in done.stdout, done


def reviewed():
    """Free text is redacted before anybody sees it; a reviewer approves, changes or rejects it; what is rejected is gone"""
    for i, text in enumerate(("Danke!", "=HYPERLINK(1)", "Herr Meyer war toll", "zu langsam", "gut")):
        read([[TOKENS[10 + i], "4.2.2026 10:00", "3", "", "", "", text, ""]], at="2026-05-21T12:00:00Z")
    for token in TOKENS[15:45]:
        read([good(token)], at="2026-05-21T12:00:00Z")
    SITE.night(OVER)
    listed = fallzahl("-C", SITE.ws, "survey", "service", "review", "--as-of", OVER).stdout
    rows = list(csv.DictReader(io.StringIO(listed)))
    texts = {row["redacted"]: row for row in rows}
    assert len(rows) == 6 and "erika" not in listed and "1234567" not in listed, rows
    assert any(text.startswith("Bitte an [") and " oder [" in text for text in texts), texts
    assert "'=HYPERLINK(1)" in texts
    decisions = {"Herr Meyer war toll": ("yes", "Herr [Name] war toll"), "zu langsam": ("no", "zu langsam"), "gut": ("", "gut")}
    path = f"{SITE.folder}/review.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for row in rows:
            row["decision"], row["redacted"] = decisions.get(row["redacted"], ("yes", row["redacted"]))
            writer.writerow(row)
    done = fallzahl("-C", SITE.ws, "survey", "service", "review", path, "--as-of", OVER)
    assert "4 approved, 1 rejected, 1 undecided, 0 decided before" in done.stdout, done
    again = fallzahl("-C", SITE.ws, "survey", "service", "review", path, "--as-of", OVER)
    assert "0 approved, 0 rejected, 1 undecided, 5 decided before" in again.stdout, again
    kept = sorted(text for text, in SITE.sql("surveys", "SELECT redacted FROM free_text WHERE state = 'approved'"))
    assert "=HYPERLINK(1)" in kept and "Herr [Name] war toll" in kept and len(kept) == 4, kept
    with open(f"{SITE.ws}/state/surveys.db", "rb") as file:
        assert b"zu langsam" not in file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write("text,question,redacted,decision\nt00,comment,x,maybe\n")
    assert fallzahl("-C", SITE.ws, "survey", "service", "review", path, "--as-of", OVER, check=False).returncode == 65


def released():
    """Approved texts are released in groups of k or more, in the order of the alphabet, once; fewer wait"""
    folder = f"{SITE.ws}/answers/marketing"
    SITE.night("2026-06-02T12:00:00Z")
    assert not [name for name in os.listdir(folder) if name.startswith("texts-")]  # four are approved
    with sqlite3.connect(f"{SITE.ws}/state/surveys.db") as db:
        db.executemany("INSERT INTO free_text VALUES (?, 'service', 1, 'comment', ?, 'approved', 'eva')", [(i, f"Text {9 - i}") for i in range(1, 7)])
    SITE.night("2026-06-03T12:00:00Z")
    name, = [name for name in os.listdir(folder) if name.startswith("texts-service-")]
    with open(f"{folder}/{name}", encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    assert len(texts) == 10 and texts[-6:] == sorted(texts)[-6:] and "Text 8" in texts, texts
    SITE.night("2026-06-04T12:00:00Z")
    assert len([name for name in os.listdir(folder) if name.startswith("texts-")]) == 1


FOREIGN = Site(12, survey=MAPPED.replace("zu langsam", "zäh und übel"))
OTHERS = list(FOREIGN.tokens.values())


def by_tools():
    """A form tool's own ways: BOM, CP1252 with umlauts in header and labels, a packed file, blank lines, line breaks in a cell"""
    path, at = f"{FOREIGN.folder}/tool.csv", "2026-02-05T18:00:00Z"
    survey = f"{FOREIGN.ws}/surveys/service.yaml"
    with open(survey, encoding="utf-8") as file:
        kept = file.read()

    def take(content, changed=kept):
        with open(path, "wb") as file:
            file.write(content)
        with open(survey, "w", encoding="utf-8") as file:
            file.write(changed)
        done = fallzahl("-C", FOREIGN.ws, "survey", "service", "import", path, "--as-of", at, check=False)
        with open(survey, "w", encoding="utf-8") as file:
            file.write(kept)
        return done

    text = "Code;Abgegeben;Wie zufrieden?;recommend;comment\r\n"
    row = '{};4.2.2026 09:15;5;9;"Zeile eins\r\nZeile zwei; mit Ärger"\r\n'
    done = take(("\ufeff" + text + "\r\n" + row.format(OTHERS[0]) + "\r\n").encode())
    assert done.returncode == 0 and "1 rows: 1 stored" in done.stdout, done
    done = take(gzip.compress((text + row.format(OTHERS[1])).encode()))
    assert done.returncode == 0 and "1 rows: 1 stored" in done.stdout, done
    windows = kept.replace("responses: {", "responses: {encoding: cp1252, ").replace("column: Grund", "column: Gründe")  # no question changes
    content = "Code;Abgegeben;Wie zufrieden?;recommend;Gründe\r\n" + f"{OTHERS[2]};4.2.2026 09:15;2;3;ZÄH UND ÜBEL\r\n"
    done = take(content.encode("cp1252"), windows)
    assert done.returncode == 0 and "1 rows: 1 stored, 0 stored before, 0 rejected" in done.stdout, done
    before = FOREIGN.state()
    done = take(content.encode("cp1252"), windows.replace("encoding: cp1252, ", ""))  # as UTF-8 it cannot be right
    assert done.returncode == 65 and os.path.exists(path), done
    done = take(content.encode(), windows.replace("cp1252", "cp0815"))
    assert done.returncode == 78 and "is no known encoding" in done.stderr, done
    done = take((text.replace("recommend", "Code") + row.format(OTHERS[3])).encode())  # which of the two?
    assert done.returncode == 65 and FOREIGN.state() == before, done
    os.unlink(path)


def strangers():
    """Of one token in a file the first row counts; tokens of another survey, of a confirmation and of who opted out are refused"""
    with sqlite3.connect(f"{FOREIGN.ws}/state/intake.db") as db:
        for token, survey, kind in ((f"{'1' * 26}", "other", "answer"), (f"{'2' * 26}", "service", "confirm")):
            db.execute("INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at) "
                       "VALUES (?, ?, ?, 'nordhaus', 1, 'de', '{}', 1, 1900000000)", (hashlib.blake2b(token.encode(), digest_size=32).digest(), kind, survey))
    FOREIGN.start("2026-02-06T12:00:00Z")
    assert FOREIGN.post(f"/o/{OTHERS[4]}", {"do": "opt_out"})[0] == 200
    FOREIGN.stop()
    before = FOREIGN.sql("intake", "SELECT count(*) FROM waiting")[0][0]
    done, _ = read([good(OTHERS[5]), good(OTHERS[5], score="1"), good("1" * 26), good("2" * 26), good(OTHERS[4])], "fremd.csv", site=FOREIGN, at="2026-02-07T12:00:00Z")
    assert done.returncode == 65 and "5 rows: 1 stored, 1 stored before, 3 rejected" in done.stdout, done
    assert FOREIGN.sql("intake", "SELECT count(*) FROM waiting") == [(before + 1,)]


try:
    run([taken, twice, rejected, whole, out_of_time, late_file, reviewed, released, by_tools, strangers])
finally:
    SITE.close()
    FOREIGN.close()
