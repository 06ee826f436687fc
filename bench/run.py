#!/usr/bin/env python3
"""./octo bench: how fast octo is, next to two others measured in the same run.

Straight calls run the same statements through the SQLite API in one thread; the peer (bench/peer)
offers the same routes with the same durability on Fastify and better-sqlite3. docs/performance.md
says how to read the table.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import databases
import machine
import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
ORDERS_PRESENT = 5000
SYNC_SIZES = (1000, 20000, 200000)
IDLE_SECONDS = 2
STARTS = 5


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A route under load. `against` is what its rate per core is held against: "straight" and
    "health" are rates per core, "durable" is the straight rate of commits, held against the whole
    rate once 16 wait together."""
    name: str
    title: str
    script: str
    path: str
    against: str = ""
    peer_target: float = 0.0
    core_target: float = 0.0


SCENARIOS = (
    Scenario("health", "GET /health", "get.lua", "/health"),
    Scenario("products", "product list", "get.lua", "/api/products?limit=100", "straight", 3, 0.5),
    Scenario("product", "one product", "product.lua", "/api/products/1", "health", 2.5, 0.5),
    Scenario("orders", "orders list (100)", "get.lua", "/api/orders?limit=100", "straight", 3, 0.5),
    Scenario("cart_add", "cart add", "cart_add.lua", "/api/cart/add", "durable", 2.5, 1),
    Scenario("checkout", "checkout", "checkout.lua", "/api/shop/checkout", "durable", 2, 1),
)
OTHERS = ("sync", "idle", "start")
SYNC_TARGET = 2000  # orders per second
FLAT = 1.5          # an order may cost that many times what it costs in a smaller shop
IDLE_TARGET_MB = 20
START_TARGET_MS = 150


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="octo bench", description=__doc__.split("\n\n")[0])
    names = [scenario.name for scenario in SCENARIOS] + list(OTHERS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the tables")
    parser.add_argument("--seconds", type=float, default=5, help="per measurement (5)")
    parser.add_argument("--quick", action="store_true",
                        help="one second each, sync of 1,000 and 20,000 orders only")
    parser.add_argument("--connections", default="16,64", help="numbers, separated by commas")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME",
                        help="this measurement alone; may be repeated: " + ", ".join(names))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build",
                        help="build directory to measure (build)")
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    options = parser.parse_args()
    try:
        options.connections = [int(part) for part in options.connections.split(",")]
    except ValueError:
        parser.error("--connections takes numbers")
    if options.seconds < 1 or not all(1 <= c <= 512 for c in options.connections):
        parser.error("--seconds is at least 1, connections are 1 to 512")
    if options.quick:
        options.seconds = 1
    options.names = options.only or names
    return options


class Bench:
    """One run: its programs, its directory, what it found."""

    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.octo = options.build / "src/app/octo"
        self.straight_program = options.build / "bench/straight"
        self.ports = (servers.free_port(), servers.free_port())
        self.rows = []

    def prepare(self):
        """Databases as the services make them, filled: work/template/{shop,crm}.db."""
        template = self.work / "template"
        template.mkdir()
        for name in ("shop", "crm"):
            with servers.service(self.octo, name, template, self.ports):
                pass
        shutil.copytree(template, self.work / "empty")
        databases.fill(template / "shop.db", ORDERS_PRESENT)
        databases.copy(template / "shop.db", self.work / "octo/shop.db")
        databases.copy(template / "shop.db", self.work / "peer/shop.db")
        databases.copy(template / "shop.db", self.work / "straight/shop.db")

    def straight(self, scenario):
        done = subprocess.run(
            [self.straight_program, self.work / "straight/shop.db", scenario.name,
             str(self.options.seconds)], text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout)
        return {"rate": found["count"] / found["seconds"],
                "per_core": found["count"] / found["cpu_seconds"]}

    def routes(self):
        wanted = [s for s in SCENARIOS if s.name in self.options.names]
        if not wanted:
            return
        if any(s.against == "health" for s in wanted) and SCENARIOS[0] not in wanted:
            wanted.insert(0, SCENARIOS[0])
        health = {}
        shop = servers.service(self.octo, "shop", self.work / "octo", self.ports)
        with shop, servers.peer(self.work / "peer/shop.db") as peer:
            for scenario in wanted:
                say(f"{scenario.title} ...")
                straight = None if scenario.name == "health" else self.straight(scenario)
                for connections in self.options.connections:
                    row = self.measure(scenario, connections, shop, peer)
                    if scenario.name == "health":
                        health[connections] = row["octo"]["per_core"]
                    row["straight"] = straight
                    self.judge(scenario, row, straight, health.get(connections))
                    self.rows.append(row)

    def measure(self, scenario, connections, shop, peer):
        row = {"name": scenario.name, "title": scenario.title, "connections": connections}
        for key, server in (("octo", shop), ("peer", peer)):
            servers.load(server, scenario.script, scenario.path, connections, 1, f"{key}-warm")
            row[key] = servers.load(server, scenario.script, scenario.path, connections,
                                    self.options.seconds, f"{key}-{connections}")
        row["ratio"] = row["octo"]["rate"] / row["peer"]["rate"]
        return row

    @staticmethod
    def judge(scenario, row, straight, health_per_core):
        """core_ratio, and for each target whether it was met."""
        octo = row["octo"]
        if scenario.against == "straight":
            row["core_ratio"] = octo["per_core"] / straight["per_core"]
        elif scenario.against == "health":
            row["core_ratio"] = octo["per_core"] / health_per_core
        elif scenario.against == "durable":
            row["core_ratio"] = octo["rate"] / straight["rate"]
        row["against"] = scenario.against
        row["peer_target"], row["core_target"] = scenario.peer_target, scenario.core_target
        row["ok"] = (row["ratio"] >= scenario.peer_target
                     and row.get("core_ratio", 0) >= scenario.core_target)

    def sync(self):
        if "sync" not in self.options.names:
            return
        sizes = SYNC_SIZES[:2] if self.options.quick else SYNC_SIZES
        rows = [self.sync_of(size) for size in sizes]
        for number, row in enumerate(rows):
            smaller = min((r["us_per_order"] for r in rows[:number]), default=row["us_per_order"])
            row["ok"] = row["rate"] >= SYNC_TARGET and row["us_per_order"] <= FLAT * smaller
        self.rows += rows

    def sync_of(self, size):
        say(f"sync of {size} orders ...")
        data = self.work / f"sync-{size}"
        databases.copy(self.work / "empty/shop.db", data / "shop.db")
        databases.copy(self.work / "empty/crm.db", data / "crm.db")
        seeded = databases.value(data / "shop.db", "SELECT count(*) FROM orders")
        databases.fill(data / "shop.db", size - seeded)
        with servers.service(self.octo, "shop", data, self.ports) as shop:
            started = time.monotonic()
            with open(data / "sync.out", "w+b") as out, open(data / "sync.err", "w+b") as errors:
                process = subprocess.Popen([self.octo, "sync", "--json"], stdout=out, stderr=errors,
                                           env=servers.environment(data, *self.ports))
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            elapsed = time.monotonic() - started
            shop_peak = shop.memory_mb("VmHWM")
        if process.returncode != 0:
            raise RuntimeError(f"octo sync: {(data / 'sync.err').read_text()}")
        arrived = databases.value(
            data / "crm.db", "SELECT count(*) FROM orders WHERE source_system = 'octo-drone-shop'")
        if arrived != size:
            raise RuntimeError(f"{arrived} of {size} orders arrived:\n"
                               f"{(data / 'sync.out').read_text()}")
        shutil.rmtree(data, ignore_errors=self.options.keep)
        return {"name": "sync", "title": f"sync of {size} orders", "orders": size,
                "seconds": elapsed, "rate": size / elapsed, "us_per_order": elapsed / size * 1e6,
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "peak_mb": usage.ru_maxrss / 1024, "shop_peak_mb": shop_peak}

    def idle(self):
        for name in ("shop", "crm"):
            data = self.work / "template"

            def make(name=name, data=data):
                return servers.service(self.octo, name, data, self.ports)

            if "idle" in self.options.names:
                with make() as server:
                    time.sleep(IDLE_SECONDS)
                    memory = server.memory_mb()
                self.rows.append({"name": "idle", "title": f"{name} idle, MB", "value": memory,
                                  "target": IDLE_TARGET_MB, "ok": memory < IDLE_TARGET_MB})
            if "start" in self.options.names:
                first = servers.first_answers_ms(make, STARTS)
                self.rows.append({"name": "start", "title": f"{name} first answer, ms",
                                  "value": first, "target": START_TARGET_MS,
                                  "ok": first < START_TARGET_MS})


AGAINST = {"straight": "of straight", "health": "of /health", "durable": "of durable", "": ""}


def verdict(row):
    return "ok" if row["ok"] else "MISSED"


def print_routes(rows):
    print(f"\n{'':20}{'conns':>6}{'octo/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'peer/s':>9}{'p50 ms':>8}"
          f"{'p99 ms':>8}{'ratio':>7}{'straight/s':>12}{'cores':>7}{'per core':>10}"
          f"  {'ratio':18}target")
    for row in rows:
        octo, peer, straight = row["octo"], row["peer"], row["straight"]
        held = f"{row['core_ratio']:.2f} {AGAINST[row['against']]}" if row["against"] else ""
        target = (f"{row['peer_target']:g}x, {row['core_target']:g}  {verdict(row)}"
                  if row["against"] else "")
        print(f"{row['title']:20}{row['connections']:6}{octo['rate']:9,.0f}"
              f"{octo['p50_us'] / 1000:8.2f}{octo['p99_us'] / 1000:8.2f}{peer['rate']:9,.0f}"
              f"{peer['p50_us'] / 1000:8.2f}{peer['p99_us'] / 1000:8.2f}{row['ratio']:6.1f}x"
              f"{straight['rate'] if straight else 0:12,.0f}{octo['cores']:7.2f}"
              f"{octo['per_core']:10,.0f}  {held:18}{target}")


def print_sync(rows):
    print(f"\n{'':28}{'orders/s':>10}{'us/order':>10}{'peak MB':>9}{'shop MB':>9}  target")
    for row in rows:
        print(f"{row['title']:28}{row['rate']:10,.0f}{row['us_per_order']:10.0f}"
              f"{row['peak_mb']:9.1f}{row['shop_peak_mb']:9.1f}"
              f"  {SYNC_TARGET}/s, flat  {verdict(row)}")


def print_values(rows):
    print()
    for row in rows:
        print(f"{row['title']:28}{row['value']:10.1f}  under {row['target']}  {verdict(row)}")


def print_report(facts, rows):
    print(f"{facts['cores']} cores {facts['cpu']}, {facts['memory_mb']} MB, Linux "
          f"{facts['kernel']}, disk {facts['disk']}, SQLite {facts['sqlite']}, node "
          f"{facts['node']}, {facts['wrk']}; load at start {facts['load']:.1f}")
    for shows, belongs in ((print_routes, lambda row: "octo" in row),
                           (print_sync, lambda row: row["name"] == "sync"),
                           (print_values, lambda row: "value" in row)):
        chosen = [row for row in rows if belongs(row)]
        if chosen:
            shows(chosen)
    disturbed = [row for row in rows if "octo" in row
                 and max(row[k]["others_cores"] for k in ("octo", "peer")) > 0.3]
    if disturbed:
        print(f"\n{len(disturbed)} of these rows were measured while others used more than 0.3 "
              "cores; repeat on a quiet machine.")


def main():
    options = parse()
    built = subprocess.run(["ninja", "-C", options.build, "bench/straight"], text=True,
                           capture_output=True, check=False)
    if built.returncode != 0:
        say(built.stdout)
        return 1
    work = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=options.build))
    try:
        bench = Bench(options, work)
        facts = machine.describe(work)
        bench.prepare()
        bench.routes()
        bench.sync()
        bench.idle()
    except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
        say(f"octo bench: {failure}")
        return 1
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    if options.json:
        print(json.dumps({"machine": facts, "seconds": options.seconds, "rows": bench.rows},
                         indent=2))
    else:
        print_report(facts, bench.rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
