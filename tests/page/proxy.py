#!/usr/bin/python3
"""examples/serve on loopback: the unit as systemd reads it, and the page behind nginx and behind Caddy with TLS. What of these is not
installed is skipped, loudly. `make proxy` (in `make check`) fetches nginx and Caddy into build/proxy without installing them."""
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import CONFIG, FALLZAHL, Site, run  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "../../examples/serve")
FETCHED = os.path.abspath(os.path.join(HERE, "../../build/proxy"))
NAME = "survey.nordhaus.example"
LIMIT = 60
ANSWERS = {"q.satisfaction": "4", "q.recommend": "9", "do": "send", "step": "2"}


def program(name):
    return shutil.which(name) or next((p for p in (f"{FETCHED}/usr/sbin/{name}", f"{FETCHED}/usr/bin/{name}") if os.path.exists(p)), None)


def example(name):
    with open(f"{EXAMPLES}/{name}", encoding="utf-8") as file:
        return file.read()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def replaced(text, *pairs):
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


SITE = Site(40)
LOGS = f"{SITE.folder}/logs"
os.mkdir(LOGS)
SITE.write("fallzahl.yaml", CONFIG.replace("requests_per_minute: 1000000", f"requests_per_minute: {LIMIT}"))
CERTIFICATE, KEY = f"{SITE.folder}/certificate.pem", f"{SITE.folder}/key.pem"
subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext",
                f"subjectAltName=DNS:{NAME}", "-keyout", KEY, "-out", CERTIFICATE], check=True, capture_output=True)
TOKENS = iter(list(SITE.tokens.values()))
USED = []


def unit_for(path):
    return replaced(example("fallzahl-serve.service"), ("/usr/local/bin/fallzahl", FALLZAHL), ("/srv/fallzahl", path))


def unit():
    """The unit is one that systemd takes without a remark"""
    if not program("systemd-analyze"):
        return "skip systemd-analyze is not installed"
    path = f"{SITE.folder}/fallzahl-serve.service"
    with open(path, "w", encoding="utf-8") as file:
        file.write(unit_for(SITE.ws))
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stdout + done.stderr, done
    return None


def groups():
    """The system calls of each of systemd's groups."""
    found, group = {}, None
    listed = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True).stdout
    for line in listed.splitlines():
        if line.startswith("@"):
            group = found.setdefault(line.strip(), set())
        elif group is not None and re.match(r"    [-@a-z_0-9]+$", line):
            group.add(line.strip())
    return found


def expand(found, name):
    return set().union(*(expand(found, part) for part in found[name])) if name in found else {name}


def calls():
    """The unit's filter lets through every system call that the page makes, from its start to its end"""
    if not program("systemd-analyze") or not program("strace"):
        return "skip systemd-analyze or strace is not installed"
    if "fsanitize" in subprocess.run(["strings", FALLZAHL], capture_output=True, text=True).stdout:
        return "skip a sanitizer makes calls of its own"
    found, allowed = groups(), set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", example("fallzahl-serve.service"), re.M):
        named = set().union(*(expand(found, name) for name in line.lstrip("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    trace = f"{SITE.folder}/trace"
    SITE.start()
    SITE.stop()
    server = subprocess.Popen(["strace", "-f", "-qq", "-o", trace, FALLZAHL, "-C", SITE.ws, "serve", "--port", "0", "--as-of", "2026-02-05T12:00:00Z"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    SITE.port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
    token = next(TOKENS)
    assert SITE.get(f"/a/{token}")[0] == 200 and SITE.post(f"/a/{token}", ANSWERS)[0] == 200
    with open(f"/proc/{server.pid}/task/{server.pid}/children", encoding="utf-8") as file:
        os.kill(int(file.read().split()[0]), signal.SIGTERM)
    assert server.wait(timeout=60) == 0
    with open(trace, encoding="utf-8") as file:
        made = {match.group(1) for match in re.finditer(r"^\d+ +([a-z_0-9]+)\(", file.read(), re.M)}
    assert len(made) > 20 and {"landlock_restrict_self", "fdatasync"} <= made, made
    alone = {"execve"} | ({"fchown"} if os.geteuid() == 0 else set())  # systemd's own; SQLite gives files to whom the folder belongs
    assert made <= allowed | alone, made - allowed
    return None


def inaccessible(text):
    return [path.lstrip("-") for line in re.findall(r"^InaccessiblePaths=(.*)$", text, re.M) for path in line.split()]


def content(root):
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.path.getsize(path):
                yield os.path.relpath(path, root)


def hidden():
    """In the unit's view of the files the page serves, and sees of a workspace that was used no content but its own"""
    SITE.night()
    for database in ("cases", "surveys", "releases"):  # as a night leaves them that is under way or was killed
        for suffix in ("-wal", "-shm"):
            SITE.write(f"state/{database}.db{suffix}", "")
            os.truncate(f"{SITE.ws}/state/{database}.db{suffix}", 1)
    left = {f"state/{database}.db{suffix}" for database in ("cases", "surveys", "releases") for suffix in ("-wal", "-shm")}
    for name in ("state/inputs", "state/backups"):
        os.makedirs(f"{SITE.ws}/{name}", exist_ok=True)
        SITE.write(f"{name}/left", "x")
    for name in ("answers/marketing/texts.csv", "published/left"):
        SITE.write(name, "x")
    try:
        hides = inaccessible(unit_for(SITE.ws))
        seen = {path for path in content(SITE.ws) if not any((SITE.ws + "/" + path + "/").startswith(hide + "/") for hide in hides)}
        own = {"fallzahl.yaml", "nordhaus.svg", "surveys/service.yaml", "state/intake.db", "state/intake.db-wal", "state/intake.db-shm"}
        assert seen <= own | {"state/test", "state/run.lock"}, seen - own
        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
            return "no namespace can be made here; the list alone was checked"
        covers = "".join(f"if [ -d '{hide}' ]; then mount -t tmpfs none '{hide}'; elif [ -e '{hide}' ]; then mount --bind /dev/null '{hide}'; fi\n" for hide in hides)
        SITE.start(runner=["unshare", "-m", "sh", "-ec", covers + 'exec "$@"', "sh"])
        assert SITE.get(f"/a/{next(TOKENS)}")[0] == 200
        inside = set(content(f"/proc/{SITE.server.pid}/root{SITE.ws}"))
        assert own - {"nordhaus.svg"} <= inside | {"state/intake.db-wal"} and inside <= own | {"state/test", "state/run.lock"}, inside
        return None
    finally:
        SITE.stop()
        for name in left | {"published/left"}:
            os.unlink(f"{SITE.ws}/{name}")


def tls(port):
    context = ssl.create_default_context(cafile=CERTIFICATE)
    plain = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection = http.client.HTTPSConnection(NAME, port, timeout=30)
    connection.sock = context.wrap_socket(plain, server_hostname=NAME)
    return connection


def ask(port, method, path, body=None, **headers):
    connection = tls(port)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, path, body, {**kind, **headers})
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read().decode("utf-8", "replace")
    finally:
        connection.close()


def wait_for(port, server):
    for _ in range(300):
        assert server.poll() is None, "the proxy ended"
        try:
            tls(port).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the proxy does not listen")


def talk(port):
    """Through the proxy: an answer, one twice, a forged link, a form that is too large, and lies about the client's address."""
    token = next(TOKENS)
    USED.append(token)
    status, headers, text = ask(port, "GET", f"/a/{token}", Referer=f"https://{NAME}/a/{token}")
    assert status == 200 and "<form" in text, (status, text)
    assert headers["referrer-policy"] == "no-referrer" and headers["strict-transport-security"] and headers["cache-control"] == "no-store", headers
    assert "default-src 'none'" in headers["content-security-policy"] and "set-cookie" not in headers, headers
    form = urllib.parse.urlencode(ANSWERS)
    assert ask(port, "POST", f"/a/{token}", form)[0] == 200
    assert ask(port, "POST", f"/a/{token}", form)[0] == 409
    assert ask(port, "GET", "/a/" + "0" * 26)[0] == 404
    assert ask(port, "POST", f"/a/{token}", "q.comment=" + "x" * 100000)[0] == 413
    asked = [ask(port, "GET", f"/a/{token}", **{"X-Forwarded-For": f"192.0.2.{i}"})[0] for i in range(LIMIT)]
    assert 429 in asked, "a client chooses the address that it is counted by"


def without_page(port):
    """The page is gone: whoever asks is told so, and what failed is not written down."""
    token = next(TOKENS)
    USED.append(token)
    assert ask(port, "GET", f"/a/{token}?q={token}")[0] in (502, 503, 504)
    assert ask(port, "POST", f"/a/{token}", urllib.parse.urlencode(ANSWERS))[0] in (502, 503, 504)


def written():
    text = ""
    for folder, _, names in os.walk(LOGS):
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                text += file.read()
    return text


def behind(command, port, **environment):
    SITE.stderr = ""
    before = SITE.sql("intake", "SELECT count(*) FROM waiting")[0][0]
    with open(f"{LOGS}/output", "a", encoding="utf-8") as output:
        proxy = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment})
    try:
        wait_for(port, proxy)
        talk(port)
        assert SITE.stop() == 0
        assert SITE.sql("intake", "SELECT count(*) FROM waiting")[0][0] == before + 1
        without_page(port)
    finally:
        proxy.send_signal(signal.SIGTERM)
        proxy.wait(timeout=60)
        SITE.stop()
    leaks = [token for token in USED if token in written() + SITE.stderr]
    assert not leaks, f"{len(leaks)} tokens are in a log: {[line for line in written().splitlines() if leaks[0] in line][:2]}"


def nginx():
    """Behind nginx with TLS an answer arrives, the client's address cannot be made up, and no log has a token"""
    if not program("nginx"):
        return "skip nginx is not there"
    SITE.start()
    port, path = free_port(), f"{SITE.folder}/nginx.conf"
    server = replaced(example("nginx.conf"), ("    listen [::]:443 ssl http2;\n", ""), ("listen 443", f"listen 127.0.0.1:{port}"),
                      (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", CERTIFICATE), (f"/etc/letsencrypt/live/{NAME}/privkey.pem", KEY),
                      ("/var/log/nginx/survey-error.log", f"{LOGS}/nginx.log"), ("127.0.0.1:8471", f"127.0.0.1:{SITE.port}"))
    user = "user root;\n" if os.geteuid() == 0 else ""
    folders = "".join(f"{kind}_temp_path {SITE.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{user}daemon off;\nmaster_process off;\npid {SITE.folder}/nginx.pid;\nevents {{}}\nhttp {{\n{folders}{server}}}\n")
    start = [program("nginx"), "-p", SITE.folder, "-e", f"{LOGS}/nginx-start.log", "-c", path]
    tried = subprocess.run([*start, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0 and "[warn]" not in tried.stderr, tried
    behind(start, port)
    return None


def caddy():
    """Behind Caddy with TLS an answer arrives, the client's address cannot be made up, and no log has a token"""
    if not program("caddy"):
        return "skip Caddy is not there"
    SITE.start()
    port, path = free_port(), f"{SITE.folder}/Caddyfile"
    text = replaced(example("Caddyfile"), (f"\n{NAME} {{", f"\nhttps://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {CERTIFICATE} {KEY}"),
                    ("127.0.0.1:8471", f"127.0.0.1:{SITE.port}"), ("{\n\tlog", "{\n\tadmin off\n\tauto_https disable_redirects\n\tlog"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    home = {"HOME": SITE.folder, "XDG_DATA_HOME": SITE.folder, "XDG_CONFIG_HOME": SITE.folder}
    tried = subprocess.run([program("caddy"), "validate", "--adapter", "caddyfile", "--config", path], capture_output=True, text=True,
                           env={**os.environ, **home})
    assert tried.returncode == 0, tried.stderr
    behind([program("caddy"), "run", "--adapter", "caddyfile", "--config", path], port, **home)
    return None


try:
    run([unit, calls, hidden, nginx, caddy])
finally:
    SITE.close()
