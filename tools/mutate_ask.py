"""Asks the tests about a mutant, in a copy of the checkout. See tools/mutate.py.

The copy has a build directory whose programs are built anew as far as a change reaches, and another that tells
which functions a test enters (mutate_reach.py). A program whose bytes are the same as without the change has
nothing of it and is not asked, nor is a test that never enters the changed function. What a mutant does is
anybody's guess, kill(-1) included, so tests run in a process namespace of their own, which ends with all that
they have started.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from mutate_build import ends_with_us, ninja

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOME = ROOT / "build-mutate"
OPTIONS = ("-Dtests=true", "-Dwerror=false", "-Doptimization=1", "-Ddebug=false")
NAMESPACE = [*ends_with_us("KILL"), "unshare", *([] if os.geteuid() == 0 else ["--user", "--map-current-user"]),
             "--pid", "--fork", "--kill-child", "--mount-proc"]
MEMORY_MOST = 8 << 30  # bytes that one process may ask for
OCTO = "src/app/octo"  # in a build
PROGRAMS = {  # of a build, that the modules of a folder start
    "tests/integration": (OCTO,),
    "tests/oracle": (OCTO, "tests/support/tnsd/tnsd",
                     *(f"tests/oracle/ora-{name}"
                       for name in ("script", "names", "logon", "loop", "pooled", "many", "texts")))}
COMPILER = [*([] if shutil.which("ccache") is None else ["ccache"]), "gcc"]
SECONDS_AT_FIRST = 1200
SECONDS_MORE = 20  # that a test may take beyond six times what it took before
LINKED_AT_ONCE = 6  # programs, before they are asked and one of them may have killed the mutant
OTHERS = ["unit", "fuzz", "conformance"]  # suites of the C programs that are asked

# What of tests/integration is asked about a file, by where it is: on SQLite, and on PostgreSQL; and what of
# tests/oracle.
BACKENDS = ("sqlite", "postgres", "oracle")
AREAS = {
    "src/app/": ("commands config_page doctor installed password roles supervision views",
                 "doctor doctor_tls views"),
    "src/app/postgres_roles": ("", "postgres doctor"),
    "src/app/cmd_audit": ("audit_periods commands", "audit_periods"),
    "src/app/process": ("defaults secrets", ""),
    "src/app/ask_console": ("console", ""),
    "src/app/asking": ("console console_work", ""),
    "src/app/glance": ("console_use", ""),
    "src/app/cmd_hub": ("console_work", ""),
    "src/app/cmd_match": ("console_work", ""),
    "src/app/cmd_routes": ("promised roles", ""),
    "src/app/cmd_sql": ("", "", "sql"),
    "src/app/cmd_sqlid": ("commands", "", "sql"),
    "src/app/cmd_statement": ("console_work", ""),
    "src/app/cmd_trace": ("console", ""),
    "src/app/cmd_traffic": ("console_use", ""),
    "src/app/journeys": ("console_use", ""),
    "src/app/ora_selftest": ("", "", "texts"),
    "src/app/sql_": ("", "", "sql"),
    "src/app/cmd_warehouse": ("console_work", ""),
    "src/app/waterfall": ("console", ""),
    "src/console/": ("console console_use console_work console_databases", ""),
    "src/core/": ("commands contract catalogue_and_checkout", ""),
    "src/crm/": ("crm lists figures refused contract correlation order_sync roles", "refused"),
    "src/crm/invoices": ("invoices contract", "invoices"),
    "src/crm/chaos": ("simulation contract", "simulation"),
    "src/crm/simulate": ("simulation contract", "simulation"),
    "src/crm/catalogue_push": ("integrations contract", "integrations"),
    "src/crm/recommend": ("integrations contract", "integrations"),
    "src/crm/file_import": ("files contract", ""),
    "src/crm/files": ("files contract", "files"),
    "src/crm/home": ("pages", ""),
    "src/crm/invoice_pdf": ("invoices", ""),
    "src/crm/kept_file": ("files", ""),
    "src/crm/frontend": ("frontend contract", ""),
    "src/crm/integrations": ("integrations contract", "integrations"),
    "src/crm/leads": ("campaigns contract", "campaigns"),
    "src/crm/products": ("campaigns contract lists", "campaigns"),
    "src/crm/storefronts": ("campaigns contract", "campaigns"),
    "src/crm/shipping": ("campaigns contract", "campaigns"),
    "src/crm/customer_sides": ("customer_sides contract", "customer_sides"),
    "src/crm/report": ("reports contract", "reports"),
    "src/crm/sync_": ("order_sync order_feed views crm", ""),
    "src/crm/ticket": ("tickets contract", "tickets"),
    "src/crm/order_": ("crm lists figures refused contract order_sync order_feed views", "refused"),
    "src/db/postgres/": ("", "postgres postgres_fit postgres_sessions postgres_tags postgres_records "
                             "postgres_endings postgres_round_trips spans_join"),
    "src/db/postgres/diagnose": ("", "doctor postgres_fit"),
    "src/db/postgres/fit": ("", "postgres_fit pgbouncer doctor"),
    "src/db/postgres/route": ("", "doctor doctor_tls"),
    "src/db/sqlid_": ("commands", ""),
    "src/db/oracle/": ("", "", "texts"),
    "src/db/sql_reader": ("commands", "", "sql"),
    "src/db/sqlite/diagnose": ("doctor", ""),
    "src/db/postgres/count": ("", "console_databases"),
    "src/db/postgres/plan": ("", "console_databases"),
    "src/db/sqlite/plan": ("console_databases", ""),
    "src/db/server_counts": ("console_databases", "console_databases"),
    "src/db/diagnose": ("doctor", "doctor"),
    "src/db/": ("catalogue_and_checkout figures full_disk views tracing",
                "catalogue_and_checkout postgres_sessions spans_join"),
    "src/http/": ("contract events garbage pages parameters figures raw_http trace_context tracing", ""),
    "src/http/budget": ("budgets contract", ""),
    "src/http/connection": ("many_connections contract garbage raw_http", ""),
    "src/http/dispatch": ("noisy_neighbours contract events figures tracing", ""),
    "src/http/guests": ("budgets many_connections contract", ""),
    "src/http/listen": ("many_connections budgets contract", ""),
    "src/http/schedule": ("noisy_neighbours contract", ""),
    "src/net/": ("order_sync trace_context tracing", "doctor_tls"),
    "src/net/http_post": ("otlp", ""),
    "src/net/tls_signature": ("sso", ""),
    "src/ora/": ("commands", "", "listener logon loop names requests endings ways alone results"),
    "src/ora/certificate": ("", "", "tls names"),
    "src/ora/dn": ("", "", "tls names"),
    "src/ora/proxy": ("", "", "tls"),
    "src/ora/tls": ("", "", "tls"),
    "src/ora/wallet": ("", "", "tls names"),
    "src/otlp/": ("otlp", ""),
    "src/service/": ("audit contract crm events figures refused pages password roles tracing", "refused"),
    "src/service/campaigns": ("campaigns contract", "campaigns"),
    "src/service/budgets": ("budgets contract", ""),
    "src/service/api_keys": ("api_keys contract", "api_keys"),
    "src/service/figures": ("figures contract", "figures"),
    "src/service/home": ("pages", ""),
    "src/service/id_token": ("sso", ""),
    "src/service/integrations": ("integrations contract", "integrations"),
    "src/service/listing": ("lists contract", "lists postgres_route_round_trips"),
    "src/service/peer": ("integrations contract", "integrations"),
    "src/service/moves": ("tickets shop_tables campaigns contract", ""),
    "src/service/order_status": ("crm shop_tables order_sync", ""),
    "src/service/shipping": ("shop_tables campaigns contract", "shop_tables"),
    "src/service/simulation": ("simulation contract", "simulation"),
    "src/service/staff": ("shop_tables campaigns contract", ""),
    "src/service/telemetry": ("otlp tracing", ""),
    "src/service/audit": ("audit audit_periods growth contract refused", "audit audit_periods refused"),
    "src/service/auth": ("sign_in secrets roles users contract", ""),
    "src/service/data_dir": ("defaults commands", ""),
    "src/service/disk": ("full_disk", ""),
    "src/service/redact": ("secrets", ""),
    "src/service/settings": ("defaults config_page commands contract", ""),
    "src/service/sign_in": ("sign_in contract", "sign_in"),
    "src/service/sso": ("sso contract", ""),
    "src/service/statement_": ("console_databases contract", "console_databases"),
    "src/service/sweep": ("growth figures", ""),
    "src/service/user_admin": ("users contract", "users"),
    "src/service/ready": ("figures full_disk contract pages", ""),
    "src/service/warehouses": ("campaigns contract", "campaigns"),
    "src/http/multipart": ("files", ""),
    "src/http/xml_in": ("files", ""),
    "src/shop/enrichment": ("integrations contract", "integrations"),
    "src/shop/advice_": ("assistant assistant_model contract", ""),
    "src/shop/assistant": ("assistant assistant_model contract", "assistant"),
    "src/shop/campaigns": ("campaigns contract", "campaigns"),
    "src/shop/catalogue_sync": ("integrations contract", "integrations"),
    "src/shop/customer_pull": ("integrations contract", "integrations"),
    "src/shop/ticket_products": ("integrations contract", "integrations"),
    "src/shop/partner": ("api_keys contract", "api_keys"),
    "src/shop/payment": ("payments contract", "payments"),
    "src/shop/demo": ("shop_tables contract", "shop_tables"),
    "src/shop/home": ("pages", ""),
    "src/shop/front": ("pages contract", ""),
    "src/store/": ("console console_use console_work", ""),
    "src/shop/": ("catalogue_and_checkout lists shop_tables figures refused outbox contract correlation order_sync pages "
                  "roles", "refused postgres_shop_round_trips"),
    "src/shop/simulate": ("simulation contract", "simulation"),
    "src/shop/cart": ("catalogue_and_checkout secrets budgets contract", ""),
    "src/shop/sweeps": ("growth", ""),
    "src/trace/": ("figures trace_context tracing correlation spans_join", "spans_join"),
    "sql/core/": ("audit figures contract crm empty_texts password pages", "audit figures contract crm empty_texts"),
    "sql/core/simulation": ("simulation contract", "simulation"),
    "sql/crm/simulation": ("simulation contract", "simulation"),
    "sql/core/campaigns": ("campaigns contract", "campaigns postgres_portal_round_trips"),
    "sql/core/customers": ("crm customer_sides simulation shop_tables contract", "crm customer_sides simulation shop_tables"),
    "sql/core/identities": ("sso", "sso"),
    "sql/core/api_keys": ("api_keys contract", "api_keys"),
    "sql/core/shipping": ("shop_tables campaigns contract", "shop_tables postgres_shop_round_trips"),
    "sql/core/user_admin": ("users contract", "users"),
    "sql/core/audit": ("audit audit_periods figures lists contract", "audit audit_periods figures lists contract"),
    "sql/core/page_views": ("growth figures", "growth figures"),
    "sql/crm/": ("crm lists figures contract correlation order_sync", "crm lists figures order_sync postgres_locks"),
    "sql/crm/product": ("campaigns integrations outbox contract", "campaigns integrations outbox"),
    "sql/crm/invoices": ("invoices contract", "invoices postgres_portal_round_trips"),
    "sql/core/warehouses": ("campaigns contract", "campaigns"),
    "sql/crm/leads": ("campaigns contract", "campaigns"),
    "sql/crm/shipping": ("campaigns contract", "campaigns"),
    "sql/crm/customer_sides": ("customer_sides contract", "customer_sides postgres_portal_round_trips"),
    "sql/crm/report": ("reports contract", "reports"),
    "sql/crm/tickets": ("tickets contract", "tickets postgres_portal_round_trips"),
    "sql/crm/home": ("pages", "pages"),
    "sql/crm/order_": ("crm lists figures contract order_sync order_feed",
                       "crm lists figures order_sync order_feed postgres_locks"),
    "sql/db/postgres/counts": ("", "console_databases"),
    "sql/db/postgres/doctor": ("", "doctor"),
    "sql/db/postgres/openers": ("", "postgres_fit pgbouncer doctor"),
    "sql/db/": ("commands", "postgres postgres_sessions"),
    "sql/db/oracle/": ("", "", "texts"),
    "sql/store/": ("console", ""),
    "sql/sums/": ("console_work", ""),
    "sql/metrics/": ("console_work", ""),
    "sql/shop/": ("catalogue_and_checkout lists shop_tables figures outbox contract correlation order_sync pages",
                  "catalogue_and_checkout lists shop_tables figures outbox contract order_sync postgres_locks "
                  "postgres_shop_round_trips"),
    "sql/shop/analytics": ("growth figures lists contract", "growth figures contract"),
    "sql/shop/assistant": ("assistant assistant_model contract", "assistant"),
    "sql/shop/cart": ("catalogue_and_checkout growth secrets contract",
                      "catalogue_and_checkout growth contract postgres_locks"),
    "sql/shop/home": ("pages", "pages"),
    "sql/shop/partner": ("api_keys contract", "api_keys"),
    "sql/shop/payments": ("payments contract", "payments"),
    "sql/shop/demo": ("shop_tables contract", "shop_tables"),
}


def modules_of(path, backends=""):
    """(backend, module) of the integration tests of that area, of these backends where some are named."""
    area = max((prefix for prefix in AREAS if path.startswith(prefix)), key=len)
    return [(backend, "test_" + name) for backend, names in zip(BACKENDS, AREAS[area])
            for name in names.split() if not backends or backend in backends]


def mirrored(path, names):
    """Of the names of unit tests those that mirror this file: its own, and those that begin with its name."""
    parts = pathlib.PurePath(path).with_suffix("").parts
    own = f"{parts[1]}-{parts[-1]}"
    if parts[0] == "sql" and parts[1] == "core":
        own = f"service-{parts[-1]}"
    inner = f"{parts[1]}-{parts[-2]}"  # src/db/sqlite/values.c may be tested as db-sqlite
    found = [name for name in names if name == own or name.startswith(own + "_")]
    return found or [name for name in names if len(parts) > 3 and name.startswith(inner)]


KEPT = {"__pycache__", "node_modules"}  # that tests make in the checkout


class Copy:
    """The checkout as it is, beside it. Files that are the same keep their times, so little is built anew."""

    def __init__(self):
        self.root = HOME / "checkout"
        self.build = HOME / "build"
        self.plain = HOME / "plain"  # what modules start, without any change

    def bring_up_to_date(self):
        listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, check=True,
                                capture_output=True, text=True).stdout.split("\0")
        names = {name for name in listed if (ROOT / name).is_file()}
        for path in [path for path in self.root.rglob("*") if path.is_file()]:
            if str(path.relative_to(self.root)) not in names and not KEPT.intersection(path.parts):
                path.unlink()
        for name in names:
            here, there = ROOT / name, self.root / name
            if not there.exists() or there.read_bytes() != here.read_bytes():
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(here, there)

    def make(self, *targets):
        """What ninja says when it fails, None otherwise."""
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", self.build, self.root, *OPTIONS], check=True, capture_output=True,
                           env=dict(os.environ, CC=" ".join(COMPILER)))
        return ninja(self.build, *targets)

    def make_all(self):
        return self.make("all", "meson-test-prereq")

    def keep_plain(self):
        for program in {program for programs in PROGRAMS.values() for program in programs}:
            (self.plain / program).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.build / program, self.plain / program)

    def is_changed(self, program):
        return (self.build / program).read_bytes() != (self.plain / program).read_bytes()


def has_namespaces():
    return subprocess.run([*NAMESPACE, "true"], check=False, capture_output=True).returncode == 0


def run_alone(command, seconds, environment, folder):
    """Runs a test to its end, or ends it. Returns whether it passed and what it said at last."""
    limits = f"ulimit -v {MEMORY_MOST >> 10}; " + ' "$@"; exit $?'
    with tempfile.TemporaryFile("w+", errors="replace") as words:
        # The shell is the first process of the namespace, which signals of its own do not end.
        with subprocess.Popen([*NAMESPACE, "sh", "-c", limits, "sh", *map(str, command)], cwd=folder,
                              env=dict(os.environ, **environment), stdin=subprocess.DEVNULL, stdout=words,
                              stderr=subprocess.STDOUT, start_new_session=True) as process:
            code = None
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
            finally:
                if code is None:
                    os.killpg(process.pid, signal.SIGKILL)
        words.seek(0)
        said = words.read()
    return code == 0, "no end" if code is None else reason_of(said, code)


def reason_of(said, code):
    """The first case that failed, else how the program ended."""
    case = re.search(r"^not ok \d+ (?:- )?(\S+)|^(?:FAIL|ERROR): (.+)$", said, re.MULTILINE)
    return (case[1] or case[2]) if case else f"exit code {code}"


class Program:
    """A C test program of the build."""

    def __init__(self, test, copy):
        self.name = test["name"]
        self.command = test["cmd"]
        self.environment = test["env"]
        self.copy = copy
        self.path = pathlib.Path(self.command[0])
        self.target = str(self.path.relative_to(copy.build))
        self.digest = self.digest_now()  # without any change
        self.kills = 0

    def digest_now(self):
        return hashlib.sha256(self.path.read_bytes()).digest()

    @property
    def plain(self):
        """The build that has it without any change while what is learned of it is found out."""
        return self.copy.build

    @property
    def targets(self):
        """Its programs, which can be noted by the build that does."""
        return [self.target]

    def made_of(self, reach):
        """The files that what is learned of it depends on."""
        return [reach.build / self.target]

    def run(self, build, seconds):
        return run_alone([build / self.target, *self.command[1:]], seconds, self.environment, self.copy.build)

    def is_changed(self):
        return self.digest_now() != self.digest

    def ask(self, most):
        return self.run(self.copy.build, most)


class Module:
    """A module of tests/integration on one backend, or of tests/oracle."""

    def __init__(self, backend, name, copy):
        self.name = f"{name} ({backend})"
        self.copy = copy
        self.plain = copy.plain
        self.folder = "tests/oracle" if backend == "oracle" else "tests/integration"
        self.targets = PROGRAMS[self.folder]
        self.command = ["python3", "-B", "-m", "unittest", "--failfast", name]
        self.environment = {"OCTO_TEST_BACKEND": backend,
                            "PYTHONPATH": os.pathsep.join(str(copy.root / part) for part in ("tests", "tools"))}
        self.kills = 0

    def made_of(self, reach):
        tests = self.copy.root / "tests"
        own = self.copy.root / self.folder / (self.command[-1] + ".py")
        return [*(reach.build / target for target in self.targets), own, *sorted((tests / "support").glob("*.py"))]

    def run(self, build, seconds):
        environment = dict(self.environment, OCTO_BIN=str(build / OCTO), OCTO_TEST_BUILD=str(build))
        return run_alone(self.command, seconds, environment, self.copy.root / self.folder)

    def is_changed(self):
        return any(map(self.copy.is_changed, self.targets))

    def ask(self, most):
        """Twice, since what fails once may have failed by something else."""
        passed, reason = self.run(self.copy.build, most)
        return (passed, reason) if passed else self.run(self.copy.build, most)


class Learned:
    """What is known of the tests without any change: whether one passes, how long it takes and which functions it
    enters (None: it cannot be told). It is kept in a file, and holds as long as what the test is made of."""

    def __init__(self, path, reach):
        self.path = path
        self.reach = reach
        self.tests = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.sure = set()  # names of those that hold for this checkout

    def learn(self, test):
        """Without notes where it fails with them, since that build is slower."""
        self.reach.begin()
        since = time.monotonic()
        passed, _ = test.run(self.reach.build, SECONDS_AT_FIRST)
        entered = self.reach.end(*test.targets) if passed else None
        if not passed:
            since = time.monotonic()
            passed, _ = test.run(test.plain, SECONDS_AT_FIRST)
        return {"passes": passed, "seconds": time.monotonic() - since,
                "entered": None if entered is None else sorted(entered)}

    def of(self, test):
        if test.name not in self.sure:
            whole = hashlib.sha256(b"".join(path.read_bytes() for path in test.made_of(self.reach))).hexdigest()
            if self.tests.get(test.name, {}).get("digest") != whole:
                self.tests[test.name] = {"digest": whole, **self.learn(test)}
                self.write()
            self.sure.add(test.name)
        return self.tests[test.name]

    def write(self):
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(self.tests), encoding="utf-8")
        written.replace(self.path)

    def passes(self, test):
        return self.of(test)["passes"]

    def seconds(self, test):
        return self.of(test)["seconds"]

    def entered(self):
        """Functions that some test enters."""
        return {tuple(function) for test in self.tests.values() for function in test["entered"] or ()}

    def meets(self, test, touched):
        entered = self.of(test)["entered"]
        return entered is None or touched is None or not touched.isdisjoint(map(tuple, entered))


class Tests:
    """All that can be asked, in the order of asking."""

    def __init__(self, copy, reach, say):
        self.copy = copy
        self.reach = reach
        self.learned = Learned(HOME / "learned.json", reach)
        self.say = say
        self.programs = []
        self.modules = {}

    def prepare(self):
        """Builds without any change and leaves out what fails. Returns what ninja said when it failed."""
        self.copy.bring_up_to_date()
        self.say("building without any change")
        wrong = self.copy.make_all() or self.reach.make(COMPILER)
        if wrong:
            return wrong
        self.copy.keep_plain()
        tests = json.loads((self.copy.build / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
        programs = [Program(test, self.copy) for suite in OTHERS for test in tests
                    if any(name.split(":")[-1] == suite for name in test["suite"])]
        self.say(f"looking at {len(programs)} programs without any change")
        self.programs = [program for program in programs if self.may_ask(program)]
        return None

    def may_ask(self, test):
        """Not when it fails without any change."""
        if not self.learned.passes(test):
            self.say(f"{test.name} fails without any change and is not asked")
        return self.learned.passes(test)

    def module(self, backend, name):
        if (backend, name) not in self.modules:
            self.modules[backend, name] = Module(backend, name, self.copy)
        return self.modules[backend, name]

    def judge(self, mutant):
        """(verdict, by, asked): "killed", "survived", "same program" or "not built"; by whom it was killed; the
        names of the tests that ran."""
        known = self.learned.entered().union(self.reach.functions(self.reach.build / OCTO).values())
        touched = self.reach.touched(mutant, known)
        path = self.copy.root / mutant.path
        path.write_text(mutant.text, encoding="utf-8")
        try:
            return self.ask_all(mutant, touched)
        finally:
            path.write_text(mutant.source, encoding="utf-8")

    def ask_all(self, mutant, touched):
        asked = []
        is_changed = False
        for test in self.in_order(mutant, touched):
            if test is None:
                return "not built", None, asked
            if not test.is_changed():
                continue
            is_changed = True
            asked.append(test.name)
            passed, reason = test.ask(6 * self.learned.seconds(test) + SECONDS_MORE)
            if not passed:
                test.kills += 1
                return "killed", f"{test.name}: {reason}", asked
        return ("survived" if is_changed or self.copy.is_changed(OCTO) else "same program"), None, asked

    def in_order(self, mutant, touched):
        """The tests that meet the change, built: the mirrored ones, the other programs, of which the short ones and
        those that have killed much come first, and the modules of that area. None where one cannot be built."""
        meeting = [program for program in self.programs if self.learned.meets(program, touched)]
        near = mirrored(mutant.path, [program.name for program in self.programs])
        meeting.sort(key=lambda test: (test.name not in near, self.learned.seconds(test) / (1 + test.kills)))
        while meeting:
            count = sum(test.name in near for test in meeting) or LINKED_AT_ONCE
            next_ones, meeting = meeting[:count], meeting[count:]
            if self.copy.make(*{program.target for program in next_ones}):
                yield None
                return
            yield from next_ones
        modules = [self.module(backend, name) for backend, name in modules_of(mutant.path, mutant.backends)]
        if self.copy.make(*{OCTO, *(target for module in modules for target in module.targets)}):
            yield None
            return
        for module in sorted(modules, key=lambda module: -module.kills):
            if module.is_changed() and self.learned.meets(module, touched) and self.may_ask(module):
                yield module
