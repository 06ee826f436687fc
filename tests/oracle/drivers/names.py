"""What connect strings stand for, as Debian's python3-oracledb reads them: two lists in JSON, in and out."""

import json
import sys

import oracledb


def read(text):
    params = oracledb.ConnectParams()
    params.parse_connect_string(text)
    return params.get_connect_string()


print(json.dumps([read(text) for text in json.load(sys.stdin)]))
