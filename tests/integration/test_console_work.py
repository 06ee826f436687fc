"""The console: what it tells of statements and of who kept the databases busy, and its commands say the same."""

import json
import time
import unittest

from support.harness import IS_POSTGRES
from support.sqlid import sql_id
from test_console import Console, attribute, request, span

SELECT_1 = "4bwp0wrq3m1ym"
HOUR = 3600 * 10**9


def statement(number, start, duration, text="SELECT 1", action="GET /a", **members):
    tags = [attribute("db.query.text", text), attribute("db.module", "octo-shop"), attribute("db.action", action)]
    return span(trace_id=f"{number:032x}", name="one", kind=3, startTimeUnixNano=str(start),
                endTimeUnixNano=str(start + duration), attributes=tags, **members)


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Work(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.console = cls.enterClassContext(Console())
        cls.start = time.time_ns() // HOUR * HOUR - HOUR
        sent = [statement(number, cls.start + number, number * 10**6) for number in range(1, 11)]
        sent.append(statement(11, cls.start, 10**9, status={"code": 2}, action="GET /b"))
        sent.append(statement(12, cls.start, 5 * 10**9, text="SELECT 2"))
        cls.console.send(request(*sent))

    def told(self, path, *command):
        """The answer, which the command gives too."""
        answer = self.console.ask(path)
        self.assertEqual(answer.status, 200, answer)
        done = self.console.octo(*command, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        said = json.loads(done.stdout)
        for moving in ("active_sessions", "series", "times", "others", "from", "to"):  # with each second
            said.pop(moving, None)
        self.assertLessEqual(said.keys(), answer.json.keys())
        for name in said.keys() - {"statements", "actions", "waits"}:
            self.assertEqual(said[name], answer.json[name], name)
        return answer.json

    def test_a_statement(self):
        one = self.told(f"/api/statements/{SELECT_1}", "statement", SELECT_1)
        self.assertEqual((one["name"], one["text"], one["executions"], one["failures"], one["file"]),
                         ("one", "SELECT 1", 11, 1, None))
        self.assertEqual(one["active_ns"], 55 * 10**6 + 10**9)
        self.assertEqual(sum(point["executions"] for point in one["series"]), 11)
        self.assertEqual([(caller["action"], caller["executions"]) for caller in one["callers"]],
                         [("GET /b", 1), ("GET /a", 10)])
        self.assertEqual({kind: example["trace_id"] for kind, example in one["examples"].items()},
                         {"fast": f"{1:032x}", "typical": f"{6:032x}", "slow": f"{10:032x}", "failed": f"{11:032x}"})
        shown = self.console.octo("statement", SELECT_1, LC_ALL="C").stdout
        self.assertTrue(shown.isascii())
        for words in ("SQL_ID 4bwp0wrq3m1ym", "  SELECT 1\n", "11 executions, 1 failed", "GET /b", f"{11:032x}"):
            self.assertIn(words, shown)

    def test_statements(self):
        self.assertEqual([one["name"] for one in self.told("/api/statements", "statements")["statements"]], ["one"] * 2)
        page = self.console.ask("/api/statements?sort=executions&limit=1").json
        self.assertEqual((page["total"], page["statements"][0]["sql_id"]), (2, SELECT_1))
        rest = self.console.ask(f"/api/statements?sort=executions&cursor={page['next_cursor']}").json
        self.assertEqual((len(rest["statements"]), rest["next_cursor"]), (1, None))
        self.assertIn(SELECT_1, self.console.octo("statements").stdout)

    def test_hub(self):
        hours = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.start // 10**9 + 3600 * at)) for at in (0, 1)]
        window = f"from={hours[0]}&to={hours[1]}"
        hub = self.told(f"/api/hub?{window}&by=action", "hub", "--by", "action", "--from", hours[0], "--to", hours[1])
        active = 55 * 10**6 + 6 * 10**9
        self.assertEqual((hub["active_ns"], hub["step_s"], len(hub["times"])), (active, 60, 60))
        self.assertAlmostEqual(hub["active_sessions"], active / HOUR)
        self.assertEqual([(series["key"], series["active_ns"]) for series in hub["series"]],
                         [("GET /a", active - 10**9), ("GET /b", 10**9)])
        self.assertAlmostEqual(hub["series"][0]["points"][0], (active - 10**9) / 60e9)
        self.assertEqual([one["key"] for one in hub["waits"]], ["running"])
        only = self.console.ask(f"/api/hub?{window}&sql_id={SELECT_1}&wait=running&top=1").json
        self.assertEqual((only["active_ns"], only["series"][0]["key"]), (55 * 10**6 + 10**9, "running"))
        self.assertIn("GET /b", self.console.octo("hub", "--by", "action", "--from", hours[0]).stdout)

    def test_warehouse(self):
        found = self.told("/api/warehouse?category=all", "warehouse", "--category", "all")
        self.assertEqual(found["counts"],
                         {"statements": 2, "degrading": 0, "improving": 0, "variant": 1, "inefficient": 0})
        self.assertEqual(found["limits"], {"change": 20, "variability": 166, "waiting": 20})
        self.assertEqual([(one["sql_id"] == SELECT_1, one["is_variant"], one["change_percent"])
                          for one in found["statements"]], [(False, False, None), (True, True, None)])
        self.assertEqual(self.console.ask("/api/warehouse").json["total"], 1)
        self.assertEqual(self.console.ask("/api/warehouse?variability=400").json["total"], 0)
        page = self.console.ask("/api/warehouse?category=all&limit=1").json
        rest = self.console.ask(f"/api/warehouse?category=all&limit=1&cursor={page['next_cursor']}").json
        self.assertEqual(([one["sql_id"] for one in rest["statements"]], rest["next_cursor"]), ([SELECT_1], None))
        self.assertIn("variant", self.console.octo("warehouse").stdout)

    def test_what_cannot_be_asked_is_named(self):
        for path, name in (("/api/hub?by=colour", "by"), ("/api/hub?top=0", "top"), ("/api/hub?from=soon", "from"),
                           ("/api/hub?from=2026-01-02&to=2026-01-01", "to"),
                           ("/api/hub?to=2026-01-01&from=2020-01-01", "from"),
                           ("/api/hub?from=1960-01-01&to=1960-01-02", "from"), ("/api/hub?sql_id=%27", "sql_id"),
                           ("/api/hub?from=2261-12-31&to=2262-01-02", "to"),
                           ("/api/statements?sort=colour", "sort"), ("/api/statements?cursor=x", "cursor"),
                           ("/api/warehouse?category=colour", "category"),
                           ("/api/warehouse?change=0", "change"),
                           ("/api/warehouse?cursor=x", "cursor"), ("/api/match?limit=0", "limit"),
                           ("/api/match?cursor=x", "cursor"), ("/api/match?from=1960-01-01", "from"),
                           ("/api/match?from=2026-01-02&to=2026-01-01", "to"), ("/api/match?to=2262-01-02", "to"),
                           ("/api/statements?limit=201", "limit"), ("/api/statements/xyz", "sql_id")):
            with self.subTest(path=path):
                answer = self.console.ask(path)
                self.assertEqual(answer.status, 422, answer)
                self.assertEqual(answer.json["errors"][0]["pointer"], name)
        page = self.console.ask("/api/statements?limit=1").json
        wrong = self.console.ask(f"/api/statements?sort=rows&cursor={page['next_cursor']}")
        self.assertEqual(wrong.json["errors"][0]["pointer"], "cursor")
        self.assertEqual(self.console.ask(f"/api/statements/{'0' * 13}").status, 404)
        for arguments in (("statement",), ("statement", "x")):
            self.assertEqual(self.console.octo(*arguments).returncode, 2)


def planted(at, number=0xa0):
    """What a service with one known statement tells of that time (ns), each thing but the first wrong in its own way;
    and one whose clock is three seconds ahead of it."""
    trace, known = f"{number:032x}", "SELECT 1 AS one"

    def one(number, text=known, parent="00000000000000a0", left_out=(), **said):
        said = {"db.query.text": text, "DbOracleSqlId": sql_id(text), "db.module": "octo", "db.action": "GET /",
                "db.client_identifier": trace, **said}
        return span(f"{number:016x}", trace, parentSpanId=parent, name=text, kind=3, startTimeUnixNano=str(at),
                    endTimeUnixNano=str(at + 10**6),
                    attributes=[attribute(key, value) for key, value in said.items() if key not in left_out])
    ends = {"startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 10**7)}
    yield request(
        span("00000000000000a0", trace, **ends), span("00000000000000a9", trace, kind=3, **ends), one(1),
        one(2, left_out=("DbOracleSqlId",)), one(3, DbOracleSqlId="no such id"),
        one(4, "SELECT 4 ", DbOracleSqlId=sql_id("SELECT 4")), one(5, "SELECT 5"), one(6, left_out=("db.module",)),
        one(7, **{"db.client_identifier": f"{number + 16:032x}"}), one(8, parent=""), one(9, parent="00000000000000dd"),
        service="planted")
    late = {"startTimeUnixNano": str(at + 3 * 10**9), "endTimeUnixNano": str(at + 3 * 10**9 + 8 * 10**6)}
    yield request(span("00000000000000b1", trace, parentSpanId="00000000000000a9", **late), service="late")


PLANTED = [("no_sql_id", "planted", 1), ("odd_sql_id", "planted", 1), ("altered_text", "planted", 1),
           ("unknown_statement", "planted", 1), ("no_tags", "planted", 1), ("foreign_tag", "planted", 1),
           ("no_trace", "planted", 1), ("no_parent", "planted", 1), ("clock_off", "late", 1)]


@unittest.skipIf(IS_POSTGRES, "of no database server")
class Match(unittest.TestCase):
    """Each way in which identifiers do not fit is named, with where to look."""

    def setUp(self):
        self.console = self.enterContext(Console())
        self.start = time.time_ns() // HOUR * HOUR - HOUR

    def test_match(self):
        for sent in planted(self.start + 1800 * 10**9):
            self.assertEqual(self.console.send(sent).json, {})
        window = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.start // 10**9 + at)) for at in (1790, 1810)]
        found = self.console.ask(f"/api/match?from={window[0]}&to={window[1]}").json
        told = self.console.octo("match", "--json", "--from", window[0], "--to", window[1])
        self.assertEqual(json.loads(told.stdout), found)
        self.assertEqual(found["all"], {"spans": 9, "with_sql_id": 6, "with_tags": 7, "with_trace": 7, "whole": 2})
        self.assertEqual([(one["kind"], one["service"], one["count"]) for one in found["mismatches"]], PLANTED)
        self.assertEqual([one["span_id"] and int(one["span_id"], 16) for one in found["mismatches"]],
                         [2, 3, 4, None, 6, 7, 8, 9, None])
        self.assertEqual([one["said"] for one in found["mismatches"]],
                         [None, "no such id", sql_id("SELECT 4"), None, "MODULE", f"{0xb0:032x}", None,
                          "00000000000000dd", "2.999 s before that of planted"])
        self.assertEqual(found["clocks"], [{"service": "late", "caller": "planted", "ahead_ns": 2999 * 10**6,
                                            "uncertainty_ns": 10**6, "questions": 1, "is_off": True}])
        path, listed = f"/api/match?from={window[0]}&to={window[1]}&limit=4", []
        while path:
            page = self.console.ask(path).json
            listed += page["mismatches"]
            path = page["next_cursor"] and f"{path.split('&cursor')[0]}&cursor={page['next_cursor']}"
        self.assertEqual((listed, page["total"]), (found["mismatches"], 9))
        shown = self.console.octo("match", "--from", window[0], "--to", window[1], LC_ALL="C").stdout
        self.assertTrue(shown.isascii())
        for words in ("9 statements told of, not all fit", "22.22 %", "altered_text: the text was altered after"):
            self.assertIn(words, shown)
        self.assertEqual(self.console.ask("/api/match?service=nobody").json["all"]["spans"], 0)
