"""What Debian's python3-oracledb sees in the listener's V$ views while another of its sessions works, as JSON."""

import json
import sys

import oracledb

ADDRESS, USER, PASSWORD = sys.argv[1:4]
INSERT = "INSERT INTO wares\n  VALUES (:id, 'kestrel')"
SESSION = """SELECT s.status, s.module, s.action, s.client_identifier, s.client_info, s.sql_id, s.prev_sql_id, s.username,
  s.program, s.machine, s.serial#, t.status FROM v$session s LEFT JOIN v$transaction t ON t.addr = s.taddr WHERE s.sid = :sid"""
STATEMENT = """SELECT sql_text, sql_fulltext, module, action, parse_calls, executions, rows_processed, command_type
  FROM v$sql WHERE sql_id = :sql_id"""


def connect():
    return oracledb.connect(user=USER, password=PASSWORD, dsn=f"{ADDRESS}/svc")


def ask(cursor, query, *values):
    return [[value.read() if isinstance(value, oracledb.LOB) else value for value in row]
            for row in cursor.execute(query, values)]


def tag(session, client_identifier, module, action):
    session.client_identifier, session.module, session.action = client_identifier, module, action


worker, watcher = connect(), connect()
eye, hand = watcher.cursor(), worker.cursor()
seen = {}
hand.execute("CREATE TABLE wares (id NUMBER(10) PRIMARY KEY, name VARCHAR2(20))")
eye.execute("CREATE VIEW open_orders AS SELECT start_date FROM v$transaction")
sid = ask(hand, "SELECT sid FROM v$session WHERE status = 'ACTIVE'")[0][0]
seen["transactions before"] = ask(eye, "SELECT count(*) FROM open_orders")[0][0]
tag(worker, "4bf92f3577b34da6", "shop", "POST /api/checkout")
worker.clientinfo = "Grüße"
hand.execute(INSERT, [1])
tag(worker, None, "crm", "sync")
hand.execute(INSERT, [2])
seen["session"] = ask(eye, SESSION, sid)[0]
seen["transactions"] = ask(eye, "SELECT count(*) FROM open_orders")[0][0]
worker.commit()
tag(worker, None, None, None)
ask(hand, "SELECT 1 FROM DUAL")
seen["session at rest"] = ask(eye, SESSION, sid)[0]
hand.arraysize = 10
list(hand.execute("SELECT LEVEL FROM DUAL CONNECT BY LEVEL <= 25"))
for name, query in (("insert", INSERT), ("select", "SELECT LEVEL FROM DUAL CONNECT BY LEVEL <= 25")):
    sql_id = ask(eye, "SELECT dbms_sql_translator.sql_id(:sql) FROM dual", query)[0][0]
    seen[name] = [sql_id, *ask(eye, STATEMENT, sql_id)[0]]
    seen[f"{name} took"] = ask(eye, "SELECT elapsed_time FROM v$sql WHERE sql_id = :id", sql_id)[0][0]
seen["itself"] = ask(eye, "SELECT sql_id, client_identifier FROM v$session WHERE status = 'ACTIVE'")[0]
seen["parameters"] = ask(eye, "SELECT name, value FROM sys.v_$parameter ORDER BY num")
print(json.dumps(seen))
