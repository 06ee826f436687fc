"""The script of script.json as Debian's python3-oracledb runs it: each step's name and result as a line of JSON."""

import datetime
import decimal
import json
import pathlib
import sys

import oracledb

ADDRESS, USER, PASSWORD = sys.argv[1:4]
WALLET = dict(zip(("wallet_location", "wallet_password"), sys.argv[5:]))
LONG = 200
TYPES = {"NUMBER": oracledb.DB_TYPE_NUMBER, "VARCHAR2": oracledb.DB_TYPE_VARCHAR, "DATE": oracledb.DB_TYPE_DATE,
         "RAW": oracledb.DB_TYPE_RAW, "CLOB": oracledb.DB_TYPE_CLOB, "BLOB": oracledb.DB_TYPE_BLOB,
         "CURSOR": oracledb.DB_TYPE_CURSOR, "NVARCHAR2": oracledb.DB_TYPE_NVARCHAR, "TIMESTAMP": oracledb.DB_TYPE_TIMESTAMP,
         "TIMESTAMP WITH TIME ZONE": oracledb.DB_TYPE_TIMESTAMP_TZ, "INTERVAL DAY TO SECOND": oracledb.DB_TYPE_INTERVAL_DS,
         "BINARY_DOUBLE": oracledb.DB_TYPE_BINARY_DOUBLE, "BINARY_FLOAT": oracledb.DB_TYPE_BINARY_FLOAT,
         "BOOLEAN": oracledb.DB_TYPE_BOOLEAN}
TAGS = {"client_identifier": "client_identifier", "module": "module", "action": "action", "client_info": "clientinfo"}


def connect(password=PASSWORD, service="svc"):
    return oracledb.connect(user=USER, password=password, dsn=f"{ADDRESS}/{service}", **WALLET)


# --- values: to the driver, and to JSON ---

def value_of(type_name, text):
    if text is None:
        return None
    if type_name == "NUMBER":
        return decimal.Decimal(text)
    if type_name == "DATE" or type_name.startswith("TIMESTAMP"):
        return datetime.datetime.fromisoformat(text)
    if type_name == "INTERVAL DAY TO SECOND":
        days, hours, minutes, seconds = text.replace(" ", ":").split(":")
        return datetime.timedelta(int(days), hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    if type_name.startswith("BINARY"):
        return float(text)
    if type_name == "BOOLEAN":
        return text == "TRUE"
    if type_name in ("RAW", "BLOB"):
        return bytes.fromhex(text)
    return text


def shortened(text):
    return [len(text), text[:8], text[-8:]] if len(text) > LONG else text


def plain(value):
    if value is None or isinstance(value, bool):
        return {None: None, True: "TRUE", False: "FALSE"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, decimal.Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ").rstrip("0") if value.microsecond else value.isoformat(" ")
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(value.seconds, 60)
        fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
        return f"{value.days} {minutes // 60:02}:{minutes % 60:02}:{seconds:02}{fraction}"
    if isinstance(value, bytes):
        return shortened(value.hex().upper())
    if isinstance(value, oracledb.LOB):
        return plain(value.read() or None)
    if isinstance(value, oracledb.Cursor):
        return [[plain(one) for one in row] for row in value]
    return shortened(value)


def located(value):
    """Of a LOB its length and its first ten characters or bytes."""
    if not isinstance(value, oracledb.LOB):
        return plain(value)
    start = value.read(1, 10) if value.size() else ""
    return [value.size(), start if isinstance(start, str) else start.hex().upper()]


# --- steps ---

class Script:
    def __init__(self):
        self.connection = connect()

    def cursor(self):
        cursor = self.connection.cursor()
        cursor.outputtypehandler = self.number_as_decimal
        return cursor

    @staticmethod
    def number_as_decimal(cursor, _name, type_code, _size, _precision, _scale):
        if type_code == oracledb.DB_TYPE_NUMBER:
            return cursor.var(decimal.Decimal, arraysize=cursor.arraysize)
        return None

    def bind(self, cursor, bind, outs):
        bind = dict(bind)
        times = bind.pop("times", 1)
        (type_name, value), = bind.items()
        if type_name == "OUT":
            if value == "CURSOR":
                outs.append(self.cursor())
            else:
                outs.append(cursor.var(decimal.Decimal if value == "NUMBER" else TYPES[value]))
            return outs[-1]
        if type_name == "IN OUT":
            (type_name, value), = value.items()
            outs.append(cursor.var(TYPES[type_name]))
            outs[-1].setvalue(0, value_of(type_name, value))
            return outs[-1]
        value = value_of(type_name, value)
        if type_name in ("CLOB", "BLOB"):
            lob = self.connection.createlob(TYPES[type_name])
            lob.write(value * times)
            return lob
        var = cursor.var(TYPES[type_name], size=len(value) * times if isinstance(value, (str, bytes)) else 0)
        var.setvalue(0, value * times if isinstance(value, (str, bytes)) else value)
        return var

    @staticmethod
    def out(var, returns):
        if isinstance(var, oracledb.Cursor):
            return plain(var)
        value = var.getvalue()
        if isinstance(value, oracledb.LOB):
            return located(value)
        return [plain(one) for one in value] if returns else plain(value)

    def sql(self, step, cursor, to_json=plain):
        outs = []
        binds = step.get("binds", [])
        if isinstance(binds, dict):
            binds = {name: self.bind(cursor, bind, outs) for name, bind in binds.items()}
        else:
            binds = [self.bind(cursor, bind, outs) for bind in binds]
        cursor.execute(step["sql"], binds)
        if cursor.description:
            return [[to_json(value) for value in row] for row in cursor]
        if outs:
            returns = "RETURNING" in step["sql"]
            return [cursor.rowcount if returns else 0, [self.out(var, returns) for var in outs]]
        return 0 if step["sql"].startswith(("BEGIN", "DECLARE")) else cursor.rowcount

    @staticmethod
    def rows(step, cursor, **options):
        cursor.setinputsizes(*(TYPES[name] if name != "VARCHAR2" else 40 for name in step["types"]))
        cursor.executemany(step["sql"], [[value_of(*pair) for pair in zip(step["types"], row)] for row in step["rows"]],
                           **options)

    def run(self, step):
        cursor = self.cursor()
        match step.get("do"):
            case None if "rows" in step:
                self.rows(step, cursor)
                return cursor.rowcount
            case None:
                return self.sql(step, cursor)
            case "version":
                return ".".join(self.connection.version.split(".")[:2])
            case "names":
                cursor.execute(step["sql"])
                return [column[0] for column in cursor.description]
            case "count":
                return len(self.sql(step, cursor))
            case "locators":
                return self.sql(step, cursor, located)
            case "batch errors":
                self.rows(step, cursor, batcherrors=True)
                return [cursor.rowcount, [[error.offset, error.full_code] for error in cursor.getbatcherrors()]]
            case "row counts":
                self.rows(step, cursor, arraydmlrowcounts=True)
                return cursor.getarraydmlrowcounts()
            case "numbers":
                cursor.executemany(step["sql"], [[step["first"] + i, f"number {i}"] for i in range(step["count"])])
                return cursor.rowcount
            case "tags":
                for name, text in step["tags"].items():
                    setattr(self.connection, TAGS[name], text)
            case "break":
                self.connection.call_timeout = step["ms"]
                try:
                    cursor.execute(step["sql"])
                finally:
                    self.connection.call_timeout = 0
            case "connect":
                self.connection = connect(step.get("password", PASSWORD), step.get("service", "svc"))
            case simple:
                getattr(self.connection, simple)()
        return "done"


def main():
    script = Script()
    for step in json.loads(pathlib.Path(__file__).with_name("script.json").read_text(encoding="utf-8"))["steps"]:
        if "python" in step.get("without", []):
            continue
        try:
            result = script.run(step)
        except oracledb.Error as error:
            result = error.args[0].full_code
        print(json.dumps([step["name"], result], ensure_ascii=False), flush=True)
    script.connection.close()


main()
