"""promises.py FALLZAHL SEED NIGHTS: two years of nights of a workspace, step by step against a simple model of the promises.

Between nights cases are delivered (also late, corrected, or once more), persons object, take it back, have everything erased, refuse
and allow recordings, by any of their identifiers and with times of declaration that lie back; cases and persons are held and
released; keys rotate. Among the declarations lie rows that are no CSV, no text or no event, which change nothing for the others. After each night the store must hold the cases that the model says, marked and blank where it says so:

  P4  no case of an objector, and of the erased none closed until then
  P5  no case a year after closing, but held ones, which are marked
  P6  no value that was bound to a consent that is refused
  P8  the evidence verifies, and names nobody

The model knows persons as such, dates as datetime, and nothing of keys, groups or databases."""
import datetime as dt, hashlib, os, random, sqlite3, subprocess, sys, tempfile

fallzahl, seed, nights = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
draw = random.Random(seed)
PEOPLE, EPOCH = 8, dt.date(1970, 1, 1)
CONFIG = """
version: 1
timezone: UTC
sources:
  cases:
    files: "cases-*.csv"
    case_id: id
    closed_at: closed
    updated_at: updated
    identifiers:
      customer: {column: customer, kind: id}
      email: {column: email, kind: email}
      phone: {column: phone, kind: phone}
    consent:
      call_recording: {column: consent, values: ["yes"]}
    dimensions:
      month: {date: closed_at, as: month}
    measures:
      mood: {column: mood, score: [1, 5], needs_consent: call_recording}
"""

def identifiers(person):
    return [f"customer=Q{person}X", f"quill{person}@mail.example", f"+49305550{person:03d}"]

class Person:
    def __init__(self):
        self.at = {}                    # kind of declaration -> latest instant
        self.holds = {}                 # reason -> [held at, released at]

    def until(self, said, back):
        if said not in self.at:
            return dt.date.min
        return dt.date.max if self.at.get(back, dt.datetime.min) <= self.at[said] else self.at[back].date()

    def barred_until(self):
        erased = self.at["erasure"].date() if "erasure" in self.at else dt.date.min
        return max(erased, self.until("objection", "objection_withdrawn"))

    def blank_until(self):
        return self.until("recording_consent_withdrawn", "recording_consent")

def is_held(holds):
    return any(held and (not released or held >= released) for held, released in holds.values())

class Case:
    def __init__(self, person, closed):
        self.person, self.closed, self.version, self.holds = person, closed, 0, {}
        self.stored = self.marked = self.mood = False

def a_year_after(day):
    return dt.date(day.year + 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)

people, cases = [Person() for _ in range(PEOPLE)], []

def apply_claims(number):
    person = people[number]
    for case in cases:
        if case.person != number or not case.stored:
            continue
        if case.closed <= person.blank_until():
            case.mood = False
        if case.closed <= person.barred_until() and not case.marked:
            if is_held(case.holds) or is_held(person.holds):
                case.marked = True
            else:
                case.stored = False

def deliver(case, today, consent):
    person = people[case.person]
    if a_year_after(case.closed) <= today or case.closed <= person.barred_until():
        case.marked = case.stored = case.stored and (case.marked or is_held(case.holds) or is_held(person.holds))
    else:
        case.mood = consent and case.closed > person.blank_until()
        case.stored, case.marked = True, False

def night(today):
    for case in cases:
        if case.stored:
            held, due = is_held(case.holds) or is_held(people[case.person].holds), a_year_after(case.closed) <= today
            if held:
                case.marked |= due
            elif due or case.marked:
                case.stored = case.marked = False

def run(folder, *arguments, expected=0):
    done = subprocess.run([fallzahl, "-C", folder, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != expected:
        sys.exit(f"{arguments}: {done.returncode} {done.stderr.decode()}")

def random_events(today, lines):
    for _ in range(draw.choice([0, 0, 1, 1, 2, 3])):
        at = dt.datetime.combine(today - dt.timedelta(days=draw.randrange(30)), dt.time(draw.randrange(24), draw.randrange(60)))
        number, event = draw.randrange(PEOPLE), f"e{len(lines)}-{today}"
        kind = draw.choice(["objection", "objection", "objection_withdrawn", "erasure", "recording_consent", "recording_consent_withdrawn",
                            "hold", "hold_release"])
        who, reason, target = draw.choice(identifiers(number)), "", None
        if kind.startswith("hold"):
            reason = draw.choice(["court", "tax"])
            target = people[number].holds
            if cases and draw.random() < 0.6:
                index = draw.randrange(len(cases))
                target, who = cases[index].holds, f"case:cases=N{index}X"
            pair = target.setdefault(reason, [None, None])
            side = 0 if kind == "hold" else 1
            pair[side] = max(pair[side] or at, at)
        else:
            people[number].at[kind] = max(people[number].at.get(kind, at), at)
        lines.append((f"{event},{kind},{who},{at.isoformat()}Z,{reason}", None if target is not None else number))

SPOILT = [b'x,objection,"quill%d@mail.example,2026-01-01,', b'x,objection,quill%d\xff@mail.example,2026-01-01,', b'x,"objection"d,Q%dX,2026-01-01,',
          b'x,objection,customer=Q%dX,2026-01-01,\0', b'x,objection,customer=Q%dX,1.1.2026,', b'x,objection,customer=Q%dX', b'"x\n\n,%d""']

def spoil(lines):
    for _ in range(draw.choice([0, 0, 0, 1, 2])):
        lines.insert(draw.randrange(len(lines) + 1), draw.choice(SPOILT) % draw.randrange(PEOPLE))

def random_rows(today, rows):
    for _ in range(draw.randrange(12)):
        if cases and draw.random() < 0.4:
            index = draw.randrange(len(cases))  # once more, perhaps corrected
        else:
            cases.append(Case(draw.randrange(PEOPLE), today - dt.timedelta(days=draw.randrange(60))))
            index = len(cases) - 1
        case, consent = cases[index], draw.random() < 0.7
        case.version += 1
        customer, email, phone = identifiers(case.person)
        rows.append((index, consent, f"N{index}X,{case.closed},{today}T00:{case.version // 60:02d}:{case.version % 60:02d}Z,"
                     f"{customer[9:]},{email},{phone},{'yes' if consent else 'no'},3"))

def key_of(folder, index):
    with open(os.path.join(folder, "keys/cases.1"), encoding="ascii") as file:
        key = bytes.fromhex(file.read().strip())
    return hashlib.blake2b(f"case:cases\0N{index}X".encode(), key=key, digest_size=16).digest()

def compare(folder, today):
    store = sqlite3.connect(f"file:{folder}/state/cases.db?mode=ro", uri=True)
    held = {row[0]: row[1:] for row in store.execute("SELECT case_key, closed_day, held, m_mood IS NOT NULL FROM case_cases")}
    expected = {key_of(folder, index): ((case.closed - EPOCH).days, int(case.marked), int(case.mood))
                for index, case in enumerate(cases) if case.stored}
    if held != expected:
        for index, case in enumerate(cases):
            key = key_of(folder, index)
            if held.get(key) != expected.get(key):
                print(f"# case {index} of {case.person}, closed {case.closed}: store {held.get(key)}, model {expected.get(key)}")
        sys.exit(f"seed {seed}, night of {today}: the store is not what the model says")
    known = store.execute("SELECT count(*) FROM identifier WHERE person NOT IN (SELECT id >> 24 FROM case_cases)"
                          " AND person NOT IN (SELECT person FROM person_check)").fetchone()  # those go in the next night
    if known[0]:
        sys.exit(f"seed {seed}, night of {today}: persons without a case are known")
    store.close()

with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as scratch:
    folder, today = os.path.join(scratch, "w"), dt.date(2026, 1, 15)
    subprocess.run([fallzahl, "init", folder, "--test", "--quiet"], check=True)
    with open(os.path.join(folder, "fallzahl.yaml"), "w", encoding="utf-8") as file:
        file.write(CONFIG)
    for step in range(nights):
        today += dt.timedelta(days=draw.randrange(1, 25))
        lines, rows = [], []
        random_events(today, lines)
        random_rows(today, rows)
        draw.shuffle(lines)
        events = [line.encode() for line, _ in lines]
        spoil(events)
        for name, header, content in (("subjects", b"event,kind,identifier,occurred_at,purpose", events),
                                      ("cases", b"id,closed,updated,customer,email,phone,consent,mood", [row.encode() for _, _, row in rows])):
            path = os.path.join(folder, "inbox", f"{name}-{step}.csv")
            with open(path, "wb") as file:
                file.write(b"\n".join([header, *content]) + b"\n")
            open(path + ".ok", "w", encoding="ascii").close()
        if draw.random() < 0.15:
            run(folder, "key", "rotate", "--as-of", str(today))
        run(folder, "run", "--quiet", "--as-of", str(today), expected=65 if len(events) > len(lines) else 0)
        for number in {number for _, number in lines if number is not None}:
            apply_claims(number)
        night(today)
        for index, consent, _ in rows:
            deliver(cases[index], today, consent)
        compare(folder, today)
    run(folder, "status", "--evidence")
    for name in ("evidence.log", *(os.path.join("runs", run_name) for run_name in os.listdir(os.path.join(folder, "state/runs")))):
        with open(os.path.join(folder, "state", name), encoding="utf-8") as file:
            text = file.read()
            if "quill" in text or "Q1X" in text or "N1X" in text:
                sys.exit(f"seed {seed}: {name} names somebody")
    stored = sum(case.stored for case in cases)
    print(f"seed {seed}: {nights} nights to {today}, {len(cases)} cases, {stored} stored, {sum(case.marked for case in cases)} marked")
