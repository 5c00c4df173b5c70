"""A headless Chromium driven over the WebDriver protocol (chromedriver), without any library: only what the test needs."""
import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"tab": "\ue004", "shift": "\ue008", "space": " ", "enter": "\ue007", "down": "\ue015", "up": "\ue013"}


class Browser:
    def __init__(self, width, height):
        self.profile = tempfile.mkdtemp(prefix="fallzahl-browser.")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        while not (found := re.search(r"successfully on port (\d+)", line := self.driver.stdout.readline())):
            if not line:
                raise AssertionError("chromedriver does not start")
        self.root = f"http://127.0.0.1:{found.group(1)}"
        self.session = ""
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
                     "--disable-background-networking", f"--user-data-dir={self.profile}", f"--window-size={max(width, 500)},{height}"]
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {
            "binary": shutil.which("chromium"), "args": arguments}, "goog:loggingPrefs": {"performance": "ALL"}}}})
        self.session = f"/session/{made['sessionId']}"
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def call(self, method, path, body=None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.root + self.session + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:600]}") from None

    def cdp(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def script(self, source, *arguments):
        return self.call("POST", "/execute/sync", {"script": source, "args": list(arguments)})

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", f"/element/{self.find(selector)}/click")

    def until(self, condition):
        """Waits until the script gives something true, ten seconds at most."""
        end = time.monotonic() + 10
        while not (found := self.script("return document.readyState === 'complete' && (" + condition + ")")):
            if time.monotonic() > end:
                raise AssertionError(f"never: {condition}\n{self.text()[:500]}")
        return found

    def follow(self, selector, act=None):
        """Clicks on what leads to another page, or does `act`, and waits for that page."""
        self.script("window.left = true")
        (act or self.click)(selector)
        self.until("!window.left")

    def type(self, selector, text):
        self.call("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, *keys):
        """Keys one after the other, as from a keyboard; a shift goes with the key after it."""
        actions, held = [], False
        for key in keys:
            value = KEYS.get(key, key)
            actions.append({"type": "keyDown", "value": value})
            if key == "shift":
                held = True
                continue
            actions.append({"type": "keyUp", "value": value})
            if held:
                actions.append({"type": "keyUp", "value": KEYS["shift"]})
                held = False
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def focused(self):
        """What has the focus, as 'tag name value'."""
        return self.script("const e = document.activeElement; return [e.tagName, e.name || '', e.value || e.textContent.trim()].join(' ').slice(0, 80)")

    def text(self):
        return self.script("return document.body.innerText")

    def screenshot(self, path):
        size = self.script("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=True, format="png",
                        clip={"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def requests(self):
        """Every request since the last call: address and headers."""
        for entry in self.call("POST", "/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                yield message["params"]["request"]["url"], message["params"]["request"]["headers"]

    def close(self):
        try:
            self.call("DELETE", "")
        except (AssertionError, OSError):
            pass
        self.driver.terminate()
        self.driver.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
