"""Databases for the services that pose as Oracle's: a listener of tests/support/tnsd, over a PostgreSQL that is started
for the test process; one for each service (`Database`), or one for both, with a user for each (`Instance`).

`Database` looks like that of support/postgres.py. Its questions go to PostgreSQL behind the listeners, in the schema
that what comes through them is stored in: the tests' own SQL is of no dialect that Oracle would have to read.
"""

import functools
import itertools
import os
import subprocess
import time

from support import postgres, tnsd

ADMIN, ADMIN_PASSWORD = "admin", "correct-horse-admin"
PASSWORD = "correct-horse-oracle"
POSE = os.environ.get("OCTO_TEST_POSE", "19c")
NUMBERS = itertools.count(1)
SERVICES = ("shop", "crm")
OCTO = os.environ.get("OCTO_BIN", str(tnsd.BUILD / "src/app/octo"))


def is_there():
    return postgres.is_there() and (tnsd.BUILD / "tests/support/tnsd/tnsd").exists()


SEARCH_PATH = "app,ora,oracle,pg_catalog"


def filled(sql, values):
    """A text of no characters is NULL there."""
    return postgres.filled(sql, [None if value == "" else value for value in values])


class Listener:
    """Its own user's schema is `app` of a PostgreSQL database, those of others have their names."""

    def __init__(self, user, password, url, pose, *options):
        self.command = [tnsd.BUILD / "tests/support/tnsd/tnsd", "--user", user, "--password", password,
                        "--pose", pose, "--database", url, *options]
        self.port = 0
        self.start()

    def start(self):
        """At the port that it had, which one of its sessions may have in hand for a moment more."""
        deadline = time.monotonic() + 60
        while True:
            self.process = subprocess.Popen([*self.command, "--port", str(self.port)], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True)
            said = self.process.stdout.readline()
            if said:
                self.port = int(said.split()[1])
                return
            self.stop()
            assert time.monotonic() < deadline, "the listener does not start"

    def kill(self):
        """With all its sessions."""
        self.process.kill()
        self.stop()

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


def copy(cluster, source, name):
    """A session of the listener's may still be on its way out of what is copied."""
    deadline = time.monotonic() + 60
    while True:
        try:
            cluster.run("postgres", f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
            return
        except postgres.Refused as refusal:
            if "accessed by other users" not in str(refusal) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Database:
    """A database and a listener for each service; or copies of those of another one. With `certificates`, options of
    the listener, all goes by TLS, and who comes must show a certificate."""

    def __init__(self, template=None, pose=POSE, certificates=(), own_cluster=None):
        self.name = f"octo_ora_{os.getpid()}_{next(NUMBERS)}"
        self.cluster = own_cluster or tnsd.cluster()
        self.scheme = "tcps://" if certificates else ""
        for service in SERVICES:
            source = f"{template}_{service}" if template else "tnsd"
            copy(self.cluster, source, f"{self.name}_{service}")
        self.listeners = {service: Listener(f"octo_{service}", PASSWORD, self.cluster.url("postgres", f"{self.name}_{service}"), pose,
                                            *certificates) for service in SERVICES}

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


def make_users(place, environment=None):
    """`octo migrate --admin`, with settings of the services or none."""
    return subprocess.run([OCTO, "migrate", "--admin", place, "--user", ADMIN], env=environment, text=True,
                          input=ADMIN_PASSWORD + "\n", capture_output=True, timeout=240, check=False)


@functools.cache
def with_users():
    """The name of a database with the users and nothing of theirs, for others to be copied from."""
    name, cluster = "tnsd_users", tnsd.cluster()
    copy(cluster, "tnsd", name)
    listener = Listener(ADMIN, ADMIN_PASSWORD, cluster.url("postgres", name), POSE)
    try:
        done = make_users(f"localhost:{listener.port}/svc")
        assert done.returncode == 0, done.stderr
    finally:
        listener.stop()
    cluster.run(name, f"UPDATE tnsd.users SET password = '{PASSWORD}', is_locked = false")
    return name


class Instance:
    """One database with the users OCTO_SHOP, OCTO_CRM and OCTO_OBSERVER that `octo migrate --admin` makes, or with nobody
    but the administrator, or what a `template` has; else as Database."""

    def __init__(self, pose=POSE, certificates=(), has_users=True, template=None):
        self.name = f"octo_ora_{os.getpid()}_{next(NUMBERS)}"
        self.cluster = tnsd.cluster()
        copy(self.cluster, template or (with_users() if has_users else "tnsd"), self.name)
        self.listener = Listener(ADMIN, ADMIN_PASSWORD, self.cluster.url("postgres", self.name), pose, *certificates)
        self.place = f"{'tcps://' if certificates else ''}localhost:{self.listener.port}/svc"

    def environment(self, services):
        return {"ORACLE_DSN": self.place} | {f"OCTO_{service.upper()}_ORACLE_PASSWORD": PASSWORD for service in services}

    @staticmethod
    def search_path(service):
        return f"octo_{service},ora,oracle,pg_catalog"

    def query(self, service, sql, values):
        return postgres.rows_of(self.cluster, self.name, filled(sql, values), self.search_path(service))

    def execute(self, service, sql, values):
        self.cluster.run(self.name, filled(sql, values), self.search_path(service))

    def drop(self):
        self.listener.stop()
        self.cluster.run("postgres", f"DROP DATABASE {self.name} WITH (FORCE)")
