"""Starts the real services on free ports over a directory of their own, and talks to them.

The executable is OCTO_BIN, else build/src/app/octo. OCTO_SLOW_BUILD (a sanitizer build) scales counts and
time limits through `scaled` and `patience`. OCTO_TEST_BACKEND=postgres puts both schemas into a database
of a PostgreSQL that is started for the test process, OCTO_TEST_BACKEND=oracle behind listeners that pose as
Oracle; the tests are the same.
"""

import atexit
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time

from support import oracle, postgres, secrets_hunt
from support.ports import free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OCTO = os.environ.get("OCTO_BIN", str(ROOT / "build/src/app/octo"))
BACKEND = os.environ.get("OCTO_TEST_BACKEND", "sqlite")
IS_POSTGRES = BACKEND == "postgres"
IS_ORACLE = BACKEND == "oracle"
SERVERS = {"postgres": postgres.Database, "oracle": oracle.Database}  # each for both services
IS_SERVER = BACKEND in SERVERS
NO_TEXT = None if IS_ORACLE else ""  # what a text of no characters is when it comes back
SERVICES = ("shop", "crm")
IS_SLOW = bool(os.environ.get("OCTO_SLOW_BUILD"))
PASSWORD = "correct-horse-battery"
INTERNAL_KEY = "test-key-0123456789abcdefghijklmnopqrstuvwxyz"
OUT_OF_TIME = ("deadline passed", "no database session became free in time")  # what /ready may say of itself
# What a test waits for takes as long as the machine lets it; those of these limits set their own.
PATIENT = {"OCTO_IDLE_TIMEOUT_SECONDS": "3600", "OCTO_REQUEST_TIMEOUT_MS": "240000", "DB_POOL_TIMEOUT_MS": "240000"}


def backends():
    """Names of those that a test of faults is for, each with the services that are on the server: both,
    unless OCTO_TEST_BACKEND asks for one."""
    asked = os.environ.get("OCTO_TEST_BACKEND")
    there = {"sqlite": (), **({"postgres": SERVICES} if postgres.is_there() else {})}
    return {name: on for name, on in there.items() if asked in (None, name)}.items()


def scaled(count):
    """A load of that size, a tenth of it in a slow build."""
    return max(1, count // 10) if IS_SLOW else count


def patience(seconds):
    """How long to wait for what must come: an end to hanging, never a measure of speed. The machine may have
    other things to do."""
    return max(seconds, 60) * (4 if IS_SLOW else 1)


def typed(command, *arguments):
    """A command of octo's with its arguments. `octo up` is for the two services: the console has tests of its own,
    and would want ports."""
    return [command, *(["--no-console"] if command == "up" else []), *arguments]


def moment(seconds):
    """A time of time.time() as a value for `execute`."""
    return postgres.Moment(seconds * 1e6)


class Answer:
    """Status, headers (lower case) and body of a response."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.raw = response.read()

    @property
    def json(self):
        return json.loads(self.raw)

    def __repr__(self):
        return f"<{self.status} {self.raw[:300]!r}>"


class Client:
    """One keep-alive connection. Not for several threads. `source` is its address: 127.0.0.2 and so on are
    strangers, 127.0.0.1 draws from no budget."""

    def __init__(self, port, headers=None, timeout=30, source=None, hunt=None):
        self.headers = dict(headers or {})
        self.hunt = hunt
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience(timeout),
                                                     source_address=source and (source, 0))

    def call(self, method, path, body=None, headers=None):
        sent = dict(self.headers, **(headers or {}))
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if self.hunt:
            self.hunt.sent(sent)
        self.connection.request(method, path, body, sent)
        answer = Answer(self.connection.getresponse())
        if self.hunt:
            said = {name: value for name, value in sent.items() if name.lower() != "cookie"}
            self.hunt.answered(method, path, said, body, answer)
        return answer

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def readiness(self, **options):
        """What /ready says. It looks with a second's patience, and is asked again where a busy machine took longer."""
        deadline = time.monotonic() + patience(60)
        while (answer := self.get("/ready", **options)).status == 503 and answer.json.get("error") in OUT_OF_TIME:
            if time.monotonic() > deadline:
                raise AssertionError(f"it has never time enough: {answer}")
        return answer

    def post(self, path, body=None, **options):
        return self.call("POST", path, body if body is not None else {}, **options)

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Service:
    """A service process: `octo shop` or `octo crm`."""

    def __init__(self, name, data, port, environment, executable=OCTO, database=None, hunt=None):
        self.name = name
        self.hunt = hunt
        self.server_database = database  # None: a file of the data directory
        self.data = pathlib.Path(data)
        self.port = port
        self.environment = environment
        self.executable = executable
        self.process = None
        self.log_path = self.data / f"{name}.log"

    def start(self, wait=True):
        log = open(self.log_path, "ab")
        with log:
            self.process = subprocess.Popen(
                [self.executable, self.name], env=self.environment, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        deadline = time.monotonic() + patience(60)
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                with self.client(timeout=2) as client:
                    if client.get("/health").status == 200:
                        return
            time.sleep(0.01)
        raise RuntimeError(f"{self.name} did not answer:\n{self.log()}")

    def client(self, internal=False, token=None, **options):
        headers = {}
        if internal:
            headers["X-Internal-Service-Key"] = INTERNAL_KEY
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return Client(self.port, headers, hunt=self.hunt, **options)

    def sign_in(self, username="admin", password=PASSWORD):
        """A client of a signed-in user; the CRM's session cookie works as the shop's token does."""
        with self.client() as client:
            answer = client.post("/api/auth/login", {"username": username, "password": password})
        assert answer.status == 200, answer
        if self.name == "shop":
            return self.client(token=answer.json["token"])
        cookie = answer.headers["set-cookie"].split(";")[0]
        return Client(self.port, {"Cookie": cookie, "X-Requested-With": "test"}, hunt=self.hunt)

    def database(self):
        """The service's database file, opened for looking."""
        connection = sqlite3.connect(f"file:{self.data / self.name}.db?mode=ro", uri=True,
                                     timeout=30)
        connection.row_factory = sqlite3.Row
        return connection

    def query(self, sql, *values):
        if self.server_database:
            return self.server_database.query(self.name, sql, values)
        with contextlib.closing(self.database()) as connection:
            return connection.execute(sql, values).fetchall()

    def value(self, sql, *values):
        return self.query(sql, *values)[0][0]

    def execute(self, sql, *values):
        """Changes rows behind the service's back; postgres.Refused when the database does not allow it."""
        if self.server_database:
            self.server_database.execute(self.name, sql, values)
            return
        with contextlib.closing(sqlite3.connect(self.data / f"{self.name}.db", timeout=30)) as db:
            try:
                with db:
                    db.execute(sql, values)
            except sqlite3.DatabaseError as refusal:
                raise postgres.Refused(str(refusal)) from refusal

    def insert(self, table, columns, rows):
        """Rows of these columns, in this order."""
        marks = ", ".join(f"({', '.join('?' * len(columns))})" for _ in rows)
        self.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {marks}", *itertools.chain(*rows))

    def poison(self, event, table, condition):
        """Rows of that condition make INSERT or UPDATE fail until they are cured."""
        if self.server_database:
            self.execute("CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
                         "$$ BEGIN RAISE EXCEPTION 'poison'; END $$")
            self.execute(f"CREATE TRIGGER poison BEFORE {event} ON {table} FOR EACH ROW "
                         f"WHEN ({condition}) EXECUTE FUNCTION poison()")
        else:
            self.execute(f"CREATE TRIGGER poison BEFORE {event} ON {table} WHEN {condition} "
                         "BEGIN SELECT raise(ABORT, 'poison'); END")

    def cure(self, table):
        if self.server_database:
            self.execute(f"DROP TRIGGER poison ON {table}")
            self.execute("DROP FUNCTION poison()")
        else:
            self.execute("DROP TRIGGER poison")

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @contextlib.contextmanager
    def standing_still(self):
        """Meanwhile it does nothing; what is sent to it waits in the kernel, all of it."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self):
        """As Ctrl-C does; the exit code."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(patience(30))
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        return self.process.returncode if self.process else 0


class Begun:
    """What an instance leaves behind that has been started once and stopped: databases that are migrated and have
    their first users. One is made for each that differs in `SETTLED`, and kept until the process ends."""

    SETTLED = ("BOOTSTRAP_ADMIN_PASSWORD", "SEED_USER_PASSWORD")  # settings that only the first start reads
    OTHERWISE = ("LD_PRELOAD", "FAKETIME")  # with these it would have begun at another time
    there = {}

    def __init__(self, on_server, settled):
        self.instance = Instance(on_server=on_server, hunted=False, is_first=True, **settled)
        atexit.register(self.instance.clear_away)
        self.instance.start()
        for service in (self.instance.shop, self.instance.crm):
            service.stop()

    @classmethod
    def like(cls, executable, on_server, environment):
        """One to go on from; None where there is none that an instance of this kind could have left."""
        if executable != OCTO or on_server not in ((), SERVICES) or any(name in environment for name in cls.OTHERWISE):
            return None
        settled = {name: environment[name] for name in cls.SETTLED if name in environment}
        key = (on_server, *settled.items())
        if key not in cls.there:
            cls.there[key] = cls(on_server, settled)
        return cls.there[key]

    def copy_files(self, data):
        for path in pathlib.Path(self.instance.data).glob("*.db"):
            shutil.copy(path, data)

    def copy_database(self):
        return SERVERS.get(BACKEND, postgres.Database)(template=self.instance.database.name)


class Instance:
    """Shop and CRM over one data directory. A context manager; leaves nothing behind.

    `on_server` names the services whose schema is in PostgreSQL; `cluster` is a server of the test's
    own, for tests that end it; in a `database` of the test's own are both. One that is `hunted` fails when it is
    closed if a secret can be read where it must not be (support/secrets_hunt.py). Unless it is to be the `first`
    its databases are copies of what another one left behind."""

    def __init__(self, executable=OCTO, on_server=SERVICES if BACKEND in SERVERS else (), cluster=None,
                 database=None, hunted=secrets_hunt.IS_ON, is_first=False, **environment):
        self.data = tempfile.mkdtemp(prefix="octo-test-")
        shop_port, crm_port = free_port(), free_port()
        begun = None if is_first or cluster or database else Begun.like(executable, on_server, environment)
        on_server = SERVICES if database else on_server
        self.database = database
        if begun and on_server:
            self.database = begun.copy_database()
        elif begun:
            begun.copy_files(self.data)
        elif on_server and not database:
            self.database = postgres.Database(cluster) if cluster else SERVERS.get(BACKEND, postgres.Database)()
        self.environment = {
            **os.environ, **(self.database.environment(on_server) if self.database else {}),
            "OCTO_DATA_DIR": self.data, "OCTO_SHOP_PORT": str(shop_port),
            "OCTO_CRM_PORT": str(crm_port), "BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
            "INTERNAL_SERVICE_KEY": INTERNAL_KEY, "ORDERS_SYNC_ENABLED": "false",
            "OCTO_PUSH_ORDERS": "false", "OCTO_PUSH_PRODUCTS": "false", **PATIENT,
            **({"OCTO_TRACE_LOG": f"{self.data}/spans.jsonl"} if hunted else {}), **environment}
        self.executable = executable
        self.hunt = secrets_hunt.Hunt(self.environment) if hunted else None
        self.shop, self.crm = (
            Service(name, self.data, port, self.environment, executable,
                    self.database if name in on_server else None, self.hunt)
            for name, port in zip(SERVICES, (shop_port, crm_port)))

    def start(self):
        self.shop.start(wait=False)
        self.crm.start(wait=False)
        self.shop.wait_ready()
        self.crm.wait_ready()
        return self

    def octo(self, *arguments, **options):
        """Runs a command of the executable to its end."""
        return subprocess.run([self.executable, *arguments], env=self.environment, text=True,
                              capture_output=True, timeout=patience(300), check=False, **options)

    def close(self):
        try:
            if self.hunt:
                self.hunt_secrets()
            if IS_SLOW:  # a sanitizer may have its say at the end
                for service in (self.shop, self.crm):
                    if service.stop() not in (0, -signal.SIGKILL):
                        raise AssertionError(f"{service.name} ended with "
                                             f"{service.process.returncode}:\n{service.log()}")
        finally:
            self.clear_away()

    def hunt_secrets(self):
        """What waits to be written is, when a service ends."""
        for service in (self.shop, self.crm):
            if service.process and service.process.poll() is None:
                self.hunt.ask(service)
                service.stop()
        self.hunt.read(self)
        self.hunt.judge()

    def clear_away(self):
        for service in (self.shop, self.crm):
            service.kill()
        if self.database:
            self.database.drop()
        shutil.rmtree(self.data, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()


@contextlib.contextmanager
def fresh_database():
    """The environment that says where both schemas are to be, besides the data directory: on PostgreSQL
    an empty database, on SQLite nothing."""
    if BACKEND not in SERVERS:
        yield {}
        return
    database = SERVERS[BACKEND]()
    try:
        yield database.environment(SERVICES)
    finally:
        database.drop()


def checkout_body(email="buyer@example.com", items=None, **more):
    return dict({"customer_name": "Test Buyer", "customer_email": email,
                 "shipping_address": "1 Test Street", "payment_method": "credit_card",
                 "items": items or [{"product_id": 1, "quantity": 1}]}, **more)


def in_parallel(count, work):
    """Runs work(index) on that many threads at once; results in order, the first exception raised."""
    results, failures = [None] * count, []
    barrier = threading.Barrier(count)

    def one(index):
        try:
            barrier.wait()
            results[index] = work(index)
        except BaseException as failure:  # pylint: disable=broad-except
            failures.append(failure)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results
