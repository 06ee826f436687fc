"""PgBouncer before a PostgreSQL of the tests: the pooler that stands between most often.

A context manager. Its settings are those of pgbouncer.ini, besides what a test that runs anywhere needs.
"""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from support import postgres
from support.ports import free_port

PROGRAM = "/usr/sbin/pgbouncer"
START_SECONDS = 30


def is_there():
    return postgres.is_there() and os.access(PROGRAM, os.X_OK)


class Pooler:
    def __init__(self, cluster, **settings):
        self.cluster = cluster
        self.port = free_port()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="octo-pgbouncer-"))
        settings = {"listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": "",
                    "auth_type": "trust", "auth_file": self.directory / "users", "pool_mode": "session",
                    "default_pool_size": 100, "ignore_startup_parameters": "options", **settings}
        roles = ("postgres", *postgres.ROLES)
        (self.directory / "users").write_text("".join(f'"{role}" ""\n' for role in roles), encoding="utf-8")
        (self.directory / "ini").write_text(
            f"[databases]\n* = host=127.0.0.1 port={cluster.port}\n[pgbouncer]\n" +
            "".join(f"{name} = {value}\n" for name, value in settings.items()), encoding="utf-8")
        self.process = None

    def start(self):
        whose = {}
        if os.geteuid() == 0:  # as which it refuses to run
            user = pwd.getpwnam("nobody")
            whose = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.directory, user.pw_uid, user.pw_gid)
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([PROGRAM, self.directory / "ini"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, **whose)
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer does not start:\n{self.log()}")
            time.sleep(0.02)
        return self

    def is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        return (self.directory / "log").read_text(errors="replace")

    def url(self, role, database):
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Database(postgres.Database):
    """A database that the services reach through a pooler and the test as ever."""

    def __init__(self, pooler):
        super().__init__(pooler.cluster)
        self.pooler = pooler

    def environment(self, services):
        return {f"OCTO_{service.upper()}_DATABASE_URL": self.pooler.url(f"octo_{service}", self.name)
                for service in services}
