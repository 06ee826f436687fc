"""tools/mutate*.py: what is changed in C and in SQL, the choice by a seed, and whom a mutant is shown to."""

import contextlib
import io
import os
import pathlib
import re
import select
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from unittest import mock

import mutate
import mutate_ask
import mutate_c
import mutate_reach
import mutate_sql
from mutate_change import Change, Mutant

ROOT = pathlib.Path(__file__).resolve().parents[3]
OF_NO_AREA = {("tests/integration", "test_units"),  # what is installed beside the program
              ("tests/oracle", "test_grammar"),  # reads what the catalogue's area is asked to execute
              ("tests/oracle", "test_views")}  # the listener's own


class Changes(unittest.TestCase):
    def of(self, source, find):
        """(kind, what becomes of the line) of each change, without blanks around."""
        found = []
        for change in find(source):
            before = source.splitlines()
            after = change.made_in(source).splitlines()
            self.assertEqual(len(before), len(after), "the lines below stay where they are")
            found += [(change.kind, new.strip()) for old, new in zip(before, after) if old != new]
        return found


class C(Changes):
    def of_body(self, body):
        return self.of(f"int f(void)\n{{\n{body}\n}}\n", mutate_c.changes_of)

    def test_signs(self):
        self.assertEqual(self.of_body("return a < b;"), [("relation", "return a <= b;")])
        self.assertEqual(self.of_body("return a >= b;"), [("relation", "return a > b;")])
        self.assertEqual(self.of_body("return a == b;"), [("relation", "return a != b;")])
        self.assertEqual(self.of_body("return a + b[i] - c();"),
                         [("sum", "return a - b[i] - c();"), ("sum", "return a + b[i] + c();")])
        self.assertEqual(self.of_body("return a && b || c;"),
                         [("logic", "return a || b || c;"), ("logic", "return a && b && c;")])
        self.assertEqual(self.of_body("return !is_done;"), [("negation dropped", "return is_done;")])

    def test_signs_with_one_side(self):
        for body in ("return -a;", "return (-a);", "i++;", "--i;", "return p->next;", "return *p & ~q;",
                     "return a << b >> c;"):
            self.assertEqual(self.of_body(body), [], body)

    def test_constants(self):
        self.assertEqual(self.of_body("return 7U;"), [("constant by one", "return 8U;"),
                                                      ("constant by one", "return 6U;")])
        self.assertEqual(self.of_body("return 0;"), [("constant by one", "return 1;")])
        self.assertEqual(self.of_body("return 0x1F + 1.5;"), [("sum", "return 0x1F - 1.5;")])

    def test_returns(self):
        self.assertEqual(self.of_body("return true;"), [("return swapped", "return false;")])
        self.assertEqual(self.of_body("return false;"), [("return swapped", "return true;")])

    def test_calls(self):
        self.assertEqual(self.of_body("go(a, b(c));"), [("call deleted", ";")])
        self.assertEqual(self.of_body("(void)go();"), [("call deleted", ";")])
        self.assertEqual(self.of_body("if (a)\ngo();"), [("call deleted", ";")])
        self.assertEqual(self.of_body("switch (a) {\ncase A:\ngo();\n}"), [("call deleted", ";")])
        self.assertEqual(self.of_body("out:\ngo();"), [("call deleted", ";")])
        for body in ("free(p);", "assert(p);", "buf_fini(&b);", "return go();", "a = p ? q\n: go();", "int x = go();",
                     "while (go()) {\n}"):
            self.assertNotIn("call deleted", [kind for kind, _ in self.of_body(body)], body)

    def test_a_call_of_several_lines(self):
        self.assertEqual(self.of_body("go(a,\nb);\nhere();")[:2], [("call deleted", ";"), ("call deleted", "")])

    def test_assignments(self):
        for body in ("a = b;", "*a = b;", "a->b[i].c = d;", "a += b;", "(*a)->b = c;"):
            self.assertIn(("assignment deleted", ";"), self.of_body(body), body)
        for body in ("int a = b;", "struct a *b = c;", "const char *const a = b;", "char a[] = b;", "a == b;",
                     "for (a = b; c; d = e) {\n}"):
            self.assertNotIn("assignment deleted", [kind for kind, _ in self.of_body(body)], body)

    def test_what_does_not_run(self):
        self.assertEqual(self.of('''
            #if A < 1 && B
            #include <a/b.h>
            /* a < b, go(); */
            enum { A = 1 + 2 };
            static const int b[] = {1, 2};
            struct c { int d[3]; };
            ''', mutate_c.changes_of), [])
        self.assertEqual(self.of_body('log("a < b; go(); 1", \'1\' /* 2 */); // 3 < 4'),
                         [("call deleted", "; // 3 < 4")])

    def test_the_sources_of_this_checkout(self):
        """Every function is found, and every change leaves the brackets in pairs."""
        source = (ROOT / "src/core/text.c").read_text(encoding="utf-8")
        changes = mutate_c.changes_of(source)
        self.assertGreater(len(changes), 200)
        self.assertEqual(len({(change.start, change.end, change.text) for change in changes}), len(changes))
        for change in changes:
            gone = source[change.start:change.end]
            for opening, close in ("()", "[]", "{}"):
                self.assertEqual(gone.count(opening) - gone.count(close),
                                 change.text.count(opening) - change.text.count(close), gone)


class Sql(Changes):
    def of_statement(self, text, head="-- name: a\n-- params: b int"):
        return self.of(f"{head}\n{text}\n", mutate_sql.changes_of)

    def kinds(self, text, kind):
        return [after for name, after in self.of_statement(text) if name == kind]

    def test_predicates(self):
        self.assertEqual(self.kinds("SELECT a FROM t WHERE b = :b AND c BETWEEN d AND e ORDER BY a", "predicate void"),
                         ["SELECT a FROM t WHERE (1 = 1 OR (b = :b)) AND c BETWEEN d AND e ORDER BY a",
                          "SELECT a FROM t WHERE b = :b AND (1 = 1 OR (c BETWEEN d AND e)) ORDER BY a"])
        self.assertEqual(self.kinds("SELECT a FROM t JOIN u ON t.a = u.a", "predicate void"),
                         ["SELECT a FROM t JOIN u ON (1 = 1 OR (t.a = u.a))"])
        self.assertEqual(self.kinds("SELECT (SELECT 1 FROM t WHERE b) FROM u", "predicate void"),
                         ["SELECT (SELECT 1 FROM t WHERE (1 = 1 OR (b))) FROM u"])

    def test_signs(self):
        self.assertEqual(self.kinds("UPDATE t SET a = b WHERE c = d AND e <= f", "relation"),
                         ["UPDATE t SET a = b WHERE c <> d AND e <= f", "UPDATE t SET a = b WHERE c = d AND e < f"])
        self.assertEqual(self.kinds("SELECT a + 2, -b FROM t", "sum"), ["SELECT a - 2, -b FROM t"])
        self.assertEqual(self.kinds("SELECT a + 2, -b FROM t", "constant by one"), ["SELECT a + 3, -b FROM t"])
        self.assertEqual(self.kinds("DELETE FROM t WHERE a OR b", "logic"), ["DELETE FROM t WHERE a AND b"])

    def test_order(self):
        self.assertEqual(self.kinds("SELECT a FROM t ORDER BY a DESC, lower(b, c), d LIMIT 1", "order turned"),
                         ["SELECT a FROM t ORDER BY a ASC, lower(b, c), d LIMIT 1",
                          "SELECT a FROM t ORDER BY a DESC, lower(b, c) DESC, d LIMIT 1",
                          "SELECT a FROM t ORDER BY a DESC, lower(b, c), d DESC LIMIT 1"])

    def test_conflicts(self):
        self.assertEqual(self.kinds("INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET b = c WHERE d RETURNING a",
                                    "conflict part dropped"),
                         ["INSERT INTO t VALUES (1)  RETURNING a",
                          "INSERT INTO t VALUES (1) ON CONFLICT (a) DO NOTHING RETURNING a"])

    def test_assignments(self):
        self.assertEqual(self.kinds("UPDATE t SET a = f(b, c), d = e WHERE g", "assignment deleted"),
                         ["UPDATE t SET d = e WHERE g", "UPDATE t SET a = f(b, c) WHERE g"])
        self.assertEqual(self.kinds("UPDATE t SET a = :b WHERE g", "assignment void"),
                         ["UPDATE t SET a = CASE WHEN 1 = 1 THEN a ELSE :b END WHERE g"])
        self.assertEqual(self.kinds("UPDATE t SET a = b WHERE g", "assignment deleted"), [])

    def test_locks(self):
        self.assertEqual(self.kinds("SELECT a FROM t FOR NO KEY UPDATE OF t", "row lock dropped"), ["SELECT a FROM t"])
        self.assertEqual(self.kinds("SELECT a FROM t FOR UPDATE", "row lock dropped"), ["SELECT a FROM t"])

    def test_comments_and_texts_stay(self):
        self.assertEqual(self.of_statement("SELECT 'a < 1' -- WHERE 1 < 2 ORDER BY b"), [])

    def test_dialects(self):
        source = "-- name: a\n-- sqlite:\nSELECT 1\n-- postgres:\nSELECT 2\n-- name: b\nSELECT 3\n"
        self.assertEqual([mutate_sql.dialects_at(source, change.start) for change in mutate_sql.changes_of(source)],
                         ["sqlite", "postgres", ""])

    def test_the_statements_of_this_checkout_keep_their_parameters(self):
        for path in mutate.files_of(ROOT, []):
            if not path.endswith(".sql"):
                continue
            source = (ROOT / path).read_text(encoding="utf-8")
            for change in mutate_sql.changes_of(source):
                if change.kind != "conflict part dropped":
                    gone = source[change.start:change.end]
                    self.assertEqual(re.findall(r":[a-z]\w*", gone), re.findall(r":[a-z]\w*", change.text), gone)


class Choosing(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.write("src/a/b.c", "int f(void)\n{\nreturn a < 1 && !b;\n}\n")
        self.write("sql/a/b.sql", "-- name: a\nSELECT a FROM t WHERE b = 1 ORDER BY a\n")
        self.write("sql/a/schema/0001.sql", "SELECT 1 + 2\n")

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def test_the_same_seed_makes_the_same_mutants(self):
        first = mutate.choose(self.root, [], 5, 4)
        self.assertEqual(mutate.choose(self.root, [], 5, 4), first)
        self.assertEqual(mutate.choose(self.root, [], 5, 2), first[:2])
        self.assertNotEqual([mutate.choose(self.root, [], seed, 4) for seed in range(3)], [first] * 3)

    def test_no_mutant_comes_twice_and_they_end(self):
        mutants = mutate.choose(self.root, [], 1, 100)
        self.assertEqual(len(set(mutants)), len(mutants))
        self.assertEqual({mutant.path for mutant in mutants}, {"src/a/b.c", "sql/a/b.sql"})
        self.assertEqual(len(mutants), 8)

    def test_files_that_are_named(self):
        self.assertEqual({mutant.path for mutant in mutate.choose(self.root, ["src/a/b.c"], 1, 100)}, {"src/a/b.c"})

    def test_wrong_usage(self):
        for words in (["--count", "1"], ["--seed", "1"], ["--seed", "1", "--count", "1", "src/none.c"],
                      ["--seed", "1", "--count", "1", str(ROOT / "tests/support/suite.c")]):
            with self.assertRaises(SystemExit) as end, contextlib.redirect_stderr(io.StringIO()):
                mutate.read_arguments(words)
            self.assertEqual(end.exception.code, 2, words)
        arguments = mutate.read_arguments(["--seed", "1", "--count", "2", str(ROOT / "src/core/rd.c")])
        self.assertEqual(arguments.files, ["src/core/rd.c"])


class Whom(unittest.TestCase):
    def test_mirrored(self):
        names = ["shop-order_place", "http-server", "http-server_life", "http-router", "service-auth", "db-sqlite",
                 "service-users"]
        for path, expected in (("src/shop/order_place.c", ["shop-order_place"]),
                               ("src/http/server.c", ["http-server", "http-server_life"]),
                               ("sql/shop/order_place.sql", ["shop-order_place"]),
                               ("sql/core/users.sql", ["service-users"]),
                               ("src/db/sqlite/values.c", ["db-sqlite"]),
                               ("src/shop/home.c", []), ("src/db/db.c", [])):
            self.assertEqual(mutate_ask.mirrored(path, names), expected, path)

    def test_every_file_has_an_area_and_every_area_its_tests(self):
        for path in mutate.files_of(ROOT, []):
            modules = [mutate_ask.Module(*module, mock.Mock(root=ROOT)) for module in mutate_ask.modules_of(path)]
            self.assertTrue(modules, path)
            for module in modules:
                self.assertTrue((ROOT / module.folder / f"{module.command[-1]}.py").is_file(), module.name)

    def test_every_module_is_asked_of_some_area(self):
        asked = {(mutate_ask.Module(backend, name, mock.Mock(root=ROOT)).folder, "test_" + name)
                 for row in mutate_ask.AREAS.values() for backend, names in zip(mutate_ask.BACKENDS, row)
                 for name in names.split()}
        there = {(folder, path.stem) for folder in mutate_ask.PROGRAMS for path in (ROOT / folder).glob("test_*.py")}
        # What only Oracle sees is the driver's area as a whole, whose own modules are shorter.
        others = {(folder, name) for folder, name in there - asked if not name.startswith("test_oracle")}
        self.assertEqual(others, OF_NO_AREA)

    def test_a_dialects_own_text_is_shown_to_its_backend(self):
        for dialects, backends in (("", {"sqlite", "postgres"}), ("postgres", {"postgres"}), ("sqlite", {"sqlite"})):
            modules = mutate_ask.modules_of("sql/shop/cart.sql", dialects)
            self.assertEqual({backend for backend, _ in modules}, backends)


@unittest.skipUnless(shutil.which("unshare") and mutate_ask.has_namespaces(), "no process namespaces here")
class Alone(unittest.TestCase):
    def run_script(self, text, seconds=60):
        return mutate_ask.run_alone(["sh", "-c", text], seconds, {}, "/")

    def test_passed_and_failed(self):
        self.assertEqual(self.run_script("echo ok 1 - a"), (True, "exit code 0"))
        self.assertEqual(self.run_script("echo 'ok 1 - a'; echo 'not ok 2 - b because'; exit 1"), (False, "b"))
        self.assertEqual(self.run_script("echo 'FAIL: test_c (d.E)'; exit 1"), (False, "test_c (d.E)"))
        self.assertEqual(self.run_script("kill -SEGV $$"), (False, "exit code 139"))

    def test_what_hangs_is_ended_with_all_that_it_started(self):
        with tempfile.TemporaryDirectory() as folder:
            held = pathlib.Path(folder) / "held"
            os.mkfifo(held)
            reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
            self.assertEqual(self.run_script(f"setsid sleep 1000 >{held} & wait", 0.5), (False, "no end"))
            os.set_blocking(reader, True)
            self.assertEqual(os.read(reader, 1), b"", "nobody has it open any more")
            os.close(reader)

    def test_what_runs_ends_with_us_however_we_end(self):
        with tempfile.TemporaryDirectory() as folder:
            held = pathlib.Path(folder) / "held"
            os.mkfifo(held)
            script = f"setsid sh -c 'echo begun; exec sleep 300' >{held} & wait"
            with subprocess.Popen([sys.executable, "-B", "-c", "import sys, mutate_ask; "
                                   "mutate_ask.run_alone(['sh', '-c', sys.argv[1]], 1000, {}, '/')", script],
                                  cwd=ROOT / "tools") as process, open(held, "rb") as reader:
                self.assertEqual(reader.readline(), b"begun\n")
                process.kill()
                self.assertTrue(select.select([reader], [], [], 60)[0], "somebody has it open still")
                self.assertEqual(reader.read(), b"")

    def test_who_ends_everybody_ends_nobody_else(self):
        self.run_script("kill -KILL -1")


class Reaching(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.reach = mutate_reach.Reach(self.root, self.root, ())

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def touched(self, path, source, place, known):
        self.write(path, source)
        mutant = Mutant(path, source, Change("relation", source.index(place), source.index(place) + 1, ""))
        return self.reach.touched(mutant, set(known))

    def test_the_function_around_a_change(self):
        source = "int f(int (*a)(void))\n{\nreturn a < 1;\n}\n\nint g(void) { return 2 > 1; }\nint x[] = {3};\n"
        places = [source.index(text) for text in ("<", ">", "3")]
        self.assertEqual(mutate_reach.functions_at(source, places), ["f", "g", None])
        path = "src/a/b.c"
        self.assertEqual(self.touched(path, source, "<", [(path, "f"), (path, "g")]), {(path, "f")})
        self.assertIsNone(self.touched(path, source, "<", [("src/a/c.c", "f")]), "no such function is noted")
        self.assertIsNone(self.touched(path, source, "3", [(path, "f")]), "in no function")

    def test_the_functions_that_use_a_statement(self):
        statements = "-- name: one\nSELECT 1 + 1\n-- name: two\nSELECT 2 - 2\n"
        self.write("src/a/b.c", "int f(void) { return sql_one(db); }\nint g(void) { return sql_one_open(db); }\n"
                                "int h(void) { return sql_ones(db) + sql_two(db); }\n")
        known = [("src/a/b.c", name) for name in "fgh"]
        self.assertEqual(self.touched("sql/a/b.sql", statements, "+", known), set(known[:2]))
        self.assertEqual(self.touched("sql/a/b.sql", statements, "- 2", known), set(known[2:]))
        self.write("src/a/c.c", "static const struct db_statement *const TABLE[] = {&sql_a__two};\n")
        self.assertIsNone(self.touched("sql/a/b.sql", statements, "- 2", known), "whoever reads the table")

    def compile_and_run(self, source):
        self.write("program.c", source)
        notes, program = self.root / "notes.o", self.root / "program"
        subprocess.run(["gcc", "-fPIC", f'-DREACHED_DIR="{self.reach.folder}"', "-c", mutate_reach.NOTES,
                        "-o", notes], check=True)
        subprocess.run(["gcc", "-pie", "-fPIE", "-O1", "-g1", "-finstrument-functions", "program.c", notes, "-o", program],
                       check=True, cwd=self.root)
        self.reach.build = self.root
        self.reach.begin()
        subprocess.run([program], check=False)
        return self.reach.end("never", "program")

    def test_what_is_entered_is_noted_however_it_ends(self):
        entered = self.compile_and_run("""
            #include <signal.h>
            #include <sys/wait.h>
            #include <unistd.h>
            static inline int inlined(int a) { return a + 1; }
            static void child(void) { raise(SIGKILL); }
            int never(void) { return 1; }
            int main(int count, char **words)
            {
                (void)words;
                if (fork() == 0) {
                    child();
                }
                return wait(NULL) < 0 || inlined(count) < 0 ? never() : 0;
            }
            """)
        self.assertEqual(entered, {("program.c", name) for name in ("main", "child", "inlined")})

    def test_what_another_program_enters_is_not_told(self):
        self.reach.begin()
        self.assertIsNone(self.reach.end("program"))
        (self.reach.folder / "copied").touch()
        self.assertIsNone(self.reach.end("program"))

    def test_what_several_programs_enter_is_told_of_all(self):
        self.reach.build = self.root
        self.reach.begin()
        for name in ("one", "other"):
            (self.reach.folder / name).write_bytes(b"\0\1")
        with mock.patch.object(self.reach, "functions", lambda program: {1: ("src/a/b.c", program.name)}):
            self.assertEqual(self.reach.end("a/one", "b/other"), {("src/a/b.c", "one"), ("src/a/b.c", "other")})
            self.assertIsNone(self.reach.end("a/one"), "the other is not of the test")


class FakeTest:
    """A program, or a module of tests/integration."""

    def __init__(self, name, has_change=True, passes=True, meets=True, seconds=1.0, kills=0):
        self.name, self.target, self.targets = name, f"tests/{name}", [f"tests/{name}"]
        self.has_change, self.passes = has_change, passes
        self.meets, self.seconds, self.kills = meets, seconds, kills

    def is_changed(self):
        return self.has_change

    def ask(self, _most):
        return self.passes, "a case"


class Judging(unittest.TestCase):
    def setUp(self):
        self.copy = mock.Mock(root=pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())))
        self.copy.make.return_value = None
        self.tests = mutate_ask.Tests(self.copy, mock.Mock(build=self.copy.root), lambda text: None)
        self.tests.learned = mock.Mock(seconds=lambda test: test.seconds, meets=lambda test, touched: test.meets,
                                       passes=lambda test: True)
        self.path = self.copy.root / "src/shop/cart.c"
        self.path.parent.mkdir(parents=True)
        self.mutant = Mutant("src/shop/cart.c", "a < b\n", Change("relation", 2, 3, "<="))

    def judge(self, *programs, octo_changed=True, failing=(), elsewhere=()):
        self.tests.programs = list(programs)
        self.modules = []

        def module(backend, name):
            self.modules.append(name)
            return FakeTest(f"{name} ({backend})", has_change=octo_changed, passes=name not in failing,
                            meets=name not in elsewhere)

        self.copy.is_changed.return_value = octo_changed
        with mock.patch.object(self.tests, "module", module), \
                mock.patch.object(mutate_ask, "modules_of", lambda path, backends: [
                    ("sqlite", "test_pages"), ("sqlite", "test_contract"), ("postgres", "test_contract")]):
            result = self.tests.judge(self.mutant)
        self.assertEqual(self.path.read_text(encoding="utf-8"), self.mutant.source, "the change is taken back")
        return result

    def test_the_mirrored_come_first_and_the_first_that_fails_ends_it(self):
        verdict, by, asked = self.judge(FakeTest("core-a"), FakeTest("shop-cart", passes=False))
        self.assertEqual((verdict, by, asked), ("killed", "shop-cart: a case", ["shop-cart"]))
        self.copy.make.assert_called_once_with("tests/shop-cart")

    def test_others_come_next_where_they_have_something_of_it(self):
        verdict, _, asked = self.judge(FakeTest("core-a", has_change=False), FakeTest("shop-cart"),
                                       FakeTest("shop-b", passes=False))
        self.assertEqual((verdict, asked), ("killed", ["shop-cart", "shop-b"]))
        self.assertEqual(self.modules, [])

    def test_who_never_enters_the_function_is_not_asked(self):
        verdict, _, asked = self.judge(FakeTest("core-a", meets=False), FakeTest("shop-cart", meets=False),
                                       FakeTest("shop-b"), failing=["test_contract"], elsewhere=["test_contract"])
        self.assertEqual(verdict, "survived")
        self.assertEqual(asked[0], "shop-b")
        self.assertNotIn("test_contract (sqlite)", asked)

    def test_the_short_and_those_that_kill_come_first(self):
        _, _, asked = self.judge(FakeTest("a", seconds=9.0), FakeTest("b", seconds=20.0, kills=9), FakeTest("c"),
                                 octo_changed=False)
        self.assertEqual(asked, ["c", "b", "a"])

    def test_integration_comes_last(self):
        verdict, by, asked = self.judge(FakeTest("shop-cart"), failing=["test_contract"])
        self.assertEqual((verdict, by), ("killed", "test_contract (sqlite): a case"))
        self.assertEqual(asked, ["shop-cart", "test_pages (sqlite)", "test_contract (sqlite)"])

    def test_survived(self):
        verdict, by, asked = self.judge(FakeTest("shop-cart"))
        self.assertEqual((verdict, by), ("survived", None))
        self.assertEqual(asked[-1], "test_contract (postgres)")

    def test_what_no_test_meets_has_survived(self):
        self.tests.learned.meets = lambda test, touched: False
        self.assertEqual(self.judge(FakeTest("shop-cart")), ("survived", None, []))

    def test_the_same_program_is_shown_to_nobody(self):
        self.assertEqual(self.judge(FakeTest("shop-cart", has_change=False), octo_changed=False),
                         ("same program", None, []))

    def test_not_built(self):
        self.copy.make.return_value = "error"
        self.assertEqual(self.judge(FakeTest("shop-cart"))[0], "not built")
        self.assertEqual(self.judge()[0], "not built")

    def test_what_was_learned_holds_as_long_as_what_it_is_made_of(self):
        reach = mock.Mock(end=lambda program: {("src/a/b.c", "f")})
        program = self.copy.root / "program"
        test = mock.Mock(run=mock.Mock(return_value=(True, "")), made_of=lambda reach: [program], targets=["program"])
        test.name = "a-b"
        for made_of, runs in ((b"one", 1), (b"one", 1), (b"two", 2)):
            program.write_bytes(made_of)
            learned = mutate_ask.Learned(self.copy.root / "learned.json", reach)
            self.assertTrue(learned.meets(test, {("src/a/b.c", "f"), ("src/a/b.c", "g")}))
            self.assertFalse(learned.meets(test, {("src/a/b.c", "g")}))
            self.assertTrue(learned.meets(test, None))
            self.assertEqual(test.run.call_count, runs)
        self.assertEqual(learned.entered(), {("src/a/b.c", "f")})

    def test_what_fails_while_it_notes_is_run_without(self):
        test = mock.Mock(run=mock.Mock(side_effect=[(False, ""), (True, "")]), made_of=lambda reach: [], targets=[])
        test.name = "a-b"
        learned = mutate_ask.Learned(self.copy.root / "learned.json", mock.Mock())
        self.assertTrue(learned.passes(test))
        self.assertTrue(learned.meets(test, {("src/a/b.c", "g")}), "asked in doubt")

    def test_what_is_printed(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            mutate.show(1, 2, self.mutant, "survived", None, ["shop-cart"])
            mutate.show_end([(self.mutant, "survived"), (self.mutant, "killed"), (self.mutant, "killed"),
                             (self.mutant, "same program"), (self.mutant, "not built")], 12)
        self.assertEqual(out.getvalue(), textwrap.dedent("""\
            1 of 2  survived  src/shop/cart.c:1  relation
                @@ -1 +1 @@
                -a < b
                +a <= b
                asked: shop-cart

            survived: src/shop/cart.c:1  relation
            5 mutants in 12 s: 2 killed, 67 % of those that were asked about, 1 survived, 1 make the same program, """
            """1 cannot be built
            """))


if __name__ == "__main__":
    unittest.main()
