"""What PostgreSQL itself says under load: every statement in the server's log carries the tag of the request
it belongs to, and no session shows a trace that is not at work on it."""

import collections
import json
import pathlib
import re
import tempfile
import threading
import time
import unittest

from support import postgres
from support.harness import IS_POSTGRES, Instance, patience, scaled
from support.mixed_load import MixedLoad
from support.server_log import BEFORE_TAGS, MODULES, UNRECORDED, WITHOUT_SPAN
from support.sqlid import sql_id

CONNECTIONS = 24
REQUESTS_EACH = scaled(30)
SETTINGS = {"log_statement": "all", "log_line_prefix": "<%p|%u|%d|%a> ", "log_parameter_max_length": "0"}
ENTRY = re.compile(r"<(\d+)\|(\w*)\|([^|]*)\|([^>]*)> (\w+):  (.*)", re.S)
STATEMENT = re.compile(r"(?:execute (\w+)|statement): (.*)", re.S)
# pg_stat_activity still shows these while the tags are not there yet or not there any more; the last is what a new
# session is asked.
BORDERS = re.compile(r"BEGIN ISOLATION|COMMIT$|ROLLBACK$|SELECT WHERE set_config\('application_name'|"
                     r"SELECT pg_backend_pid\(\), current_setting\(")

Line = collections.namedtuple("Line", "module trace name text")


def log_lines(log, database):
    """The statements of both services in the server's log, without BEFORE_TAGS and a failure's ROLLBACK.
    Continued lines begin with a tab."""
    lines = []
    has_failed = set()
    for entry in log.replace("\n\t", "\v").split("\n"):
        found = ENTRY.fullmatch(entry.replace("\v", "\n"))
        if not found or found.group(2) not in MODULES or found.group(3) != database:
            continue
        session, role, _, tag, severity, message = found.groups()
        statement = STATEMENT.fullmatch(message) if severity == "LOG" else None
        if severity == "ERROR":
            has_failed.add(session)
        if not statement:
            continue
        name, text = statement.groups()
        module, _, trace = tag.partition(" ")
        assert module == MODULES[role], entry
        if name not in BEFORE_TAGS and not (name == "octo_rollback" and session in has_failed):
            lines.append(Line(module, trace, name, text))
        has_failed.discard(session)
    return lines


def executions(span):
    """How often the server ran a span's text."""
    return span["attributes"].get("db.executions", 1)


class Tagged(unittest.TestCase):
    SEEN_ENOUGH = 20  # sessions at work; a round of the load may be over before the poller has seen so many
    ROUNDS_MOST = 20

    @classmethod
    def setUpClass(cls):
        if not IS_POSTGRES:
            raise unittest.SkipTest("runs once, with the tests that have a server")
        cls.cluster = postgres.Cluster(**SETTINGS)
        cls.addClassCleanup(cls.cluster.stop)

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="octo-tags-"))
        self.trace_log = pathlib.Path(self.folder) / "spans.jsonl"
        self.database = postgres.Database(self.cluster)
        self.instance = self.enterContext(Instance(
            database=self.database, OCTO_TRACE_LOG=str(self.trace_log), ORDERS_SYNC_ENABLED="true",
            ORDERS_SYNC_INTERVAL_SECONDS="1", OCTO_PUSH_ORDERS="true", DB_POOL_TIMEOUT_MS="60000",
            OCTO_REQUEST_TIMEOUT_MS="120000"))
        self.load = MixedLoad(self.instance, CONNECTIONS, REQUESTS_EACH)

    def stop_services(self):
        for service in (self.instance.shop, self.instance.crm):
            with service.client(internal=True) as client:
                metrics = client.get("/metrics").raw.decode()
            self.assertRegex(metrics, r"(?m)^trace_spans_dropped_total 0$")
            service.stop()

    def sql_spans(self):
        with open(self.trace_log, encoding="utf-8") as lines:
            spans = [json.loads(line) for line in lines]
        return [span for span in spans if "db.query.text" in span["attributes"]]

    def wait_for_log(self):
        """A session's log is whole when the server has ended it."""
        deadline = time.monotonic() + patience(60)
        with self.cluster.talk("postgres", "postgres") as talk:
            while talk.ask(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self.database.name}'"):
                self.assertLess(time.monotonic(), deadline, "the services' sessions do not end")
                time.sleep(0.02)

    def test_every_statement_carries_the_tag_of_its_request(self):
        self.load.run()
        self.stop_services()
        self.wait_for_log()
        lines = log_lines(self.cluster.log(), self.database.name)
        spans = self.sql_spans()
        said = collections.Counter()
        traces = {(span["service"], span["trace_id"]) for span in spans}
        scripts = []
        untagged = collections.Counter()
        for line in lines:
            if (line.module, line.trace) not in traces:
                untagged[line] += line.name not in UNRECORDED
            elif line.name is None:
                scripts.append(line)
            elif line.name not in WITHOUT_SPAN:
                said[line.module, line.trace, line.text] += 1
        meant = collections.Counter()
        for span in spans:
            attributes = span["attributes"]
            self.assertEqual(attributes["db.client_identifier"], span["trace_id"])
            self.assertEqual(attributes["DbOracleSqlId"], sql_id(attributes["db.query.text"]))
            meant[span["service"], span["trace_id"], attributes["db.query.text"]] += executions(span)
        self.assertEqual(list(+untagged)[:5], [])
        self.assertEqual(list(said - meant)[:5], [])
        self.assertEqual(list(meant - said)[:5], [])
        self.assertIn("audit_insert_batch", {span["name"] for span in spans})
        self.check_scripts(scripts, spans)
        self.assertLessEqual(set(self.load.requests) - {trace for _, trace, _ in said}, self.load.turned_away)
        self.assertGreater(sum(said.values()), 2 * len(self.load.requests))

    def check_scripts(self, scripts, spans):
        """Migrations are texts of several statements; they belong to the job that runs them."""
        jobs = {span["trace_id"] for span in spans if span["attributes"]["db.action"] == "BG migrate"}
        self.assertTrue(scripts)
        for line in scripts:
            self.assertIn(line.trace, jobs, line)

    def test_sessions_show_who_is_at_work_and_nobody_else(self):
        migrated = self.instance.octo("migrate", "--admin",
                                      self.cluster.url("postgres", self.database.name))
        self.assertEqual(migrated.returncode, 0, migrated)
        polls, is_over = [], threading.Event()
        poller = threading.Thread(target=self.poll, args=(polls, is_over))
        poller.start()
        try:
            for _ in range(self.ROUNDS_MOST):
                self.load.run()
                if sum(state != "idle" and " " in name for _, state, name, *_ in polls) > self.SEEN_ENOUGH:
                    break
            else:
                self.fail("nobody was seen at work")
        finally:
            is_over.set()
            poller.join()
        self.stop_services()
        jobs = {span["trace_id"] for span in self.sql_spans()
                if span["attributes"]["db.action"].startswith("BG ")}
        jobs |= {line.trace for line in log_lines(self.cluster.log(), self.database.name)
                 if line.name in UNRECORDED}
        for role, state, name, begun, has_snapshot, text in polls:
            module, _, trace = name.partition(" ")
            self.assertEqual(module, MODULES[role])
            if state == "idle":
                self.assertEqual(trace, "", text)
                continue
            if not trace:
                self.assertTrue(BORDERS.match(text) or (state == "active" and has_snapshot == "f") or
                                state == "idle in transaction (aborted)", (role, state, name, text))
                continue
            self.assertIn(trace, jobs | set(self.load.requests), (role, state, name, text))
            sent, answered = self.load.requests.get(trace, (0, None))
            self.assertLessEqual(sent, float(begun), (name, text))
            if trace not in jobs:  # which go on under the trace of an order after it was answered
                self.assertLessEqual(float(begun), answered, (name, text))

    def poll(self, polls, is_over):
        """As octo_observer, until the load is over. A session's moment of time is its transaction's begin."""
        with self.cluster.talk("octo_observer", self.database.name) as talk:
            while not is_over.is_set():
                polls.extend(talk.ask(
                    "SELECT usename, state, application_name, coalesce(extract(epoch FROM xact_start), 0), "
                    "backend_xmin IS NOT NULL, regexp_replace(left(query, 200), '\\s+', ' ', 'g') "
                    "FROM pg_stat_activity WHERE usename IN ('octo_shop', 'octo_crm') "
                    f"AND datname = '{self.database.name}' AND state IS NOT NULL"))


if __name__ == "__main__":
    unittest.main()
