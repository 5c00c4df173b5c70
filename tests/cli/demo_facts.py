"""Reads the demo's exports as an outsider and prints what is not as it should be."""
import collections, csv, glob, os, re, sys

# Ranges kept free for fiction by Bundesnetzagentur, Arcep and Ofcom, written as E.164 without the plus.
FICTION = [r"493023125\d{3}", r"496990009\d{3}", r"494066969\d{3}", r"492214710\d{3}", r"498999998\d{3}", r"4917139200\d{2}",
           r"331990\d{5}", r"3363998\d{4}", r"33199\d{6}", r"442079460\d{3}", r"447700900\d{3}", r"441(13|61|31|21)4960\d{3}"]
PLANTED = {"status": "open", "brand": "testbrand", "channel": "fax", "category": "=SUM(A1:A9)", "satisfaction": "11",
           "order_value": "1.234,50", "opened_at": "2024-02-30 10:00", "case_no": "", "email": "none@none.example"}

def e164(text):
    digits = re.sub(r"[^0-9+]", "", text)
    digits = re.sub(r"^(\+|00)", "", digits) if re.match(r"^(\+|00)", digits) else re.sub(r"^0", "49", digits)
    return digits

def month_of(text):
    german = re.match(r"^\d+\.(\d+)\.(\d{4})", text)
    return "%s-%02d" % (german[2], int(german[1])) if german else text[:7]

wrong, seen, share = [], collections.Counter(), {}
files = sorted(glob.glob(os.path.join(sys.argv[1], "cases-*.csv")))
if len(files) != 26:
    wrong.append("%d files" % len(files))
persons = collections.Counter()
for path in files:
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    month = path[-11:-4]
    if not 1500 <= len(rows) <= 3300:
        wrong.append("%s: %d rows" % (month, len(rows)))
    late = sum(1 for row in rows if row["closed_at"] and month_of(row["closed_at"]) < month)
    if path != files[0] and not 10 <= late <= 60:
        wrong.append("%s: %d late or corrected rows" % (month, late))
    share[month] = {key: sum(1 for row in rows if (row["channel"] or "").strip().lower().startswith(start)) / len(rows)
                    for key, start in (("chat", "chat"), ("phone", "tele"))}
    share[month]["phone"] += sum(1 for row in rows if row["channel"] == "phone") / len(rows)
    share[month]["delivery"] = sum(1 for row in rows if row["category"] == "delivery") / len(rows)
    share[month]["rows"] = len(rows)
    for row in rows:
        persons[row["customer_name"] or ""] += 1
        seen["broken"] += None in row or None in row.values()
        for column, text in PLANTED.items():
            seen[column] += row[column] == text
        for mail in re.findall(r"\S+@\S+", row["email"] or ""):
            if not mail.lower().endswith(".example"):
                wrong.append("%s: a mail address that is not .example" % month)
        if re.search(r"\d", row["phone"] or "") and not any(re.fullmatch(f, e164(row["phone"])) for f in FICTION):
            wrong.append("%s: %s is no number for fiction" % (month, row["phone"]))
months = sorted(share)
for column in list(PLANTED) + ["broken"]:
    if not seen[column]:
        wrong.append("no planted mistake in %s" % column)
mean = lambda key, some: sum(share[m][key] for m in some) / len(some)
if not mean("chat", months[-6:]) > 1.3 * mean("chat", months[:6]):
    wrong.append("chat does not rise")
if not mean("phone", months[-6:]) < 0.8 * mean("phone", months[:6]):
    wrong.append("phone does not fall")
if not mean("delivery", months[14:20]) > 1.4 * mean("delivery", months[8:14]):
    wrong.append("no break in month 15")
for december in ("2024-12", "2025-12"):
    if not share[december]["rows"] > 1.25 * mean("rows", months):
        wrong.append("no Christmas in %s" % december)
print("\n".join(sorted(set(wrong))[:40]) or "as stated")
