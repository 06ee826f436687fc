"""Kills services at seeded random moments while orders and syncs run, then checks the books.

`run(executable, moments, seed, on_server)` gives the list of everything that is wrong: an acknowledged order that
is missing or doubled, in the shop or (after a last sync) in the CRM; rows without their parents; stock
that does not add up. A healthy build gives an empty list, however it is killed.
"""

import collections
import http.client
import json
import random
import threading
import time

from support.harness import Client, Instance, checkout_body, patience

BUYERS = 6
STOCK = 1_000_000
PRODUCT_IDS = range(1, 31)
BACKLOG = 250
LAST_SYNC_SECONDS = 60


class Buyers:
    """Threads that buy until told to stop. Each purchase keeps its Idempotency-Key until it is
    acknowledged, through crashes and restarts, as a careful client does."""

    def __init__(self, instance, seed):
        self.instance = instance
        self.stopping = threading.Event()
        self.acknowledged = {}  # key -> order id
        self.wrong = []
        self.threads = [threading.Thread(target=self.buy, args=(seed * 1000 + n,))
                        for n in range(BUYERS)]
        for thread in self.threads:
            thread.start()

    def buy(self, seed):
        chance = random.Random(seed)
        number = 0
        client = None
        while not self.stopping.is_set():
            number += 1
            key = f"kill-{seed}-{number:06}"
            items = [{"product_id": i, "quantity": chance.randrange(1, 4)}
                     for i in chance.sample(PRODUCT_IDS, chance.randrange(1, 4))]
            body = checkout_body(f"{seed % 17}-{number % 5}@example.com", items, notes=key)
            while key not in self.acknowledged and not self.stopping.is_set():
                try:
                    client = client or Client(self.instance.shop.port, timeout=10)
                    answer = client.post("/api/shop/checkout", body,
                                         headers={"Idempotency-Key": key})
                    if answer.status == 200:
                        self.acknowledged[key] = answer.json["order_id"]
                    elif answer.status != 503:
                        self.wrong.append(f"checkout {key}: {answer}")
                        break
                except (OSError, http.client.HTTPException, ValueError):
                    if client:
                        client.close()
                    client = None
                    time.sleep(0.005)
        if client:
            client.close()

    def wait_for_backlog(self):
        """Orders for a first sync of several transactions, which the first kills meet."""
        deadline = time.monotonic() + patience(60)
        while len(self.acknowledged) < BACKLOG and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def sync_over_and_over(instance, stopping):
    while not stopping.is_set():
        try:
            with instance.crm.client(internal=True, timeout=10) as client:
                client.post("/api/orders/sync")
        except (OSError, http.client.HTTPException):
            time.sleep(0.005)
        stopping.wait(0.25)


def check_file(service, wrong):
    for row in service.query("PRAGMA foreign_key_check"):
        wrong.append(f"{service.name}: orphan row {tuple(row)}")
    if service.value("PRAGMA integrity_check") != "ok":
        wrong.append(f"{service.name}: the database file is damaged")


def check_orphans(service, wrong):
    if not service.server_database:
        check_file(service, wrong)
    for what, sql in (
            ("order without lines", "SELECT id FROM orders o WHERE NOT EXISTS "
             "(SELECT 1 FROM order_items WHERE order_id = o.id)"),
            ("order without shipment", "SELECT id FROM orders o WHERE {where} NOT EXISTS "
             "(SELECT 1 FROM shipments WHERE order_id = o.id)")):
        where = "source_system <> 'enterprise-crm' AND" if service.name == "crm" else ""
        for row in service.query(sql.format(where=where)):
            wrong.append(f"{service.name}: {what}: {row[0]}")


def check_shop(shop, acknowledged, wrong):
    check_orphans(shop, wrong)
    orders = collections.defaultdict(list)
    for row in shop.query("SELECT id, notes FROM orders WHERE notes LIKE '%kill-%'"):
        key = row["notes"][row["notes"].index("kill-"):].split(";")[0].strip()
        orders[key].append(row["id"])
    for key, order_id in acknowledged.items():
        if orders[key] != [order_id]:
            wrong.append(f"shop: {key} was acknowledged as {order_id}, stored as {orders[key]}")
    for key, ids in orders.items():
        if len(ids) > 1:
            wrong.append(f"shop: {key} is there {len(ids)} times: {ids}")
    sold = dict(map(tuple, shop.query(
        "SELECT i.product_id, sum(i.quantity) FROM order_items i JOIN orders o ON o.id = i.order_id "
        "WHERE o.notes LIKE '%kill-%' GROUP BY 1")))
    for product_id, stock in map(tuple, shop.query("SELECT id, stock FROM products")):
        if stock + sold.get(product_id, 0) != STOCK:
            wrong.append(f"shop: product {product_id}: stock {stock}, {sold.get(product_id)} sold")
    audited = {row["resource_name"] for row in shop.query(
        "SELECT resource_name FROM audit_logs WHERE action = 'order.created'")}
    for ids in orders.values():
        for order_id in ids:
            if f"order:{order_id}" not in audited:
                wrong.append(f"shop: order {order_id} has no audit row")


def last_sync(instance):
    """A replica that was killed keeps its lease for a second, a run whose client is gone goes on."""
    deadline = time.monotonic() + patience(LAST_SYNC_SECONDS)
    while True:
        done = instance.octo("sync", "--json")
        if '"busy"' not in done.stdout or time.monotonic() > deadline:
            return done
        time.sleep(0.1)


def check_crm(instance, wrong):
    done = last_sync(instance)
    if done.returncode != 0:
        wrong.append(f"last sync failed: {done.stdout} {done.stderr}")
        return
    if json.loads(done.stdout)["failed"]:
        wrong.append(f"last sync: {done.stdout}")
    check_orphans(instance.crm, wrong)
    compare(instance, wrong)


def compare(instance, wrong):
    """What the shop has must be in the CRM once, with the same lines, and noted there."""
    synchronised = "source_system = 'octo-drone-shop'"
    there = collections.defaultdict(list)
    for row in instance.crm.query(f"SELECT id, source_order_id, total, status FROM orders WHERE {synchronised}"):
        there[row["source_order_id"]].append(row)
    noted = {row["source_order_id"] for row in instance.crm.query(
        f"SELECT source_order_id FROM order_sync_audit WHERE {synchronised} AND sync_status = 'success'")}
    lines = "SELECT order_id, sum(quantity * unit_price) FROM order_items GROUP BY 1"
    sold, kept = (dict(map(tuple, service.query(lines))) for service in (instance.shop, instance.crm))
    for order in instance.shop.query("SELECT id, total, status FROM orders"):
        number, copies = order["id"], there.pop(order["id"], [])
        if not copies or (copies[0]["total"], copies[0]["status"]) != (order["total"], order["status"]):
            wrong.append(f"order {number}: missing in the CRM")
        if len(copies) > 1:
            wrong.append(f"order {number}: twice in the CRM")
        if any(kept.get(copy["id"]) != sold.get(number) for copy in copies):
            wrong.append(f"order {number}: other lines in the CRM")
        if copies and number not in noted:
            wrong.append(f"order {number}: without a sync audit row")


class Listeners:
    """Both of a database that poses as Oracle's, as one more that can be killed."""

    def __init__(self, database):
        self.both = list(database.listeners.values())

    def kill(self):
        for listener in self.both:
            listener.kill()

    def start(self, wait):
        """They wait until they listen, in any case."""
        for listener in self.both:
            listener.start()

    def wait_ready(self):
        pass


def come_back(victim):
    """A service whose database does not answer as soon as it should, on a busy machine, ends: who supervises it
    starts it again."""
    deadline = time.monotonic() + patience(240)
    while True:
        try:
            victim.wait_ready()
            return
        except RuntimeError:
            is_over = victim.process.poll() is not None and "no answer in time" in victim.log()[-500:]
            if not is_over or time.monotonic() > deadline:
                raise
        victim.start(wait=False)


def choices(instance):
    """Who may be killed together."""
    server = ((Listeners(instance.database),),) if hasattr(instance.database, "listeners") else ()
    return ((instance.shop,), (instance.crm,), (instance.shop, instance.crm), *server)


def run(executable, moments, seed, on_server, seconds_most=0.35):
    """`seconds_most` from one kill to the next."""
    chance = random.Random(seed)
    with Instance(executable, on_server, ORDERS_SYNC_LEASE_SECONDS="1") as instance:
        instance.shop.execute("UPDATE products SET stock = ?", STOCK)
        stopping = threading.Event()
        syncs = threading.Thread(target=sync_over_and_over, args=(instance, stopping))
        buyers = Buyers(instance, seed)
        try:
            buyers.wait_for_backlog()
            syncs.start()
            for _ in range(moments):
                time.sleep(chance.uniform(0.02, seconds_most))
                victims = chance.choice(choices(instance))
                for victim in victims:
                    victim.kill()
                for victim in victims:
                    victim.start(wait=False)
                for victim in victims:
                    come_back(victim)
        finally:
            buyers.stop()
            stopping.set()
            syncs.join()
        wrong = list(buyers.wrong)
        if len(buyers.acknowledged) < moments:
            wrong.append(f"only {len(buyers.acknowledged)} orders were acknowledged")
        check_shop(instance.shop, dict(buyers.acknowledged), wrong)
        check_crm(instance, wrong)
        return wrong
