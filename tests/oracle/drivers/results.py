"""What a block gives by itself, and a row by its ROWID, as Debian's python3-oracledb gets them: one line of JSON."""

import json
import sys

import oracledb

address, user, password, block = sys.argv[1:]
cursor = oracledb.connect(user=user, password=password, dsn=f"{address}/svc").cursor()
cursor.execute(block)
results = [[list(row) for row in result] for result in cursor.getimplicitresults()]
cursor.execute("SELECT w.ROWID FROM wares w WHERE w.id = 2")
place, = cursor.fetchone()
cursor.execute("SELECT id, name FROM wares WHERE ROWID = :place", [place])
print(json.dumps({"results": results, "place": place, "found": [list(row) for row in cursor]}))
