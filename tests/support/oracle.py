"""Databases for the services that pose as Oracle's: a listener of tests/support/tnsd for each service, over a
PostgreSQL that is started for the test process.

`Database` looks like that of support/postgres.py. Its questions go to PostgreSQL behind the listeners, in the schema
that what comes through them is stored in: the tests' own SQL is of no dialect that Oracle would have to read.
"""

import itertools
import os
import subprocess
import time

from support import postgres, tnsd

PASSWORD = "correct-horse-oracle"
POSE = os.environ.get("OCTO_TEST_POSE", "19c")
NUMBERS = itertools.count(1)
SERVICES = ("shop", "crm")


def is_there():
    return postgres.is_there() and (tnsd.BUILD / "tests/support/tnsd/tnsd").exists()


SEARCH_PATH = "app,ora,oracle,pg_catalog"


def filled(sql, values):
    """A text of no characters is NULL there."""
    return postgres.filled(sql, [None if value == "" else value for value in values])


class Listener:
    """Knows one user, OCTO_SHOP or OCTO_CRM, whose schema a PostgreSQL database is."""

    def __init__(self, service, url, pose, *options):
        self.process = subprocess.Popen(
            [tnsd.BUILD / "tests/support/tnsd/tnsd", "--user", f"octo_{service}", "--password", PASSWORD,
             "--pose", pose, "--database", url, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def say(self, *words):
        """A line of tests/support/tnsd/faults.h; the words of its answer, without the first."""
        print(*words, file=self.process.stdin, flush=True)
        kind, *answer = self.process.stdout.readline().split()
        assert kind != "what?", words
        return answer

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Database:
    """A database and a listener for each service; or copies of those of another one. With `certificates`, options of
    the listener, all goes by TLS, and who comes must show a certificate."""

    def __init__(self, template=None, pose=POSE, certificates=()):
        self.name = f"octo_ora_{os.getpid()}_{next(NUMBERS)}"
        self.cluster = tnsd.cluster()
        self.scheme = "tcps://" if certificates else ""
        for service in SERVICES:
            source = f"{template}_{service}" if template else "tnsd"
            self.copy(source, f"{self.name}_{service}")
        self.listeners = {service: Listener(service, self.cluster.url("postgres", f"{self.name}_{service}"), pose,
                                            *certificates) for service in SERVICES}

    def copy(self, source, name):
        """A session of the listener's may still be on its way out of what is copied."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.cluster.run("postgres", f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
                return
            except postgres.Refused as refusal:
                if "accessed by other users" not in str(refusal) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def environment(self, services):
        return {name: value for service in services for name, value in (
            (f"OCTO_{service.upper()}_ORACLE_DSN", f"{self.scheme}localhost:{self.listeners[service].port}/svc"),
            (f"OCTO_{service.upper()}_ORACLE_PASSWORD", PASSWORD))}

    def query(self, service, sql, values):
        return postgres.rows_of(self.cluster, f"{self.name}_{service}", filled(sql, values), SEARCH_PATH)

    def execute(self, service, sql, values):
        self.cluster.run(f"{self.name}_{service}", filled(sql, values), SEARCH_PATH)

    def drop(self):
        for service, listener in self.listeners.items():
            listener.stop()
            self.cluster.run("postgres", f"DROP DATABASE {self.name}_{service} WITH (FORCE)")
