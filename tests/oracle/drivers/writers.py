"""Writers of orders, each in a session of its own, who leave each of their transactions open for a while and take some
back. The one that began first is held until a line says so on standard input; that an order with a later number than its
own is stored, one says on standard output, and at the end which orders are, all as JSON in a line.

From standard input first: how many writers, orders of each and seconds at most, a seed, and whose orders."""

import json
import random
import sys
import threading
import time

import oracledb

ADDRESS, USER, PASSWORD = sys.argv[1:4]
ASKED = json.loads(sys.stdin.readline())
ORDER = """INSERT INTO orders (customer_id, total, subtotal, status, payment_method, payment_status)
VALUES (:customer, 5, 5, 'processing', 'credit_card', 'completed') RETURNING id INTO :id"""
ITEM = """INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price)
SELECT :order_id, id, sku, name, 1, 5 FROM products WHERE id = 1"""
ONE_IN = 5  # is taken back

told = threading.Lock()
held = threading.Event()  # the first order is there, and its transaction open
later = threading.Event()
stored, failures = [], []


def place(session):
    with session.cursor() as cursor:
        order = cursor.var(oracledb.DB_TYPE_NUMBER)
        cursor.execute(ORDER, customer=ASKED["customer"], id=order)
        cursor.execute(ITEM, order_id=int(order.getvalue()[0]))
        return int(order.getvalue()[0])


def keep(order):
    with told:
        stored.append(order)
        if not later.is_set() and held.is_set():
            later.set()
            print(json.dumps({"later": order}), flush=True)


def first():
    with oracledb.connect(user=USER, password=PASSWORD, dsn=f"{ADDRESS}/svc") as session:
        order = place(session)
        held.set()
        sys.stdin.readline()
        session.commit()
        with told:
            stored.append(order)


def writer(number):
    chance = random.Random(f"{ASKED['seed']} {number}")
    with oracledb.connect(user=USER, password=PASSWORD, dsn=f"{ADDRESS}/svc") as session:
        held.wait()
        for _ in range(ASKED["orders"]):
            order = place(session)
            time.sleep(chance.uniform(0, ASKED["seconds"]))  # the load: a transaction that lasts
            if chance.randrange(ONE_IN) == 0:
                session.rollback()
            else:
                session.commit()
                keep(order)
        order = place(session)
        session.commit()
        keep(order)


def noted(work, *arguments):
    try:
        work(*arguments)
    except Exception as failure:  # pylint: disable=broad-except # told at the end
        failures.append(repr(failure))
        held.set()


threads = [threading.Thread(target=noted, args=(first,)),
           *(threading.Thread(target=noted, args=(writer, number)) for number in range(1, ASKED["writers"]))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"stored": sorted(stored), "failures": failures}), flush=True)
