#!/usr/bin/env python3
"""./octo bench: how fast octo is, next to two others measured in the same run.

Straight calls run the same statements through the database's own API; the peer (bench/peer) offers
the same routes with the same durability on Fastify and better-sqlite3, pg or oracledb. On Oracle octo is
measured on PostgreSQL beside, instead of straight calls. docs/performance.md says how to read the table.
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import databases_oracle
import databases_postgres
import databases_sqlite
import machine
import servers
import trouble

ROOT = pathlib.Path(__file__).resolve().parent.parent
ORDERS_PRESENT = 5000
SYNC_SIZES = (1000, 20000, 200000)
IDLE_SECONDS = 2
STARTS = 5


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A route under load."""
    name: str
    title: str
    script: str
    path: str


SCENARIOS = (
    Scenario("health", "GET /health", "get.lua", "/health"),
    Scenario("products", "product list", "get.lua", "/api/products?limit=100"),
    Scenario("product", "one product", "product.lua", "/api/products/1"),
    Scenario("orders", "orders list (100)", "get.lua", "/api/orders?limit=100"),
    Scenario("cart_add", "cart add", "cart_add.lua", "/api/cart/add"),
    Scenario("checkout", "checkout", "checkout.lua", "/api/shop/checkout"),
)


@dataclasses.dataclass(frozen=True)
class Target:
    """What a route is held to: times the peer's rate, and a ratio to `against`. "straight" and "health"
    are rates per core, "calls" is the whole straight rate, "durable" that of one session's commits,
    which is held against the rate of 16 or more buyers who wait together; "postgres" is CPU time of the service
    for a request, which is to be at most that many times what it is there."""
    peer: float
    against: str
    ratio: float


TARGETS = {
    "sqlite": {
        "products": Target(3, "straight", 0.5),
        "product": Target(2.5, "health", 0.5),
        "orders": Target(3, "straight", 0.5),
        "cart_add": Target(2.5, "durable", 1),
        "checkout": Target(2, "durable", 1),
    },
    "postgres": {
        "products": Target(3, "calls", 0.5),
        "product": Target(2.5, "calls", 0.5),
        "orders": Target(3, "calls", 0.5),
        "cart_add": Target(1.6, "calls", 0.8),
        "checkout": Target(1.6, "calls", 0.8),
    },
    "oracle": {
        "products": Target(2.5, "postgres", 1.5),
        "product": Target(2, "postgres", 2.5),
        "checkout": Target(1.3, "postgres", 1.5),
    },
}
BACKENDS = {"sqlite": databases_sqlite.Databases, "postgres": databases_postgres.Databases,
            "oracle": databases_oracle.Databases}
OTHERS = ("sync", "idle", "start", "restart")
SYNC_TARGET = 2000  # orders per second
FLAT = 1.5          # an order may cost that many times what it costs in a smaller shop
IDLE_TARGET_MB = 20
START_TARGET_MS = 150
KEPT = 0.8            # of its ratio to the peer, where all cores are busy
OPENED_PER_1000 = 5   # database sessions, in the long run
RECOVER_SECONDS = 5   # after a restart of the database
NOT_SLOWER = 0.97     # of the rate of another build, which is about what a median of three can tell


def say(text):
    print(text, file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="octo bench", description=__doc__.split("\n\n")[0])
    names = [scenario.name for scenario in SCENARIOS] + list(OTHERS)
    parser.add_argument("--backend", choices=BACKENDS, default="sqlite",
                        help="where the rows are: SQLite files, a PostgreSQL server of the run's own, or the listener "
                        "that poses as Oracle's, where only " + ", ".join(TARGETS["oracle"]) + " are measured")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the tables")
    parser.add_argument("--seconds", type=float, default=5, help="per measurement (5)")
    parser.add_argument("--rounds", type=int, default=1,
                        help="how often each route is measured, by turns; the median counts (1)")
    parser.add_argument("--quick", action="store_true",
                        help="one second each, sync of 1,000 and 20,000 orders only")
    parser.add_argument("--connections", help="numbers, separated by commas (16,64; with --busy "
                        "16,64,200)")
    parser.add_argument("--busy", action="store_true",
                        help="measure each route also while other processes keep all cores busy")
    parser.add_argument("--connect-ms", type=int, metavar="MS",
                        help="signing in to the PostgreSQL server takes so many milliseconds of CPU time")
    parser.add_argument("--max-connections", type=int, metavar="N",
                        help="the PostgreSQL server takes no more sessions; octo and the peer run by turns")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME",
                        help="this measurement alone; may be repeated: " + ", ".join(names))
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build",
                        help="build directory to measure (build)")
    parser.add_argument("--against", type=pathlib.Path, metavar="BUILD",
                        help="measure the routes by turns with those of another build instead of the peer's")
    parser.add_argument("--keep", action="store_true", help="keep the databases")
    options = parser.parse_args()
    try:
        given = options.connections or ("16,64,200" if options.busy else "16,64")
        options.connections = [int(part) for part in given.split(",")]
    except ValueError:
        parser.error("--connections takes numbers")
    if options.seconds < 1 or options.rounds < 1 or not all(1 <= c <= 512
                                                            for c in options.connections):
        parser.error("--seconds and --rounds are at least 1, connections are 1 to 512")
    if options.backend != "postgres" and (options.connect_ms or options.max_connections):
        parser.error("--connect-ms and --max-connections are for --backend postgres")
    if options.against and (options.busy or options.max_connections):
        parser.error("--against is without --busy and --max-connections")
    if options.backend == "oracle" and (options.busy or options.against):
        parser.error("--busy and --against are not for --backend oracle")
    if options.backend == "oracle":
        names = list(TARGETS["oracle"])
        if not set(options.only or names) <= set(names):
            parser.error("--backend oracle measures " + ", ".join(names))
    if options.quick:
        options.seconds = 1
    options.names = options.only or [name for name in names if not options.against or name not in OTHERS]
    return options


def median(figures):
    """The one with the median rate."""
    return sorted(figures, key=lambda figure: figure["rate"])[len(figures) // 2]


class Bench:
    """One run: its programs, its databases, what it found."""

    def __init__(self, options, databases):
        self.options = options
        self.databases = databases
        self.octo = options.build / "src/app/octo"
        self.straight_program = options.build / f"bench/straight_{options.backend}"
        self.targets = TARGETS[options.backend]
        self.ports = (servers.free_port(), servers.free_port())
        self.empty = databases.new("empty")
        self.filled = None
        self.beside = None  # the service on PostgreSQL, where that is on Oracle
        self.rows = []
        self.loads = 0

    def prepare(self):
        """Databases as the services make them, one of them filled; as the other build's make them, which may be
        older."""
        octo = self.options.against / "src/app/octo" if self.options.against else self.octo
        for name in ("shop", "crm"):
            with servers.service(octo, name, self.empty, self.ports):
                pass
        self.filled = self.databases.copy(self.empty, "filled")
        self.filled.fill(ORDERS_PRESENT)

    def straight(self, scenario, database):
        cpu = self.databases.server_cpu_seconds()
        done = subprocess.run(
            [self.straight_program, database.address, scenario.name, str(self.options.seconds),
             str(self.databases.straight_sessions)], text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        cpu = self.databases.server_cpu_seconds() - cpu
        found = json.loads(done.stdout)
        own = found["cpu_seconds"]
        return {"rate": found["count"] / found["seconds"], "per_core": found["count"] / (own + cpu),
                "us_own": own / found["count"] * 1e6, "us_database": cpu / found["count"] * 1e6}

    def routes(self):
        wanted = [s for s in SCENARIOS if s.name in self.options.names]
        if not wanted:
            return
        if (any(self.targets[s.name].against == "health" for s in wanted if s.name in self.targets)
                and SCENARIOS[0] not in wanted):
            wanted.insert(0, SCENARIOS[0])
        health = {}
        mine, peers, straights = (self.databases.copy(self.filled, name)
                                  for name in ("octo", "peer", "straight"))
        shop = servers.service(self.octo, "shop", mine, self.ports)
        peer = self.peer(peers)
        with contextlib.ExitStack() as running:
            if self.options.backend == "oracle":
                self.beside = running.enter_context(self.on_postgres())
            if not self.options.max_connections:
                running.enter_context(shop)
                running.enter_context(peer)
            for scenario in wanted:
                say(f"{scenario.title} ...")
                for row in self.measure(scenario, shop, peer, straights):
                    if scenario.name == "health":
                        health[row["connections"]] = row["octo"]["per_core"]
                    self.judge(scenario, row, health.get(row["connections"]))
                    self.rows.append(row)

    def on_postgres(self):
        """The same service over PostgreSQL, for the same load."""
        database = self.databases.on_postgres("postgres")
        ports = (servers.free_port(), self.ports[1])
        with servers.service(self.octo, "shop", database, ports):
            pass
        database.fill(ORDERS_PRESENT)
        return servers.service(self.octo, "shop", database, ports)

    def peer(self, database):
        if self.options.against:
            return servers.service(self.options.against / "src/app/octo", "shop", database,
                                   (servers.free_port(), self.ports[1]))
        return servers.peer(self.options.backend, database, self.databases.straight_sessions)

    def measure(self, scenario, shop, peer, database):
        """A row for each number of connections; all of a round are measured by turns."""
        found = collections.defaultdict(list)
        for number in range(self.options.rounds):
            beside = (("postgres", self.beside),) if self.beside else ()
            turns = (("octo", shop), *beside, ("peer", peer))[::-1 if number % 2 else 1]
            if scenario.name in self.targets and not self.options.against and not self.beside:
                found["straight"].append(self.straight(scenario, database))
            for connections in self.options.connections:
                for key, server in turns:
                    found[key, connections].append(self.load(server, scenario, connections))
                if self.options.busy:
                    with trouble.busy_cores():
                        for key, server in turns:
                            found["busy " + key, connections].append(self.load(server, scenario, connections))
        for connections in self.options.connections:
            row = {"name": scenario.name, "title": scenario.title, "connections": connections,
                   "octo": median(found["octo", connections]),
                   "peer": median(found["peer", connections]),
                   "straight": median(found["straight"]) if found["straight"] else None}
            if self.beside:
                row["postgres"] = median(found["postgres", connections])
            row["ratio"] = row["octo"]["rate"] / row["peer"]["rate"]
            if self.options.busy:
                row["busy"] = self.busy(row, median(found["busy octo", connections]),
                                        median(found["busy peer", connections]))
            yield row

    @staticmethod
    def busy(row, octo, peer):
        """What is left of the ratio to the peer, and the worse figure of sessions opened."""
        ratio = octo["rate"] / peer["rate"]
        opened = max(octo["opened_per_1000"], row["octo"]["opened_per_1000"])
        return {"octo": octo, "peer": peer, "ratio": ratio, "kept": ratio / row["ratio"],
                "opened_per_1000": opened,
                "ok": ratio / row["ratio"] >= KEPT and opened < OPENED_PER_1000
                      and not octo["refused"]}

    def load(self, server, scenario, connections):
        alone = server if self.options.max_connections else contextlib.nullcontext()
        with alone:
            self.loads += 1
            servers.warm_up(server, scenario, connections, f"warm-{self.loads}")
            return servers.load(server, scenario, connections, self.options.seconds,
                                f"run-{self.loads}", self.databases.server_cpu_seconds)

    def restart(self):
        """The database goes away for a moment, under checkouts."""
        if "restart" not in self.options.names or self.options.backend != "postgres":
            return
        say("restart of the server ...")
        scenario = SCENARIOS[-1]
        shop = servers.service(self.octo, "shop", self.databases.copy(self.filled, "restart"),
                               self.ports)
        with shop:
            took = trouble.seconds_to_recover(
                shop, self.databases.cluster,
                servers.wrk_command(shop, scenario, self.options.connections[0], 60, "restart"))
        self.rows.append({"name": "restart", "title": "rate again after restart, s",
                          "value": took if took is not None else float("inf"),
                          "target": RECOVER_SECONDS,
                          "ok": took is not None and took < RECOVER_SECONDS})

    def judge(self, scenario, row, health_per_core):
        """The ratio to what the route is held against, and whether its targets were met."""
        target = self.targets.get(scenario.name)
        if self.options.against:
            row["ok"] = row["ratio"] >= NOT_SLOWER and not refused(row)
            return
        if target is None:
            return
        octo, straight = row["octo"], row["straight"]
        row["target"] = dataclasses.asdict(target)
        if target.against == "postgres":
            row["held_ratio"] = octo["us_own"] / row["postgres"]["us_own"]
            row["ok"] = (row["ratio"] >= target.peer and row["held_ratio"] <= target.ratio and not refused(row))
            return
        row["held_ratio"] = {
            "straight": octo["per_core"] / straight["per_core"],
            "health": octo["per_core"] / health_per_core if health_per_core else 0.0,
            "calls": octo["rate"] / straight["rate"],
            "durable": octo["rate"] / straight["rate"],
        }[target.against]
        row["ok"] = (row["ratio"] >= target.peer and row["held_ratio"] >= target.ratio
                     and not refused(row))

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
        database = self.databases.copy(self.empty, f"sync-{size}")
        data = database.data
        database.fill(size - database.value("shop", "SELECT count(*) FROM orders"))
        with servers.service(self.octo, "shop", database, self.ports) as shop:
            started = time.monotonic()
            with open(data / "sync.out", "w+b") as out, open(data / "sync.err", "w+b") as errors:
                process = subprocess.Popen([self.octo, "sync", "--json"], stdout=out, stderr=errors,
                                           env=servers.environment(database, *self.ports))
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            elapsed = time.monotonic() - started
            shop_peak = shop.memory_mb("VmHWM")
        if process.returncode != 0:
            raise RuntimeError(f"octo sync: {(data / 'sync.err').read_text()}")
        arrived = database.value(
            "crm", "SELECT count(*) FROM orders WHERE source_system = 'octo-drone-shop'")
        if arrived != size:
            raise RuntimeError(f"{arrived} of {size} orders arrived:\n"
                               f"{(data / 'sync.out').read_text()}")
        if not self.options.keep:
            database.drop()
        return {"name": "sync", "title": f"sync of {size} orders", "orders": size,
                "seconds": elapsed, "rate": size / elapsed, "us_per_order": elapsed / size * 1e6,
                "cpu_seconds": usage.ru_utime + usage.ru_stime,
                "peak_mb": usage.ru_maxrss / 1024, "shop_peak_mb": shop_peak}

    def idle(self):
        for name in ("shop", "crm"):
            def make(name=name):
                return servers.service(self.octo, name, self.filled, self.ports)

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


AGAINST = {"straight": "of straight", "health": "of /health", "durable": "of durable",
           "calls": "of straight"}


def refused(row):
    return max(row[who]["refused"] for who in ("octo", "peer", "postgres") if who in row) if "octo" in row else 0.0


def verdict(row):
    if refused(row):
        return f"REFUSED {refused(row):.0%}"
    return "ok" if row["ok"] else "MISSED"


def print_routes(rows):
    print(f"\n{'':20}{'conns':>6}{'octo/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'peer/s':>9}{'p50 ms':>8}"
          f"{'p99 ms':>8}{'ratio':>7}{'straight/s':>12}{'cores':>7}{'per core':>10}"
          f"  {'ratio':18}target")
    for row in rows:
        octo, peer, straight = row["octo"], row["peer"], row["straight"]
        held = target = ""
        if "target" in row:
            held = f"{row['held_ratio']:.2f} {AGAINST[row['target']['against']]}"
            target = f"{row['target']['peer']:g}x, {row['target']['ratio']:g}  {verdict(row)}"
        print(f"{row['title']:20}{row['connections']:6}{octo['rate']:9,.0f}"
              f"{octo['p50_us'] / 1000:8.2f}{octo['p99_us'] / 1000:8.2f}{peer['rate']:9,.0f}"
              f"{peer['p50_us'] / 1000:8.2f}{peer['p99_us'] / 1000:8.2f}{row['ratio']:6.1f}x"
              f"{straight['rate'] if straight else 0:12,.0f}"
              f"{octo['cores'] + octo['database_cores']:7.2f}{octo['per_core']:10,.0f}"
              f"  {held:18}{target}")


def print_turns(rows):
    print(f"\n{'':20}{'conns':>6}{'octo/s':>9}{'us':>6}{'database':>9}{'other/s':>9}{'us':>6}{'database':>9}"
          f"{'ratio':>7}  target")
    for row in rows:
        figures = "".join(f"{row[who]['rate']:9,.0f}{row[who]['us_own']:6.0f}{row[who]['us_database']:9.0f}"
                          for who in ("octo", "peer"))
        print(f"{row['title']:20}{row['connections']:6}{figures}{row['ratio']:7.2f}"
              f"  {NOT_SLOWER:g}  {verdict(row)}")


def print_beside(rows):
    """CPU time of the processes for a request: octo's, what its database costs, and the others'."""
    print(f"\n{'':20}{'conns':>6}{'octo/s':>9}{'us':>6}{'database':>9}{'peer/s':>9}{'us':>6}{'database':>9}"
          f"{'ratio':>7}{'PostgreSQL/s':>14}{'us':>6}{'database':>9}{'us, ratio':>11}  target")
    for row in rows:
        octo, peer, beside = ("".join((f"{row[who]['rate']:{width},.0f}", f"{row[who]['us_own']:6.0f}",
                                       f"{row[who]['us_database']:9.0f}"))
                              for who, width in (("octo", 9), ("peer", 9), ("postgres", 14)))
        print(f"{row['title']:20}{row['connections']:6}{octo}{peer}{row['ratio']:6.1f}x{beside}{row['held_ratio']:10.2f}x"
              f"  {row['target']['peer']:g}x, at most {row['target']['ratio']:g}x  {verdict(row)}")


def print_cpu(rows):
    """Where the time of two cores goes that load generator, service and database share."""
    print(f"\n{'CPU us of a request':20}{'conns':>6}{'octo':>9}{'database':>9}{'peer':>9}"
          f"{'database':>9}{'straight':>9}{'database':>9}")
    for row in rows:
        figures = "".join(f"{who['us_own']:9.0f}{who['us_database']:9.0f}"
                          for who in (row["octo"], row["peer"], row["straight"]) if who)
        print(f"{row['title']:20}{row['connections']:6}{figures}")


def print_busy(rows):
    print(f"\n{'all cores busy':20}{'conns':>6}{'octo/s':>9}{'peer/s':>9}{'ratio':>7}{'quiet':>7}"
          f"{'kept':>6}{'sessions opened per 1,000':>27}")
    for row in rows:
        busy = row["busy"]
        print(f"{row['title']:20}{row['connections']:6}{busy['octo']['rate']:9,.0f}"
              f"{busy['peer']['rate']:9,.0f}{busy['ratio']:6.1f}x{row['ratio']:6.1f}x"
              f"{busy['kept']:6.2f}{busy['opened_per_1000']:27.2f}"
              f"  {KEPT:g}, under {OPENED_PER_1000}  {'ok' if busy['ok'] else 'MISSED'}")


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


def print_report(facts, rows, against):
    print(f"{facts['cores']} cores {facts['cpu']}, {facts['memory_mb']} MB, Linux "
          f"{facts['kernel']}, {facts['database']}, node {facts['node']}, {facts['wrk']}; "
          f"load at start {facts['load']:.1f}")
    for shows, belongs in ((print_turns, lambda row: against),
                           (print_beside, lambda row: "postgres" in row),
                           (print_routes, lambda row: "octo" in row and "postgres" not in row and not against),
                           (print_cpu, lambda row: "octo" in row and row["octo"]["database_cores"] and not against
                            and "postgres" not in row),
                           (print_busy, lambda row: "busy" in row),
                           (print_sync, lambda row: row["name"] == "sync"),
                           (print_values, lambda row: "value" in row)):
        chosen = [row for row in rows if belongs(row)]
        if chosen:
            shows(chosen)
    disturbed = [row for row in rows if "octo" in row
                 and max(row[k]["others_cores"] for k in ("octo", "peer", "postgres") if k in row) > 0.3]
    if disturbed:
        print(f"\n{len(disturbed)} of these rows were measured while others used more than 0.3 "
              "cores; repeat on a quiet machine.")


def run(options, work):
    """The facts of the machine and what was found."""
    facts = machine.describe()
    databases = BACKENDS[options.backend](work, options)
    try:
        facts["database"] = databases.facts()
        bench = Bench(options, databases)
        bench.prepare()
        bench.routes()
        bench.sync()
        bench.idle()
        bench.restart()
    finally:
        databases.close()
    return facts, bench.rows


def main():
    options = parse()
    if options.backend != "oracle":
        built = subprocess.run(["ninja", "-C", options.build, f"bench/straight_{options.backend}"],
                               text=True, capture_output=True, check=False)
        if built.returncode != 0:
            say(built.stdout)
            return 1
    work = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=options.build))
    try:
        facts, rows = run(options, work)
    except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
        say(f"octo bench: {failure}")
        return 1
    finally:
        if not options.keep:
            shutil.rmtree(work, ignore_errors=True)
    if options.json:
        print(json.dumps({"backend": options.backend, "machine": facts, "seconds": options.seconds,
                          "rounds": options.rounds, "rows": rows}, indent=2))
    else:
        print_report(facts, rows, options.against)
    return 1 if any(refused(row) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
