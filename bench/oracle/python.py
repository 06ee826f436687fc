"""What the work of Debian's python3-oracledb costs its process, for bench/oracle.py: the same as ours.c does."""

import resource
import sys

import oracledb

ADDRESS, USER, PASSWORD, WORK, COUNT = sys.argv[1:]
WARM_UP = 3


def read_all(connection, sql, binds, rows_at_once):
    with connection.cursor() as cursor:
        cursor.arraysize = rows_at_once
        cursor.execute(sql, binds)
        return len(cursor.fetchall())


def insert(connection):
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO filled (id, name) VALUES (:1, :2)", [(i, f"number {i}") for i in range(1000)])
    connection.rollback()


WORKS = {"select": lambda connection: read_all(connection, "SELECT id, name FROM one WHERE id = :1", [7], 100),
         "fetch": lambda connection: read_all(connection, "SELECT id, name FROM many", [], 1000),
         "insert": insert}


def cpu_us():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return 1e6 * (usage.ru_utime + usage.ru_stime)


def main():
    connection = oracledb.connect(user=USER, password=PASSWORD, dsn=f"{ADDRESS}/svc")
    for _ in range(WARM_UP):
        WORKS[WORK](connection)
    begin = cpu_us()
    for _ in range(int(COUNT)):
        WORKS[WORK](connection)
    print(f"{(cpu_us() - begin) / int(COUNT):.2f}")
    connection.close()


main()
