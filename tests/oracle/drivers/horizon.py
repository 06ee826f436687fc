"""Orders of two sessions, one of which leaves its transaction open for a while, and how far the feed was settled at each
moment, as JSON. From standard input: the texts of a view that must be made first, and of what asks how far."""

import json
import sys

import oracledb

ADDRESS, USER, PASSWORD = sys.argv[1:4]
TEXTS = json.load(sys.stdin)
ORDER = "INSERT INTO orders (total) VALUES (1) RETURNING change_number INTO :number_"


def connect():
    return oracledb.connect(user=USER, password=PASSWORD, dsn=f"{ADDRESS}/svc")


def ask(session, query):
    with session.cursor() as cursor:
        return int(cursor.execute(query).fetchone()[0])


def order(session):
    with session.cursor() as cursor:
        number = cursor.var(oracledb.DB_TYPE_NUMBER)
        cursor.execute(ORDER, number_=number)
        return int(number.getvalue()[0])


slow, quick, feed = connect(), connect(), connect()
with feed.cursor() as maker:
    maker.execute(TEXTS["view"])
seen = {"before": [order(quick)]}
quick.commit()
seen["before"].append(ask(feed, TEXTS["settled"]))
seen["held"] = order(slow)
seen["overtakes"] = order(quick)
quick.commit()
seen["while it is held"] = ask(feed, TEXTS["settled"])
seen["by the clock"] = ask(feed, TEXTS["by the clock"])
slow.commit()
seen["after"] = ask(feed, TEXTS["settled"])
print(json.dumps(seen))
