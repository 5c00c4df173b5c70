#!/usr/bin/python3
"""Thousands of answers over loopback from several clients, the server killed and restarted meanwhile: every answer that was
acknowledged is stored exactly once. FALLZAHL_ANSWERS says how many (at most 3,005)."""
import hashlib
import http.client
import json
import multiprocessing
import os
import secrets
import signal
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from survey_site import OVER, Site, run  # noqa: E402

ANSWERS = int(os.environ.get("FALLZAHL_ANSWERS", "1200"))
CLIENTS, KILLS = 8, 4
TOKENS = ["".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(26)) for _ in range(ANSWERS)]
SITE = Site(1)


def issue():
    """Puts the links into intake.db as the night does; as many messages would only take time."""
    expires = SITE.sql("intake", "SELECT max(expires_at) FROM ticket")[0][0]
    with sqlite3.connect(f"{SITE.ws}/state/intake.db") as db:
        db.executemany("INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at) "
                       "VALUES (?, 'answer', 'service', 'nordhaus', 1, 'en', '{}', 1, ?)",
                       [(hashlib.blake2b(token.encode(), digest_size=32).digest(), expires) for token in TOKENS])


def fields(number):
    """Each answer is another one."""
    return f"q.satisfaction={1 + number // 601}&q.minutes={number % 601}&do=send&step=2"


def client(number, port, results):
    """Sends its share, again and again until each is acknowledged; gives the time of each that was acknowledged at once."""
    latencies, repeated = [], 0
    for i in range(number, ANSWERS, CLIENTS):
        first = True
        while True:
            begun = time.perf_counter()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port.value, timeout=20)
                connection.request("POST", f"/a/{TOKENS[i]}", fields(i), {"Content-Type": "application/x-www-form-urlencoded",
                                                                          "X-Forwarded-For": f"192.0.2.{number}"})
                status = connection.getresponse().status
                connection.close()
            except (OSError, http.client.HTTPException):
                first = False
                time.sleep(0.01)
                continue
            if status == 200 and first:
                latencies.append(time.perf_counter() - begun)
            repeated += status == 409
            if status in (200, 409):
                break
            first = False
    results.put((latencies, repeated))


def load():
    """Every acknowledged answer is stored exactly once, though the server is killed and restarted"""
    issue()
    SITE.start()
    port, results = multiprocessing.Value("i", SITE.port), multiprocessing.Queue()
    clients = [multiprocessing.Process(target=client, args=(i, port, results)) for i in range(CLIENTS)]
    begun = time.perf_counter()
    for process in clients:
        process.start()
    for kill in range(1, KILLS + 1):
        while count() < ANSWERS * kill // (KILLS + 1):
            time.sleep(0.002)
        SITE.stop(signal.SIGKILL)
        SITE.start()
        port.value = SITE.port
    got = [results.get() for _ in clients]
    took = time.perf_counter() - begun
    for process in clients:
        process.join()
    assert SITE.stop() == 0
    assert count() == ANSWERS
    assert SITE.sql("intake", "SELECT count(*) FROM waiting") == [(ANSWERS,)]
    latencies = sorted(latency for list_, _ in got for latency in list_)
    return (f"{ANSWERS} answers from {CLIENTS} clients in {took:.2f} s with {KILLS} kills: {ANSWERS / took:.0f} answers/s, "
            f"p50 {latencies[len(latencies) // 2] * 1000:.1f} ms, p99 {latencies[len(latencies) * 99 // 100] * 1000:.1f} ms, "
            f"{sum(r for _, r in got)} had been stored when their server was killed before it said so")


def count():
    return SITE.sql("intake", "SELECT count(*) FROM ticket WHERE finished = 1")[0][0]


def opened():
    """The night opens each of them, once"""
    SITE.night(OVER)
    answers = sorted((a["satisfaction"], a["minutes"]) for a in
                     (json.loads(text) for text, in SITE.sql("surveys", "SELECT answers FROM response")))
    assert answers == sorted((1 + i // 601, i % 601) for i in range(ANSWERS))
    assert SITE.sql("intake", "SELECT count(*) FROM waiting") == [(0,)]


try:
    run([load, opened])
finally:
    SITE.close()
