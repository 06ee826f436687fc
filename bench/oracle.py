#!/usr/bin/env python3
"""What a driver for Oracle costs its process: ours, npm's oracledb and Debian's python3-oracledb do the same work on one
listener (tests/support/tnsd) in one run, by turns, and a bare exchange of a select's bytes beside them. CPU time of each
process is from getrusage(2); what the listener and its database cost does not count. docs/performance.md has a run.

    bench/oracle.py [--rounds N] [--quick]
"""

import argparse
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True

from built import BUILD, ROOT, build
from support.tnsd import DEBIANS_PYTHON, PASSWORD, USER, database, listener, node_modules

HERE = ROOT / "bench/oracle"
DRIVERS = {"ours": [BUILD / "bench/ora_bench"], "npm": ["node", HERE / "npm.js"], "python": [DEBIANS_PYTHON, HERE / "python.py"]}
WORKS = {"select": ("a row by its number", 3000), "fetch": ("10,000 rows", 15), "insert": ("1,000 rows inserted at once", 15)}
TABLES = """
CREATE TABLE app.one (id numeric, name varchar(40));
INSERT INTO app.one VALUES (7, 'the seventh');
CREATE TABLE app.many (id numeric, name varchar(40));
INSERT INTO app.many SELECT n, 'number ' || n FROM generate_series(1, 10000) AS n;
CREATE TABLE app.filled (id numeric, name varchar(40));
"""


def cost(driver, address, work, count):
    """Microseconds of CPU of one."""
    done = subprocess.run([*DRIVERS[driver], address, USER, PASSWORD, work, str(count)], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{driver}, {work}: {done.stderr}")
    return float(done.stdout)


def measure(address, rounds, quick):
    """Of each work and driver the median; each round has all of them once."""
    costs = {}
    for number in range(rounds):
        for work, (_, count) in WORKS.items():
            for driver in ("ours", "npm", "python", *(["bare"] if work == "select" else [])):
                print(f"\rround {number + 1} of {rounds}: {work} {driver}    ", end="", file=sys.stderr, flush=True)
                program, asked = ("ours", "bare") if driver == "bare" else (driver, work)
                costs.setdefault((work, driver), []).append(cost(program, address, asked, max(count // (10 if quick else 1), 1)))
    print(file=sys.stderr)
    return {key: statistics.median(values) for key, values in costs.items()}


def report(medians):
    print("| CPU of the client, µs | ours | npm | python | bare exchange | ours : npm | ours : python |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for work, (title, _) in WORKS.items():
        ours, npm, python = (medians[work, driver] for driver in ("ours", "npm", "python"))
        bare = f"{medians[work, 'bare']:.1f}" if (work, "bare") in medians else ""
        print(f"| {title} | {ours:.1f} | {npm:.1f} | {python:.1f} | {bare} | 1 : {npm / ours:.1f} | 1 : {python / ours:.1f} |")
    bare = medians["select", "bare"]
    ours, python = medians["select", "ours"] - bare, medians["select", "python"] - bare
    print(f"\nBeyond the bare exchange, of a row by its number: ours {ours:.1f} µs, python {python:.1f} µs, 1 : {python / ours:.1f}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    arguments = parser.parse_args()
    build("bench/ora_bench")
    node_modules()
    with database(TABLES) as of_database, listener(*of_database) as address:
        report(measure(address, arguments.rounds, arguments.quick))


if __name__ == "__main__":
    main()
