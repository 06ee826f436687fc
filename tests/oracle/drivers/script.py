"""The script as Debian's python3-oracledb runs it: each step and its result as a line of JSON."""

import datetime
import json
import sys

import oracledb

ADDRESS, USER, PASSWORD = sys.argv[1:4]
WALLET = dict(zip(("wallet_location", "wallet_password"), sys.argv[5:]))


def connect(password, service):
    return oracledb.connect(user=USER, password=password, dsn=f"{ADDRESS}/{service}", **WALLET)


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") + (f".{value.microsecond // 1000:03}" if value.microsecond else "")
    if isinstance(value, datetime.timedelta):
        return f"{value.days} {value.seconds}.{value.microseconds // 1000:03}"
    return value.hex().upper() if isinstance(value, bytes) else value


def say(name, result):
    print(json.dumps([name, result], ensure_ascii=False))


def number_of(error):
    return error.args[0].full_code


def rows(cursor, sql, binds=()):
    return [[plain(value) for value in row] for row in cursor.execute(sql, list(binds)).fetchall()]


def refused(name, action):
    try:
        action()
        say(name, "taken")
    except oracledb.Error as error:
        say(name, number_of(error))


def main():
    connection = connect(PASSWORD, "svc")
    say("version", connection.version.split(".")[0])
    cursor = connection.cursor()
    cursor.arraysize = 100
    say("one", rows(cursor, "SELECT 1 FROM DUAL"))
    say("one again", rows(cursor, "SELECT 1 FROM DUAL"))
    echo = "SELECT :1 AS A, :2 AS B, :3 AS C, NULL AS D, 'x' AS E FROM DUAL"
    moment = datetime.datetime(2024, 2, 29, 13, 14, 15)
    for name, binds in (("binds", (12.5, "Grüße", moment)), ("other binds", (-1, "a" * 300, moment))):
        say(name, rows(cursor, echo, binds))
    say("names", [column[0] for column in cursor.description])
    fraction = moment.replace(microsecond=123000)
    interval = datetime.timedelta(days=3, hours=4, minutes=5, seconds=6, milliseconds=700)
    cursor.setinputsizes(oracledb.DB_TYPE_RAW, oracledb.DB_TYPE_NVARCHAR, oracledb.DB_TYPE_TIMESTAMP,
                         oracledb.DB_TYPE_TIMESTAMP_TZ, oracledb.DB_TYPE_TIMESTAMP_LTZ, oracledb.DB_TYPE_INTERVAL_DS,
                         oracledb.DB_TYPE_BINARY_DOUBLE, oracledb.DB_TYPE_BINARY_FLOAT)
    say("types", rows(cursor, "SELECT :1 AS A, :2 AS B, :3 AS C, :4 AS D, :5 AS E, :6 AS F, :7 AS G, :8 AS H FROM DUAL",
                      (b"\x00\xff\x10", "Grüße 😀", fraction, fraction, fraction, interval, -2.25, 0.5)))
    level = "SELECT LEVEL AS N, 'abc' AS T FROM DUAL CONNECT BY LEVEL <= :n"
    for name, count in (("many rows", 250), ("some rows", 3), ("no rows", 0)):
        found = rows(cursor, level, [count])
        say(name, [len(found), sum(row[0] for row in found)])
    tags = ("SELECT SYS_CONTEXT('USERENV', 'CLIENT_IDENTIFIER') AS A, SYS_CONTEXT('USERENV', 'MODULE') AS B, "
            "SYS_CONTEXT('USERENV', 'ACTION') AS C, SYS_CONTEXT('USERENV', 'CLIENT_INFO') AS D FROM DUAL")
    connection.client_identifier, connection.module, connection.action = "who", "shop", "buy"
    connection.clientinfo = "Grüße"
    say("tags", rows(cursor, tags))
    connection.action = "pay"
    say("another action", rows(cursor, tags))
    connection.clientinfo = ""
    say("one taken away", rows(cursor, tags))
    cursor.execute("INSERT INTO T VALUES (:1)", [5])
    say("insert", cursor.rowcount)
    cursor.executemany("INSERT INTO T VALUES (:1)", [[5], [6], [7]])
    say("array", cursor.rowcount)
    connection.commit()
    connection.rollback()
    connection.ping()
    for sql in ("SELECT nothing FROM DUAL", "SELECT 1 FROM NOWHERE", "NONSENSE"):
        refused(sql, lambda sql=sql: cursor.execute(sql))
    connection.call_timeout = 200
    refused("break", lambda: cursor.execute("BEGIN SLEEP(60000); END;"))
    connection.call_timeout = 0
    say("after the break", rows(cursor, "SELECT 1 FROM DUAL"))
    refused("cut", lambda: cursor.execute("BEGIN CUT; END;"))
    refused("password", lambda: connect("wrong", "svc"))
    refused("service", lambda: connect(PASSWORD, "other"))
    last = connect(PASSWORD, "svc")
    last.close()
    say("close", "done")


main()
