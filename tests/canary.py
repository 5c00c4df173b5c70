"""canary.py FOLDER TEXT...: looks for each text in every byte of every file below the folder, in the ways in which a text
may hide: other case, reversed, UTF-16 and UTF-32, hex, base64 (at each offset), URL-encoded, its unkeyed hashes. Prints
what it finds; exit 1 if it finds anything, 2 if there was nothing to look at."""
import base64
import hashlib
import os
import sys
import urllib.parse


def hidings(text):
    plain = text.encode()
    for name, data in (("plain", plain), ("reversed", plain[::-1])):
        yield name, data
        yield name + " hex", data.hex().encode()
    for coding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        yield coding, text.encode(coding)
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + plain)
        inner = coded[4 if offset else 0:].rstrip(b"=")[:-1]
        yield f"base64 at {offset}", inner
        yield f"base64url at {offset}", inner.replace(b"+", b"-").replace(b"/", b"_")
    yield "url", urllib.parse.quote(text, safe="").encode()
    for method in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(method, plain).digest()
        yield method, digest[:16]
        yield method + " hex", digest.hex()[:32].encode()
    for size in (16, 32):
        yield f"blake2b-{8 * size}", hashlib.blake2b(plain, digest_size=size).digest()


def main():
    found = files = 0
    patterns = [(text, name, data.lower()) for text in sys.argv[2:] for name, data in hidings(text) if len(data) > 4]
    for folder, _, names in os.walk(sys.argv[1]):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            files += 1
            with open(path, "rb") as file:
                content = file.read().lower()
            for number, (text, way, data) in enumerate(patterns):
                if data in content or data in name.encode().lower():
                    print(f"{path}: canary {sys.argv.index(text) - 1} as {way}")
                    found += 1
    sys.exit(1 if found else 0 if files else 2)


main()
