"""A PostgreSQL of the test process's own: started when first needed, gone at its end.

`Database` is one empty database in it with the roles and schemas of both services. Its answers look like
those of the SQLite files: money in cents, times in microseconds, rows by name and by place.
"""

import atexit
import csv
import ctypes
import datetime
import decimal
import io
import itertools
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

from support.ports import free_port

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
ROLES = ("octo_shop", "octo_crm", "octo_observer")
NULL = "<null>"
NEXT = "<next>"  # between the results of one run
START_SECONDS = 120
UTC_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def is_there():
    return (BIN / "postgres").exists()


class Refused(Exception):
    """The database did not accept a statement."""


class Moment(int):
    """Microseconds since 1970, where a statement wants a time."""


class Row(tuple):
    """A row of a result, by place and by name."""

    def __new__(cls, names, values):
        row = super().__new__(cls, values)
        row.names = names
        return row

    def keys(self):
        return self.names

    def __getitem__(self, key):
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)


class Cluster:
    """A server on a free port of this machine; anybody there may sign in as anybody. The settings are the
    server's own: log_statement="all". The usual ones do not keep it from losing everything with the machine."""

    def __init__(self, roles=ROLES, parent=None, **settings):
        self.directory = tempfile.mkdtemp(prefix="octo-postgres-", dir=parent)
        self.user = None
        if os.geteuid() == 0:  # as which the server refuses to run
            self.user = pwd.getpwnam("nobody")
            os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
        self.port = free_port()
        made = self.spawn([BIN / "initdb", "-D", "data", "-U", "postgres", "-A", "trust",
                           "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])
        if made.wait() != 0:
            raise RuntimeError(f"initdb failed:\n{self.log()}")
        self.process = None
        self.settings = settings
        atexit.register(self.stop)
        self.start_server()
        for role in roles:
            self.run("postgres", f"CREATE ROLE {role} LOGIN")

    def spawn(self, command):
        def end_with_parent():
            ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG

        whose = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} \
            if self.user else {}
        with open(f"{self.directory}/log", "ab") as log:
            return subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, preexec_fn=end_with_parent, **whose)

    def start_server(self):
        """On the same port and directory as before. What a killed server left behind holds its memory
        for a moment, in which the next one does not start."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start:\n{self.log()}")
            if self.process is None or self.process.poll() is not None:
                self.process = self.spawn(
                    [BIN / "postgres", "-D", "data", "-p", str(self.port), "-k", self.directory,
                     "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
                     "-c", "max_connections=300",
                     *(word for name, value in self.settings.items()
                       for word in ("-c", f"{name}={value}"))])
            time.sleep(0.05)

    def is_ready(self):
        return subprocess.run([BIN / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                              check=False).returncode == 0

    def end_server(self, how):
        """SIGINT and SIGQUIT are what pg_ctl stop sends for fast and immediate. With fsync=off even
        SIGKILL takes nothing that was committed, since the machine goes on."""
        self.process.send_signal(how)
        self.process.wait()

    def log(self):
        return pathlib.Path(self.directory, "log").read_text(errors="replace")

    def url(self, role, database):
        return f"postgresql://{role}@127.0.0.1:{self.port}/{database}"

    def run(self, database, sql, schema="public"):
        """What psql prints for some statements, as the superuser."""
        done = subprocess.run(
            [BIN / "psql", "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-P", f"null={NULL}",
             "-d", self.url("postgres", database)],
            env={**os.environ, "PGOPTIONS": f"-c search_path={schema} -c TimeZone=UTC"},
            input=sql + (";" if not sql.rstrip().endswith("\\gdesc") else "\n"), text=True,
            capture_output=True, check=False)
        if done.returncode != 0:
            raise Refused(done.stderr)
        return list(csv.reader(io.StringIO(done.stdout)))

    def talk(self, role, database):
        """A session that stays."""
        return Talk(self.url(role, database))

    def stop(self):
        atexit.unregister(self.stop)
        if self.process:
            self.end_server(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)


class Talk:
    """A session of psql's. A context manager; not for several threads."""

    END = "that was all"

    def __init__(self, url):
        self.process = subprocess.Popen(
            [BIN / "psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, sql):
        """The rows of some statements, each a list of texts."""
        self.process.stdin.write(f"{sql};\n\\echo {self.END}\n")
        self.process.stdin.flush()
        rows = []
        for line in self.process.stdout:
            if line.rstrip("\n") == self.END:
                return rows
            rows.append(line.rstrip("\n").split("\t"))
        raise Refused(f"psql ended: {sql}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


CLUSTER = []
NUMBERS = itertools.count(1)


def cluster():
    if not CLUSTER:
        CLUSTER.append(Cluster())
    return CLUSTER[0]


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, Moment):
        return f"(timestamptz 'epoch' + interval '{int(value)} microseconds')"
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def filled(sql, values):
    """The text with its question marks replaced; none of ours stands inside a string."""
    rest = iter(values)
    return re.sub(r"\?", lambda _: literal(next(rest)), sql)


def time_of(text):
    since = datetime.datetime.fromisoformat(re.sub(r"(\+00)?$", "+00:00", text, count=1)) - UTC_EPOCH
    return Moment(since // datetime.timedelta(microseconds=1))


def value_of(text, type_name):
    if text == NULL:
        return None
    if type_name.startswith("timestamp"):
        return float(text) if text.endswith("infinity") else time_of(text)
    if type_name.startswith("numeric"):  # money has decimals; sums of whole numbers have none
        return int(decimal.Decimal(text) * 100) if "." in text else int(text)
    if type_name in ("bigint", "integer", "smallint"):
        return int(text)
    if type_name == "boolean":
        return int(text == "t")
    if type_name == "double precision":
        return float(text)
    return text


def rows_of(server, database, sql, schema):
    """What a statement gives, as the SQLite files would."""
    found = server.run(database, f"{sql} \\gdesc\n\\echo {NEXT}\n{sql}", schema)
    at = found.index([NEXT])
    types = [row[1] for row in found[1:at]]
    names, *rows = found[at + 1:]
    return [Row(names, map(value_of, row, types)) for row in rows]


class Session:
    """A session that stays, for transactions that are left open. A context manager."""

    def __init__(self, url, service):
        self.psql = subprocess.Popen(
            [BIN / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", url],
            env={**os.environ, "PGOPTIONS": f"-c search_path=octo_{service}"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, sql):
        """Returns when the server has done it."""
        self.psql.stdin.write(f"{sql};\n\\echo done\n")
        self.psql.stdin.flush()
        for line in self.psql.stdout:
            if line == "done\n":
                return
        raise Refused(sql)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.psql.communicate()


class Database:
    """A database with the schemas of both services, each owned by its role; or a copy of one that nobody
    has open."""

    def __init__(self, own_cluster=None, template=None):
        self.cluster = own_cluster or cluster()
        self.name = f"octo_{os.getpid()}_{next(NUMBERS)}"
        if template:
            self.cluster.run("postgres", f"CREATE DATABASE {self.name} TEMPLATE {template} STRATEGY FILE_COPY")
            return
        self.cluster.run("postgres", f"CREATE DATABASE {self.name}")
        self.cluster.run(self.name, "CREATE SCHEMA octo_shop AUTHORIZATION octo_shop;"
                                    "CREATE SCHEMA octo_crm AUTHORIZATION octo_crm")

    def environment(self, services):
        return {f"OCTO_{service.upper()}_DATABASE_URL":
                self.cluster.url(f"octo_{service}", self.name) for service in services}

    def query(self, service, sql, values):
        return rows_of(self.cluster, self.name, filled(sql, values), f"octo_{service}")

    def execute(self, service, sql, values):
        self.cluster.run(self.name, filled(sql, values), f"octo_{service}")

    def drop(self):
        self.cluster.run("postgres", f"DROP DATABASE {self.name} WITH (FORCE)")
