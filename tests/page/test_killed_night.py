#!/usr/bin/python3
"""The night is killed before its system calls while it takes in answers: the next one comes to the same result.
FALLZAHL_STRIDE=1 tries every call; by default every eleventh."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import ANSWERED, FALLZAHL, Site, run  # noqa: E402

NIGHT = "2026-03-20T22:00:00Z"  # when nobody can answer any more
STRIDE = int(os.environ.get("FALLZAHL_STRIDE", "11"))
KILL_AT = os.path.join(os.path.dirname(FALLZAHL), "fault", "kill_at")


def prepare():
    site = Site(40)
    site.start()
    for person in range(1, 31):
        assert site.post(f"/a/{site.tokens[person]}", {"q.satisfaction": "3", "q.minutes": str(person), "q.comment": f"Nr. {person}",
                                                       "do": "send", "step": "2"})[0] == 200
    site.post(f"/o/{site.tokens[31]}", {"do": "opt_out"})
    site.post(f"/a/{site.tokens[32]}", {"q.satisfaction": "1", "do": "save"})
    site.stop()
    return site


def result(site):
    """All that the night should have come to, but for random numbers."""
    minutes = sorted(json.loads(a)["minutes"] for a, in site.sql("surveys", "SELECT answers FROM response"))
    return (minutes, site.sql("surveys", "SELECT count(*), count(DISTINCT text) FROM free_text"),
            site.sql("surveys", "SELECT state, begun, refused, count(*) FROM invitation GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"),
            site.sql("surveys", "SELECT kind, count(*) FROM consent_event GROUP BY 1 ORDER BY 1"),
            site.sql("surveys", "SELECT count(*) FROM intake_moved"), site.sql("intake", "SELECT count(*) FROM waiting"),
            site.sql("intake", "SELECT count(*) FROM act"))


def killed():
    """Killed at any instant and run again, every answer is moved once and every click is in the ledger once"""
    site = prepare()
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    scratch = tempfile.mkdtemp(dir=shm)
    try:
        before = shutil.copytree(site.ws, f"{scratch}/before")
        site.night(NIGHT)
        wanted = result(site)
        assert len(wanted[0]) >= 20 and wanted[3] == [("opt_in", 40), ("opt_out", 1)], wanted
        kills, calls, status = 0, 1, 99
        while status == 99:
            site.ws = f"{scratch}/w"
            shutil.rmtree(site.ws, ignore_errors=True)
            shutil.copytree(before, site.ws)
            status = subprocess.run([KILL_AT, str(calls), FALLZAHL, "-C", site.ws, "run", "--quiet", "--as-of", NIGHT],
                                    capture_output=True).returncode
            if status == 99:
                site.night(NIGHT)
                kills += 1
            assert result(site) == wanted, (calls, result(site), wanted)
            calls += STRIDE
        assert status == 0 and kills > 5, (status, kills)
        return f"{kills} kills"
    finally:
        shutil.rmtree(scratch)
        site.close()


def killed_import():
    """A response file is imported once, wherever the import is killed: each answer is stored once, and the rejected row is in quarantine"""
    site = Site(12)
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    scratch = tempfile.mkdtemp(dir=shm)
    try:
        rows = "".join(f"{token},4,{minutes}\n" for minutes, token in enumerate(site.tokens.values()))
        site.write("answers.csv", "token,satisfaction,minutes\n" + rows + f"{'0' * 26},4,1\n")
        before = shutil.copytree(site.ws, f"{scratch}/before")
        kills, calls, status = 0, 1, 99
        while status == 99:
            site.ws = f"{scratch}/w"
            shutil.rmtree(site.ws, ignore_errors=True)
            shutil.copytree(before, site.ws)
            order = [FALLZAHL, "-C", site.ws, "survey", "service", "import", f"{site.ws}/answers.csv", "--as-of", ANSWERED]
            status = subprocess.run([KILL_AT, str(calls), *order], capture_output=True).returncode
            if status == 99:
                kills += 1
                if os.path.exists(f"{site.ws}/answers.csv"):
                    assert subprocess.run(order, capture_output=True).returncode == 65
            assert not os.path.exists(f"{site.ws}/answers.csv")
            tickets = site.sql("intake", "SELECT count(*) FROM ticket WHERE finished"), site.sql("intake", "SELECT count(*) FROM waiting")
            assert tickets == ([(12,)], [(12,)]), (calls, tickets)
            assert [name for name in os.listdir(f"{site.ws}/quarantine") if name.startswith("answers")], calls
            calls += STRIDE
        assert status == 65 and kills > 5, (status, kills)
        return f"{kills} kills"
    finally:
        shutil.rmtree(scratch)
        site.close()


run([killed, killed_import])
