#!/usr/bin/python3
"""The survey page in a headless Chromium: phone and desktop, German and English, by keyboard alone, resumed, twice, expired, forged,
spent, opted out; axe-core finds nothing serious. Part of `make check`; FALLZAHL_SHOTS names a folder for screenshots, AXE the
file axe.min.js."""
import glob
import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser  # noqa: E402
from survey_site import ANSWERED, OVER, Site, run  # noqa: E402

AXE = os.environ.get("AXE") or next(iter(glob.glob("build/npm/node_modules/axe-core/axe.min.js")), "")
SHOTS = os.environ.get("FALLZAHL_SHOTS")
PHONE, DESKTOP = (360, 740), (1280, 900)

if not (shutil.which("chromium") and shutil.which("chromedriver") and os.path.exists(AXE)):
    print("ok 1 - the page in a browser # skip chromium, chromedriver or axe-core is missing: see 'make deps-check'")
    print("1..1")
    sys.exit(0)

SITE = Site(40)
GERMAN, ENGLISH = SITE.german(), SITE.english()
BROWSERS = {}


def browser(size):
    if size not in BROWSERS:
        BROWSERS[size] = Browser(*size)
    return BROWSERS[size]


def url(kind, token):
    return f"http://127.0.0.1:{SITE.port}/{kind}/{token}"


def judge(window, name, size):
    """axe-core's verdict, no sideways scrolling, targets that a thumb meets, and a picture."""
    with open(AXE, encoding="utf-8") as file:
        window.script(file.read())
    found = window.call("POST", "/execute/async", {"script": "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', "
                                                   "'wcag21aa', 'wcag22aa', 'best-practice']}).then(r => done(r.violations), e => done([{id: String(e), nodes: [], impact: 'x'}]))",
                                                   "args": []})
    assert not found, [(v["id"], v["impact"], [n["html"][:120] for n in v["nodes"]]) for v in found]
    assert window.script("return document.documentElement.scrollWidth <= window.innerWidth"), "scrolls sideways"
    small = window.script("return [...document.querySelectorAll('label:has(input), button, footer a, .errors a')].filter(e => { const r = "
                          "e.getBoundingClientRect(); return r.height < 24 || r.width < 24 }).map(e => e.outerHTML.slice(0, 80))")
    assert not small, small
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
        window.screenshot(f"{SHOTS}/{name}-{size[0]}.png")


def answered(size, tokens, words, shot):
    """One person answers: sees an error first, corrects it, goes back and forth, sends."""
    window = browser(size)
    window.open(url("a", tokens[0]))
    judge(window, shot + "-first", size)
    window.follow("button.main")
    assert words["check"] in window.text()
    window.until("document.activeElement.getAttribute('role') === 'alert'")  # what is wrong is read out first
    judge(window, shot + "-error", size)
    window.click("input[name='q.recommend'][value='3']")
    window.click("input[name='q.channels'][value='chat']")
    window.type("#q-minutes", "12")
    window.follow("button.main")
    assert words["answer"] in window.text()  # satisfaction is required
    judge(window, shot + "-missing", size)
    window.click("input[name='q.satisfaction'][value='4']")
    window.follow("button.main")
    assert words["reason"] in window.text()
    judge(window, shot + "-second", size)
    window.follow("button[value='back']")
    assert window.script("return document.querySelector(\"[name='q.recommend']:checked\").value + document.querySelector('#q-minutes').value") == "312"
    window.follow("button.main")
    window.click("input[name='q.reason'][value='slow']")
    window.type("#q-comment", "<b>gut</b> & \"fein\"")
    window.follow("button.main")
    assert words["thanks"] in window.text()
    judge(window, shot + "-thanks", size)
    window.open(url("a", tokens[0]))
    assert words["spent"] in window.text()
    judge(window, shot + "-spent", size)


DE = {"check": "Bitte prüfen Sie", "answer": "Bitte beantworten Sie diese Frage", "reason": "Was war der Grund?", "thanks": "Vielen Dank", "spent": "Bereits beantwortet"}
EN = {"check": "Please check", "answer": "Please answer this question", "reason": "What was the reason?", "thanks": "Thank you", "spent": "Already answered"}


def phone_german():
    """Answered on a phone in German, after errors, back and forth; the second time it says so"""
    answered(PHONE, GERMAN[0:], DE, "de")


def desktop_english():
    """Answered on a desktop in English"""
    answered(DESKTOP, ENGLISH[0:], EN, "en")


def phone_english():
    """Answered on a phone in English"""
    answered(PHONE, ENGLISH[1:], EN, "en")


def desktop_german():
    """Answered on a desktop in German"""
    answered(DESKTOP, GERMAN[1:], DE, "de")


def tab_to(window, wanted, most=40):
    """Tabs on until the focus is there; the focus is always visible."""
    for _ in range(most):
        window.press("tab")
        if window.script("return document.activeElement !== document.body"):
            outline = window.script("const s = getComputedStyle(document.activeElement); return parseFloat(s.outlineWidth) > 1 && s.outlineStyle !== 'none'")
            assert outline, "no visible focus: " + window.focused()
        if wanted in window.focused():
            return
    raise AssertionError(f"'{wanted}' is not reached; focus is on '{window.focused()}'")


def keyboard():
    """Answered by keyboard alone, with a visible focus everywhere"""
    window = browser(DESKTOP)
    window.open(url("a", GERMAN[2]))
    tab_to(window, "INPUT q.satisfaction")
    window.press("space", "down", "down", "down")  # 4
    tab_to(window, "INPUT q.recommend")
    window.press("space", "down", "down")
    tab_to(window, "INPUT q.minutes")
    window.press("9")
    tab_to(window, "BUTTON do next")
    window.follow("enter", window.press)
    assert "Was war der Grund?" in window.text()
    tab_to(window, "INPUT q.reason")
    window.press("space")
    tab_to(window, "TEXTAREA q.comment")
    window.press(*"gut")
    tab_to(window, "BUTTON do send")
    window.follow("space", window.press)
    assert "Vielen Dank" in window.text()


def resumed():
    """Saved half-way on the phone and finished on the desktop, by the address that the page had then; the link of the invitation begins anew"""
    window = browser(PHONE)
    window.open(url("a", GERMAN[3]))
    window.click("input[name='q.satisfaction'][value='2']")
    window.type("#q-minutes", "30")
    window.follow("button[value='save']")
    assert "Gespeichert" in window.text()
    judge(window, "de-saved", PHONE)
    address = window.script("return location.href")
    window = browser(DESKTOP)
    window.open(url("a", GERMAN[3]))
    assert "Nur die Adresse" in window.text() and window.script("return document.querySelector(':checked') === null")
    judge(window, "de-saved-elsewhere", DESKTOP)
    window.open(address)
    assert window.script("return document.querySelector(\"[name='q.satisfaction']:checked\").value + document.querySelector('#q-minutes').value") == "230"
    window.follow("button.main")
    window.follow("button.main")
    assert "Vielen Dank" in window.text()


def forged():
    """A forged link gets a friendly page in the browser's language"""
    window = browser(PHONE)
    window.open(url("a", "0" * 26))
    assert "This link does not work" in window.text()
    judge(window, "en-forged", PHONE)


def opted_out():
    """Opted out from the page's own link with one button; the invitation then says so"""
    window = browser(PHONE)
    window.open(url("a", GERMAN[4]))
    window.follow("footer a[href*='/o/']")
    assert "Keine Umfragen mehr?" in window.text()
    judge(window, "de-opt-out", PHONE)
    window.follow("button.main")
    assert "Sie erhalten keine Umfragen mehr" in window.text()
    judge(window, "de-opted-out", PHONE)
    window.open(url("a", GERMAN[4]))
    assert "Sie erhalten keine Umfragen mehr" in window.text()


def private():
    """The browser asked nobody else, sent no referrer and has no cookie, and no page has a script"""
    asked = 0
    for window in BROWSERS.values():
        for address, headers in window.requests():
            if address.startswith("chrome://"):  # the browser's own first page
                continue
            asked += 1
            assert address.startswith((f"http://127.0.0.1:{SITE.port}/", "data:")), address
            assert not any(name.lower() in ("referer", "cookie") and value for name, value in headers.items()), (address, headers)
        assert window.script("return document.cookie") == "" and window.script("return document.scripts.length") == 0
    assert asked > 50
    return f"{asked} requests"


def expired():
    """After its end a link says that the survey is over"""
    SITE.stop()
    SITE.start(OVER)
    window = browser(PHONE)
    window.open(url("a", ENGLISH[5]))
    assert "This survey is over" in window.text()
    judge(window, "en-expired", PHONE)


def stored():
    """What was sent is what is stored: each once"""
    SITE.stop()
    assert SITE.sql("intake", "SELECT count(*) FROM waiting") == [(6,)]
    assert SITE.sql("intake", "SELECT count(*) FROM act") == [(1,)] and SITE.sql("intake", "SELECT count(*) FROM partial") == [(0,)]


SITE.start(ANSWERED)
try:
    run([phone_german, desktop_english, phone_english, desktop_german, keyboard, resumed, forged, opted_out, private, expired, stored])
finally:
    for opened in BROWSERS.values():
        opened.close()
    SITE.close()
