"""canary.py FOLDER INPUT...: every identifier of the demo's exports INPUT, in every usual encoding, must be in no file below
FOLDER. Prints the files that hold one, and first proves on copies of the input that it would find them."""
import base64, csv, os, re, subprocess, sys, tempfile

COLUMNS = ("case_no", "customer_no", "customer_name", "email", "phone", "comment")

def spellings(value):
    value = value.strip()
    yield from (value, value.lower(), value.upper())
    digits = re.sub(r"[^0-9]", "", value)
    if re.match(r"^[+(0]", value):                      # a telephone number
        yield digits
        yield re.sub(r"^0+", "49", digits)

def base64_fragments(raw):
    """What the Base64 of any text that holds `raw` has in common, at each of the three alignments."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        yield text[(0, 2, 3)[shift]:(shift + len(raw)) // 3 * 4]

def needles(paths):
    for path in paths:
        with open(path, encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                for column in COLUMNS:
                    for text in spellings(row[column] or ""):
                        raw = text.encode()
                        if len(raw) >= 8 and "\n" not in text:
                            yield from (raw, text.encode("utf-16-le"), text.encode("latin-1", "replace"), raw[::-1],
                                        raw.hex().encode(), raw.hex().upper().encode(), *base64_fragments(raw))

def holders(folder, list_of_needles):
    grep = subprocess.run(["grep", "-rlaF", "-f", list_of_needles, folder], env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
                          stdout=subprocess.PIPE, check=False)
    return grep.stdout.decode().splitlines()

folder, inputs = sys.argv[1], sys.argv[2:]
with tempfile.TemporaryDirectory() as scratch:
    with open(os.path.join(scratch, "needles"), "wb") as file:
        file.write(b"\n".join(n for n in set(needles(inputs)) if len(n) >= 8 and b"\n" not in n))
    control = os.path.join(scratch, "control")
    os.mkdir(control)
    with open(inputs[0], "rb") as file:
        raw = file.read()
    copies = {"utf-8": raw, "utf-16": raw.decode("utf-8-sig").encode("utf-16-le"), "hex": raw.hex().encode(),
              "base64": base64.b64encode(raw), "reversed": raw[::-1], "upper": raw.decode().upper().encode()}
    for name, content in copies.items():
        with open(os.path.join(control, name), "wb") as file:
            file.write(content)
    found = holders(control, os.path.join(scratch, "needles"))
    for name in copies:
        if os.path.join(control, name) not in found:
            print("would not find:", name)
    print("\n".join(holders(folder, os.path.join(scratch, "needles"))) or "nobody")
