#!/usr/bin/env python3
"""Do SQL_IDs, tags and traces fit after very many requests, and is each planted fault found among them?

    tests/by_hand/match.py [--requests N] [--connections N]

On SQLite and on PostgreSQL, where it is installed (OCTO_TEST_BACKEND=sqlite or postgres: there alone): starts both
services, on a PostgreSQL that counts statements, and a console that takes their spans; sends N requests of all kinds
(100,000); asks what octo match says, which must be 100 % with nothing that does not fit; then sends spans with nine
faults, and runs a statement that no span tells of where the server counts, and asks again: those and no others must be
named. Prints both answers as octo match does, and what the server counts beside the spans. The exit code is 1 where
anything is otherwise.
"""

import argparse
import contextlib
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "integration"), str(HERE.parent.parent / "tools")]

from support.harness import Instance, backends, patience  # noqa: E402
from support.mixed_load import MixedLoad  # noqa: E402
from support.postgres import Cluster, Database  # noqa: E402
from test_console import Console  # noqa: E402
from test_console_databases import BESIDE, BESIDE_MATCH  # noqa: E402
from test_console_work import PLANTED, planted  # noqa: E402


# Spans of a service that may wait for the console, as many as there may be: of the usual 2,048 some are lost where senders,
# services and console share two cores.
QUEUE = "131072"
# How long, in ms, a request with spans is sent again before they are lost: a machine that is busy with the rest answers late.
SENT_FOR = "600000"


def at(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def asked(console, path):
    """The answer, from a console that may have too much to do to give it in time."""
    deadline = time.monotonic() + patience(600)
    while (answer := console.ask(path)).status != 200:
        print(answer, flush=True)
        if time.monotonic() > deadline:
            raise RuntimeError(f"{path}: {answer}")
    return answer.json


def settle(console):
    """Waits until nothing has come in for some seconds: spans leave their services in batches."""
    before = None
    while (active := asked(console, "/api/hub")["active_ns"]) != before:
        before = active
        time.sleep(10)


def verdict(console, begun, expected):
    """Whether all spans since then are as they should be, but for these faults."""
    settle(console)
    window = {"from": at(begun), "to": at(time.time() + 10)}
    answer = asked(console, f"/api/match?limit=200&from={window['from']}&to={window['to']}")
    print(console.octo("match", "--from", window["from"], "--to", window["to"]).stdout)
    found = sorted((one["kind"], one["service"], one["count"]) for one in answer["mismatches"])
    is_right = found == sorted(expected)
    if not expected:
        is_right = is_right and set(answer["all"].values()) == {answer["all"]["spans"]}
    print("as it should be" if is_right else f"WRONG: {found} instead of {sorted(expected)}", flush=True)
    return is_right


def look(instance, console, cluster, options):
    """Whether both answers were right."""
    begun, expected = time.time() - 60, list(PLANTED)
    MixedLoad(instance, options.connections, options.requests // options.connections).run()
    is_right = verdict(console, begun, [])
    print(console.octo("hub", "--server").stdout)
    for sent in planted(time.time_ns()):
        assert console.send(sent).json == {}
    if cluster:
        cluster.run(instance.database.name, BESIDE)
        expected.append(BESIDE_MATCH)
    return verdict(console, begun, expected) and is_right


def try_backend(on_server, options):
    with contextlib.ExitStack() as stack:
        cluster, database = None, None
        if on_server:
            cluster = Cluster(shared_preload_libraries="pg_stat_statements")
            stack.callback(cluster.stop)
            database = Database(cluster)
            cluster.run(database.name, "CREATE EXTENSION pg_stat_statements SCHEMA public")
        console = Console()
        instance = stack.enter_context(Instance(
            on_server=on_server, database=database,
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"http://127.0.0.1:{console.otlp_port}/v1/traces",
            OTEL_BSP_MAX_QUEUE_SIZE=QUEUE, OTEL_BSP_EXPORT_TIMEOUT=SENT_FOR))
        console.environment.update(OCTO_SHOP_PORT=str(instance.shop.port), OCTO_CRM_PORT=str(instance.crm.port))
        stack.enter_context(console)
        if cluster:
            cluster.run(database.name, "SELECT pg_stat_statements_reset()")
        return look(instance, console, cluster, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100000)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    failed = 0
    for backend, on_server in backends():
        print(f"{backend}:", flush=True)
        failed += not try_backend(on_server, options)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
