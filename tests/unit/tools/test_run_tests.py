"""tools/run_tests*.py: what is made of what tests say, and what a reader of the console gets to see."""

import contextlib
import io
import json
import os
import pathlib
import signal
import tempfile
import time
import unittest
from unittest import mock

import run_tests
import run_tests_build
import run_tests_limit
import run_tests_programs
import run_tests_python
import run_tests_report
from run_tests_report import Choice, Report


class Console(unittest.TestCase):
    def setUp(self):
        self.out = io.StringIO()
        self.report = Report(self.out)
        self.tally = self.report.tally("unit")
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def printed(self):
        return self.out.getvalue()


def wait_for(holds):
    while not holds():
        time.sleep(0.01)


def wait_for_end(pid):
    """Of a process; a dead one is there until somebody asks what became of it."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        wait_for(lambda: pathlib.Path(f"/proc/{int(pid)}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
                 in "ZX")


class Programs(Console):
    def run_script(self, text, protocol="tap", timeout=60, environment=()):
        script = self.folder / "program"
        script.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        script.chmod(0o755)
        test = {"name": "core-buf", "cmd": [str(script)], "env": {}, "protocol": protocol, "workdir": None}
        run_tests_programs.Program(test, self.tally, dict(environment), timeout).run()
        return self.tally.counts

    def test_passed__is_counted_and_not_printed(self):
        self.assertEqual(self.run_script("echo 1..2; echo ok 1 - a; echo ok 2 - b; echo '# ok - tests'"), (2, 0, 0))
        self.assertEqual(self.printed(), "")

    def test_failed__is_printed_with_its_values_and_place(self):
        counts = self.run_script("""echo 1..2; echo 'ERROR: said before' >&2; echo 'not ok 1 - buf_add'
            echo '# "a" != "b"'; echo '# ../tests/unit/core/test_buf.c:41: error: Failure!'; echo ok 2 - b
            echo '# not ok - tests'; exit 1""")
        self.assertEqual(counts, (1, 1, 0))
        self.assertEqual(self.printed(), 'FAILED unit: buf_add (core-buf)\n    ERROR: said before\n    "a" != "b"\n'
                                         '    tests/unit/core/test_buf.c:41: error: Failure!\n')

    def test_failed_set_up__has_its_reason(self):
        counts = self.run_script("echo 1..1; echo 'not ok 1 - a Could not run test: x.c:6: error'; exit 1")
        self.assertEqual(counts, (0, 1, 0))
        self.assertIn("a (core-buf)\n    Could not run test: x.c:6: error", self.printed())

    def test_skipped__is_counted_with_its_reason(self):
        self.assertEqual(self.run_script("echo '1..0 # SKIP no server here'"), (0, 0, 1))
        self.assertEqual(self.run_script("echo 1..1; echo 'not ok 1 # SKIP a'"), (0, 0, 2))
        self.assertEqual(self.tally.skips, {"no server here": 1, "core-buf a": 1})

    def test_killed__is_a_failure_with_its_last_words(self):
        counts = self.run_script("echo 1..2; echo ok 1 - a; echo 'AddressSanitizer: overflow' >&2; kill -ABRT $$")
        self.assertEqual(counts, (1, 1, 0))
        self.assertIn("AddressSanitizer: overflow\n    ended with signal SIGABRT after a", self.printed())

    def test_exit_code_without_a_failed_case__is_a_failure(self):
        self.assertEqual(self.run_script("echo 1..1; echo ok 1 - a; exit 66"), (1, 1, 0))
        self.assertIn("ended with exit code 66 after a", self.printed())

    def test_fewer_cases_than_announced__is_a_failure(self):
        self.assertEqual(self.run_script("echo 1..3; echo ok 1 - a"), (1, 1, 0))
        self.assertIn("1 of 3 cases", self.printed())

    def run_late(self, text, seconds_left):
        with mock.patch.object(run_tests_limit.Watched, "seconds_left", seconds_left):
            return self.run_script(text)

    def none_when_it_hangs(self):
        wait_for((self.folder / "child").exists)
        return 0

    def test_hanging__is_ended_with_its_children(self):
        counts = self.run_late(f"""cd {self.folder}; echo 1..2; echo ok 1 - a; echo last words
            setsid sleep 1000 & echo $! > made; mv made child; wait""", lambda _: self.none_when_it_hangs())
        self.assertEqual(counts, (1, 1, 0))
        self.assertRegex(self.printed(), r"last words\n    hangs after a: not done in 60 s, so it was killed; there were\n"
                                         r"    process \d+ /bin/sh .*/program: program \(.\)\n    process \d+ .*\n")
        wait_for_end((self.folder / "child").read_text(encoding="ascii"))

    def test_what_closed_its_output_and_hangs__is_ended(self):
        counts = self.run_late(f"echo 1..1; echo ok 1 - a; exec >&- 2>&-; touch {self.folder}/child; sleep 1000",
                               lambda _: self.none_when_it_hangs())
        self.assertEqual(counts, (1, 1, 0))
        self.assertIn("hangs after a", self.printed())

    def test_output_that_somebody_else_keeps_open__holds_nothing_up(self):
        counts = self.run_late(f"echo 1..1; setsid sleep 1000 & echo $! > {self.folder}/child; echo ok 1 - a",
                               lambda watched: wait_for_end(watched.process.pid) or 0)
        self.addCleanup(os.kill, int((self.folder / "child").read_text(encoding="ascii")), signal.SIGKILL)
        self.assertEqual(counts, (1, 1, 0))
        self.assertIn("there were\n    nothing but its output, which somebody has open", self.printed())

    def test_other_protocol__counts_as_one_case(self):
        self.assertEqual(self.run_script("echo noise", protocol="exitcode"), (1, 0, 0))
        self.assertEqual(self.run_script("echo noise; exit 3", protocol="exitcode"), (1, 1, 0))
        self.assertIn("noise\n    ended with exit code 3", self.printed())

    def test_choice__goes_to_the_programs_that_have_such_a_case(self):
        program = self.folder / "with"
        program.write_bytes(b"\0buf_add__past_end\0")
        test = {"name": "core-buf", "cmd": [str(program)], "protocol": "tap"}
        environment = run_tests_programs.chosen_environment
        self.assertEqual(environment(test, Choice()), {})
        self.assertEqual(environment(test, Choice("core-buf")), {})
        self.assertEqual(environment(test, Choice("add")), {"OCTO_TEST_CASE": "*add*"})
        self.assertEqual(environment(test, Choice("buf*end")), {"OCTO_TEST_CASE": "*buf*end*"})
        self.assertIsNone(environment(test, Choice("arena")))
        self.assertIsNone(environment(dict(test, protocol="exitcode"), Choice("add")))


MODULE = """
import os, sys, unittest
class Cases(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self):
        print("of the test")
        os.system("echo of a program")
        self.assertEqual(1, 2)
    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertEqual(part, 1)
    @unittest.skip("not today")
    def test_skipped(self): pass
class NotSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise RuntimeError("no set-up")
    def test_never(self): pass
"""


OF_A_MODULE = """
import unittest
there = []
def setUpModule():
    there.append(1)
    unittest.addModuleCleanup(there.clear)
class First(unittest.TestCase):
    def test_1(self): self.assertEqual(there, [1])
class Second(unittest.TestCase):
    def test_2(self): self.assertEqual(there, [1])
"""


class PythonCases(Console):
    def run_module(self, text, pattern=None):
        (self.folder / "test_sample.py").write_text(text, encoding="utf-8")
        run_tests_python.run_modules(self.folder, ["test_sample"], self.tally, Choice(pattern), label="here")
        return self.tally.counts

    def test_each_case__is_counted_and_failures_are_printed(self):
        self.assertEqual(self.run_module(MODULE), (1, 4, 1))
        printed = self.printed()
        self.assertIn("FAILED unit: test_sample.Cases.test_bad (here)\n", printed)
        self.assertIn("AssertionError: 1 != 2\n\n    printed meanwhile:\n    of the test\n    of a program", printed)
        self.assertIn("FAILED unit: test_sample.Cases.test_parts (part=2) (here)", printed)
        self.assertIn("RuntimeError: no set-up", printed)
        self.assertEqual(self.tally.skips, {"not today": 1})

    def test_fixture_of_a_module__is_there_for_each_of_its_classes(self):
        self.assertEqual(self.run_module(OF_A_MODULE), (2, 0, 0))

    def test_choice__runs_those_cases_alone(self):
        self.assertEqual(self.run_module(MODULE, "Cases.test_go"), (1, 0, 0))

    def test_choice_of_none__runs_nothing(self):
        self.assertEqual(self.run_module(MODULE, "nonsense"), (0, 0, 0))

    def test_module_that_cannot_be_read__is_a_failure(self):
        self.assertEqual(self.run_module("import no_such_module", "x"), (0, 1, 0))
        self.assertIn("No module named 'no_such_module'", self.printed())

    def test_process_that_ends__is_a_failure_of_the_case_it_was_at(self):
        self.assertEqual(self.run_module(MODULE.replace("pass", "os._exit(0)", 1), "good"), (0, 1, 0))
        self.assertIn("test_good (here)\n    its process ended", self.printed())


HANGING = """
import pathlib, subprocess, threading, unittest
def hang(name):
    pathlib.Path(__file__).with_name(name).touch()
    threading.Event().wait()
class Cases(unittest.TestCase):
    def test_1(self): pass
    def test_2(self):
        print("before it hangs", flush=True)
        child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        pathlib.Path(__file__).with_name("child").write_text(str(child.pid))
        hang("test_2")
    def test_3(self): pass
class Ends(unittest.TestCase):
    @classmethod
    def tearDownClass(cls): hang("Ends")
    def test_4(self): pass
class SetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls): hang("SetUp")
    def test_5(self): pass
    def test_6(self): pass
class Then(unittest.TestCase):
    def test_7(self): pass
"""


class HangingCases(Console):
    def seconds_left(self):
        """No time for those that hang, as soon as they do, and any for the others."""
        for name in ("test_2", "Ends", "SetUp"):
            while name in self.tally.now():
                if (self.folder / name).exists():
                    return 0
                time.sleep(0.01)
        return 1000

    def test_each__is_ended_and_the_rest_goes_on(self):
        (self.folder / "test_sample.py").write_text(HANGING, encoding="utf-8")
        with mock.patch.object(run_tests_limit.Watched, "seconds_left", lambda _: self.seconds_left()):
            run_tests_python.run_modules(self.folder, ["test_sample"], self.tally, Choice(), label="here")
        self.assertEqual(self.tally.counts, (4, 3, 0))
        self.assertEqual([failure.name for failure in self.tally.failures],
                         ["test_sample.Cases.test_2 (here)",
                          "test_sample.Ends.test_4 (the end of it or of its class) (here)",
                          "test_sample.SetUp (its set-up) (here)"])
        reason = self.tally.failures[0].reason
        self.assertRegex(reason, r"^not done in 900 s, so it was killed; there were\nprocess \d+ .*python3.*\n"
                                 r"process \d+ sleep 1000: sleep \(.\)\nprinted meanwhile:\nbefore it hangs\n")
        self.assertRegex(reason, r'test_sample.py", line \d+ in hang\n.*test_sample.py", line \d+ in test_2\n')
        wait_for_end((self.folder / "child").read_text(encoding="ascii"))

    def test_limit__can_be_set(self):
        with mock.patch.dict("os.environ", {"OCTO_TEST_LIMIT": "7"}):
            self.assertEqual(run_tests_limit.limit(900), 7)
        with mock.patch.dict("os.environ", clear=True):
            self.assertEqual(run_tests_limit.limit(900), 900)


class Choosing(unittest.TestCase):
    def test_pattern__is_looked_for_in_the_name(self):
        for pattern, name, is_in in ((None, "x", True), ("b", "abc", True), ("b", "aBc", False), ("a*c", "abcd", True),
                                     ("c*a", "abcd", False), ("[ab]", "a", False), ("[i=0]", "t [i=0]", True),
                                     ("a?c", "abc", False)):
            self.assertEqual(name in Choice(pattern), is_in, (pattern, name))


class Ending(Console):
    def test_failures_and_skips_come_again_last(self):
        self.report.tally("fuzz").add_failed("b", "")
        with self.report.suite("unit", "all that is small"):
            self.tally.add_failed("a", "\n".join(f"line {number}" for number in range(40)))
            self.tally.add_skipped("no server here", 2)
            self.tally.add_passed(3)
            self.tally.took("slow", 3.0)
        self.report.show_end(5)
        begin, end = self.printed().split("unit: 3 passed, 1 failed, 2 skipped, 0 s\n")
        self.assertIn("unit begins: all that is small\nFAILED unit: a\n    line 0\n", begin)
        self.assertEqual(end.splitlines(), [
            "", "slowest:", "     3.0 s  unit: slow", "", "skipped:", "     2  unit: no server here", "", "failed:",
            "  unit: a", "      ...", *(f"      line {number}" for number in range(28, 40)),
            "  fuzz: b", "      no reason was given", "", "3 passed, 2 failed, 2 skipped"])

    def test_sign_of_life__says_what_runs(self):
        with mock.patch.dict(run_tests_report.SIGN_OF_LIFE, {False: 0.001}):
            with self.report, self.report.suite("unit", "x"), self.tally.doing("core-buf", "after a"):
                while "unit: 0 s, 0 cases, now core-buf after a\n" not in self.printed():
                    self.assertTrue(self.report.thread.is_alive())

    def test_suite_that_cannot_be_run__is_a_failure(self):
        with mock.patch.dict(run_tests.SUITES, {"unit": (lambda tally, choice: 1 / 0, None)}):
            run_tests.run_suites(["unit"], self.report, Choice())
        self.assertEqual(self.report.total(), (0, 1, 0))
        self.assertIn("ZeroDivisionError", self.printed())


class Building(Console):
    def test_directory_of_another_checkout_or_other_options__is_set_up_anew(self):
        directory = self.folder / "build-test"
        here = run_tests_build.ROOT
        for source, options, expected in ((here, "gcc\n-O", False), (here, "clang\n-O", True), (here, None, True),
                                          ("/somewhere/else", "gcc\n-O", True), (None, "gcc\n-O", True)):
            (directory / "meson-info").mkdir(parents=True, exist_ok=True)
            (directory / "build.ninja").touch()
            info = {"directories": {"source": str(source)}} if source else {}
            (directory / "meson-info/meson-info.json").write_text(json.dumps(info), encoding="utf-8")
            (directory / "options.txt").unlink(missing_ok=True)
            if options:
                (directory / "options.txt").write_text(options, encoding="utf-8")
            with mock.patch("subprocess.run") as run:
                run.return_value.returncode = 0
                run.side_effect = lambda *_, **__: directory.mkdir() or run.return_value
                self.assertIsNone(run_tests_build.set_up(directory, ["-O"], "gcc"))
            self.assertEqual((run.called, (directory / "build.ninja").exists()), (expected, not expected), source)
            self.assertEqual((directory / "options.txt").read_text(encoding="utf-8"), "gcc\n-O")

    def test_build_that_fails__is_told_without_its_progress(self):
        with mock.patch.dict("os.environ", {"PATH": f"{self.folder}:/usr/bin:/bin"}):
            ninja = self.folder / "ninja"
            ninja.write_text("#!/bin/sh\necho '[1/2] cc'\necho 'a.c:1: wrong'\nexit 1\n", encoding="utf-8")
            ninja.chmod(0o755)
            self.assertEqual(run_tests_build.ninja(self.folder, [], self.tally), "a.c:1: wrong\n")


class WhereModulesRun(unittest.TestCase):
    """On which engines, and which of them by which sanitizer."""

    MODULES = ["test_a", "test_b", "test_checkout", "test_outbox", "test_postgres_d", "test_raw_http"]

    def setUp(self):
        self.enterContext(mock.patch.object(run_tests, "modules_of", lambda folder: self.MODULES))

    def sanitized(self, choice=Choice(), **environment):
        with mock.patch.dict("os.environ", environment):
            return {(sanitizer, engine): run_tests.sanitized_modules(sanitizer, engine, choice)
                    for sanitizer in ("asan", "tsan") for engine in run_tests.ENGINES}

    def plain(self, choice=Choice(), **environment):
        with mock.patch.dict("os.environ", environment):
            return {engine: run_tests.modules_on(engine, choice) for engine in run_tests.ENGINES}

    def test_module__is_looked_at_by_the_sanitizer_of_its_subject(self):
        self.assertEqual(self.sanitized(), {
            ("asan", "sqlite"): ["test_a", "test_raw_http"], ("asan", "postgres"): ["test_b", "test_postgres_d"],
            ("tsan", "sqlite"): ["test_checkout"], ("tsan", "postgres"): ["test_outbox"]})

    def test_all_or_chosen__by_both_on_each_engine(self):
        for shares in (self.sanitized(Choice("x")), self.sanitized(OCTO_SANITIZED="all")):
            self.assertEqual(list(shares.values()), [self.MODULES] * 4)

    def test_suite_by_itself__has_all_that_knows_an_engine(self):
        self.assertEqual(self.plain(), {"sqlite": self.MODULES, "postgres": self.MODULES[:-1]})
        for shares in (self.plain(Choice("x")), self.plain(OCTO_ENGINES="all")):
            self.assertEqual(list(shares.values()), [self.MODULES] * 2)

    def test_whole_run__has_each_on_both_engines_once(self):
        self.assertEqual(self.plain(Choice(is_whole=True)), {
            "sqlite": ["test_b", "test_outbox", "test_postgres_d", "test_raw_http"],
            "postgres": ["test_a", "test_checkout", "test_postgres_d"]})
        self.assertEqual(self.plain(Choice("x", is_whole=True)), {engine: self.MODULES for engine in run_tests.ENGINES})

    def test_oracle__has_what_is_about_it_and_a_few_and_all_when_asked(self):
        self.MODULES = [*self.MODULES, "test_oracle"]
        with mock.patch.object(run_tests, "ON_ORACLE", ("test_b", "test_oracle")):
            self.assertEqual(run_tests.modules_on("oracle", Choice()), ["test_b", "test_oracle"])
            self.assertEqual(run_tests.modules_on("oracle", Choice("x")), self.MODULES)
        for engine in run_tests.ENGINES:
            self.assertNotIn("test_oracle", run_tests.modules_on(engine, Choice("x")))


class Usage(unittest.TestCase):
    def test_usage__names_the_suites_there_are(self):
        self.assertEqual(list(run_tests.suite_texts()), list(run_tests.SUITES))
        self.assertEqual([name for together in run_tests.ORDER for name in together], list(run_tests.SUITES))


if __name__ == "__main__":
    unittest.main()
