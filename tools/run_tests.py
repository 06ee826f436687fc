#!/usr/bin/env python3
"""Builds and runs the suites of ./octo test, see tests/usage.txt.

Tests of the whole program run build/src/app/octo, which the launcher has built as users get it, and
those under sanitizers a build of their own.

Services under test wait more than they work. So what only compiles and computes is done ahead in that
time, one thing after another and at the lowest priority, and Python tests go side by side.
"""

import argparse
import concurrent.futures
import difflib
import fcntl
import functools
import os
import pathlib
import re
import subprocess
import sys
import threading
import traceback

from run_tests_build import ROOT, address_build, fuzz_build, tests_build, thread_build
from run_tests_limit import COMMAND_SECONDS, Watched, limit
from run_tests_programs import may_thread, read_tests, run_programs, targets_of
from run_tests_python import modules_of, run_modules
from run_tests_report import Choice, Report, last_lines

FUZZ_RUNS = 20000  # of each target, the same ones each time; by hand it goes on from a seed of its own
FUZZ_SECONDS = 3  # at most
SLOWEST = 5  # cases that are named after a run
PROGRAM_SUITES = ["unit", "conformance", "fuzz", "load"]
ENGINES = ["sqlite", "postgres"]
ABOUT_A_SERVER = re.compile("postgres|pgbouncer|spans_join|tls")
ABOUT_THREADS = re.compile("audit|budgets|checkout|console|endings|events|figures|growth|invoices|locks|many|neighbours|"
                           "order_sync|otlp|outbox|password|records|sessions|shop_tables|sign_in|spans_join|supervision|"
                           "tracing|views")
ABOUT_NO_ENGINE = re.compile("config_page|console_work|events|garbage|installed|order_feed|otlp|parameters|raw_http|"
                             "trace_context")
ABOUT_ORACLE = re.compile("test_oracle")
# Of settings, commands, roles, clocks and disks: what these call a sanitizer sees with the others.
ABOUT_NO_MEMORY = re.compile("audit_periods|commands|config_page|defaults|doctor|full_disk|growth|installed|order_feed|"
                             "password|pgbouncer|postgres_fit|postgres_locks|promised|roles|secrets|sign_in|units|views")
ON_ORACLE = ("test_catalogue_and_checkout", "test_empty_texts", "test_oracle", "test_oracle_faults",
             "test_oracle_kills", "test_oracle_sessions", "test_oracle_wallet", "test_oracle_writers")  # a minute of a processor
PARTS = {"sqlite": 2, "postgres": 3, "oracle": 1}  # of the integration tests, which go side by side
USAGE = ROOT / "tests/usage.txt"


def side_by_side(*works):
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        for run in [pool.submit(work) for work in works]:
            run.result()


def run_command(tally, choice, name, *command):
    """A case that passes when the command exits 0."""
    if name not in choice:
        return
    with tally.doing(name), subprocess.Popen(list(map(str, command)), cwd=ROOT, stdin=subprocess.DEVNULL,
                                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        watched = Watched(process, process.stdout, limit(COMMAND_SECONDS))
        said = last_lines("\n".join(watched), 200)
    if watched.is_late:
        tally.add_failed(name, f"{said}\n{watched.reason()}")
    elif process.returncode == 0:
        tally.add_passed()
    else:
        tally.add_failed(name, f"{said}\nexit code {process.returncode}")


def run_style(tally, choice):
    run_command(tally, choice, "tidy", sys.executable, "tools/tidy.py")
    run_command(tally, choice, "check_docs", sys.executable, "tools/check_docs.py")


def run_unit(tally, choice):
    directory = tests_build(tally)
    works = [functools.partial(run_modules, folder, modules_of(folder), tally, choice)
             for folder in ("tests/oracle", "tests/unit/tools", "tests/unit/sql")]
    if directory:
        works.append(functools.partial(run_programs, directory, PROGRAM_SUITES, tally, choice))
    side_by_side(*works)


def usual_modules():
    """Those that run on whichever engine."""
    return [module for module in modules_of("tests/integration") if not ABOUT_ORACLE.match(module)]


def sanitizer_of(module):
    """The one whose subject it is; the other one does not see it."""
    return "tsan" if ABOUT_THREADS.search(module) else "asan"


def sanitized_on(module):
    """The engine on which its sanitizer sees it, if one does: every second one of a subject's on either."""
    if ABOUT_NO_MEMORY.search(module):
        return None
    if ABOUT_A_SERVER.search(module):
        return "postgres"
    if ABOUT_NO_ENGINE.search(module):
        return "sqlite"
    alike = [each for each in usual_modules() if sanitizer_of(each) == sanitizer_of(module)
             and not any(about.search(each) for about in (ABOUT_A_SERVER, ABOUT_NO_ENGINE, ABOUT_NO_MEMORY))]
    return ENGINES[alike.index(module) % 2]


def seen_on(module, is_whole):
    """The engines on which it runs as users get the program. In a whole run not on that where a sanitizer sees it."""
    if ABOUT_NO_ENGINE.search(module):
        return ["sqlite"]
    if ABOUT_A_SERVER.search(module) or not is_whole:
        return ENGINES
    return [engine for engine in ENGINES if engine != sanitized_on(module)]


def modules_on(backend, choice):
    """On Oracle few, unless cases were chosen or OCTO_ENGINES=all."""
    if backend == "oracle":
        return [module for module in modules_of("tests/integration")
                if choice or os.environ.get("OCTO_ENGINES") == "all" or module in ON_ORACLE]
    return [module for module in usual_modules()
            if choice or os.environ.get("OCTO_ENGINES") == "all" or backend in seen_on(module, choice.is_whole)]


def run_integration(tally, choice, backend="sqlite", environment=(), modules=None):
    """In parts, on a server each with a server of its own: much of their time they wait."""
    folder = "tests/integration"
    modules = modules_on(backend, choice) if modules is None else modules
    parts = {f"{backend} {part + 1}": modules[part::PARTS[backend]] for part in range(PARTS[backend])}
    side_by_side(*(functools.partial(run_modules, folder, part, tally, choice,
                                     dict(environment, OCTO_TEST_BACKEND=backend), label=backend, who=who)
                   for who, part in parts.items()))


def run_oracle(tally, choice):
    """On the listener that poses as Oracle, which is one of the tests' programs."""
    if tests_build(tally):
        run_integration(tally, choice, "oracle")


def run_pages(tally, choice):
    run_modules("tests/web", modules_of("tests/web"), tally, choice)


def run_fault(tally, choice):
    folder = "tests/fault"
    tests_build(tally)  # what is broken on purpose is a copy of it
    side_by_side(*(functools.partial(run_modules, folder, [module], tally, choice, label=module)
                   for module in modules_of(folder)))


def run_static(tally, choice):
    """Any build of clang's will do, and its warnings are errors."""
    directory = address_build(tally)
    if directory is None:
        return
    if "clang" in choice:
        tally.add_passed()
    run_command(tally, choice, "clang-tidy", sys.executable, "tools/parallel_tidy.py", directory,
                *sorted((ROOT / "src").rglob("*.c")))
    run_command(tally, choice, "cppcheck", "cppcheck", "--quiet",
                "--enable=warning,style,performance,portability", "--std=c11", "--inline-suppr",
                "--error-exitcode=1", "--suppressions-list=tools/cppcheck.txt", "-D_GNU_SOURCE",
                "-Isrc", f"-j{os.cpu_count()}", "src")


def sanitized_modules(sanitizer, engine, choice):
    """What runs there under it; everything where cases were chosen or OCTO_SANITIZED=all."""
    return [module for module in usual_modules()
            if choice or os.environ.get("OCTO_SANITIZED") == "all"
            or (sanitizer_of(module), sanitized_on(module)) == (sanitizer, engine)]


def run_sanitized(tally, choice, directory, environment, sanitizer, names=None):
    """The programs of these names, or all, and of the integration tests what this sanitizer's subject is."""
    if directory is None:
        return
    slow = dict(environment, OCTO_SLOW_BUILD="1", OCTO_BIN=str(directory / "src/app/octo"))
    side_by_side(
        functools.partial(run_programs, directory, PROGRAM_SUITES, tally, choice, environment, timeout_factor=5, names=names),
        *(functools.partial(run_integration, tally, choice, engine, slow, sanitized_modules(sanitizer, engine, choice))
          for engine in ENGINES))


def suppressions(name):
    """In quotes, for a checkout whose path has a blank in it."""
    return f'suppressions="{ROOT / "tests/support" / name}"'


def run_asan(tally, choice):
    run_sanitized(tally, choice, address_build(tally), {
        "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "LSAN_OPTIONS": suppressions("lsan.txt")}, "asan")


def build_threaded(tally, choice):
    """The build for the threads' sanitizer with the programs that it has something to see in, and their names; of chosen
    cases with all. The tests' own build tells which these are."""
    if choice:
        return thread_build(tally), None
    plain = tests_build(tally)
    if plain is None:
        return None, None
    threaded = [test for test in read_tests(plain, PROGRAM_SUITES) if may_thread(test)]
    return thread_build(tally, ("src/app/octo", *targets_of(plain, threaded))), {test["name"] for test in threaded}


def run_tsan(tally, choice):
    directory, names = build_threaded(tally, choice)
    run_sanitized(tally, choice, directory, {
        "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1:" + suppressions("tsan.txt")}, "tsan", names)


def fuzz_names():
    return [path.stem for path in sorted((ROOT / "tests/fuzz").glob("fuzz_*.c"))]


def run_fuzz(tally, choice):
    directory = fuzz_build(fuzz_names(), tally)
    if directory is None:
        return

    def fuzz(name):
        found = directory / "found" / name
        found.mkdir(parents=True, exist_ok=True)
        run_command(tally, choice, name, directory / "tests/fuzz" / name,
                    "-seed=1", f"-runs={FUZZ_RUNS}", f"-max_total_time={FUZZ_SECONDS}", "-timeout=10", "-rss_limit_mb=2048",
                    "-print_final_stats=0", "-verbosity=0", f"-artifact_prefix={directory}/crash-{name}-",
                    found, ROOT / "tests/fuzz/corpus" / name)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fuzz, fuzz_names()))


# What runs, and what of it may be done ahead.
SUITES = {
    "style": (run_style, None),
    "unit": (run_unit, None),
    "integration": (run_integration, None),
    "postgres": (functools.partial(run_integration, backend="postgres"), None),
    "oracle": (run_oracle, None),
    "pages": (run_pages, None),
    "fault": (run_fault, None),
    "asan": (run_asan, lambda tally, choice: address_build(tally)),
    "tsan": (run_tsan, build_threaded),
    "fuzz": (run_fuzz, lambda tally, choice: fuzz_build(fuzz_names(), tally)),
    "static": (run_static, run_static),
}
# One after another; suites of one line go side by side: what waits much beside what computes.
ORDER = [
    ["style"],
    ["unit", "integration", "postgres", "oracle"],
    ["pages", "fault", "asan"],
    ["tsan"],
    ["fuzz", "static"],
]


def suite_texts():
    """Of the usage, which the launcher prints too: the suites and what they are."""
    return dict(re.findall(r"^  ([a-z]\w*) +(.*)$", USAGE.read_text(encoding="utf-8"), re.MULTILINE))


def stand_back():
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


def run_suite(name, text, report, choice, ahead):
    work, work_ahead = SUITES[name]
    with report.suite(name, text) as tally:
        try:
            if ahead:
                ahead.result()
            if work is not work_ahead:
                work(tally, choice)
        except Exception:  # pylint: disable=broad-except # a fault of the runner, which is one of the run
            tally.add_failed("the runner of the tests", traceback.format_exc())


def run_suites(chosen, report, choice):
    texts = suite_texts()
    with concurrent.futures.ThreadPoolExecutor(1, initializer=stand_back) as background:
        ahead = {name: background.submit(SUITES[name][1], report.tally(name), choice)
                 for name in chosen if SUITES[name][1]}
        for together in ORDER:
            works = [functools.partial(run_suite, name, texts[name], report, choice, ahead.get(name))
                     for name in together if name in chosen]
            if works:
                side_by_side(*works)


def take_turn():
    """Two runs would build in the same directories. The lock goes with the process."""
    lock = open(__file__, "rb")  # pylint: disable=consider-using-with
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("octo: waiting for another ./octo test in this checkout", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def read_arguments():
    parser = argparse.ArgumentParser(prog="octo test", add_help=False,
                                     usage=USAGE.read_text(encoding="utf-8").split("\n")[0][len("usage: "):])
    parser.add_argument("suite", nargs="*")
    parser.add_argument("--case", metavar="PATTERN")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.suite if name not in SUITES]
    for name in unknown:
        near = difflib.get_close_matches(name, SUITES, 1)
        parser.error(f"no suite named '{name}'" + (f": did you mean '{near[0]}'?" if near else "")
                     + " (octo test --list names them; --case chooses cases)")
    if not re.fullmatch("[1-9][0-9]*|", os.environ.get("OCTO_TEST_LIMIT", "")):
        parser.error("OCTO_TEST_LIMIT has to be a number of seconds")
    return arguments


def main():
    arguments = read_arguments()
    suites = arguments.suite or list(SUITES)
    choice = Choice(arguments.case, is_whole=set(suites) == set(SUITES))
    lock = take_turn()
    with lock, Report() as report:
        run_suites(suites, report, choice)
    report.show_end(SLOWEST)
    passed, failed, skipped = report.total()
    if choice and not passed + failed + skipped:
        print(f"octo test: no case has '{choice.pattern}' in its name", file=sys.stderr)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
