"""What has run out goes at its moment and not a microsecond earlier: every sweep of both services, on SQLite.

PostgreSQL's texts say the same by its own clock, which no test can stop.
"""

import pathlib
import sqlite3
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
sys.dont_write_bytecode = True

import sql2c  # noqa: E402: found by the line above

NOW = 1_700_000_000_000_000  # microseconds, as all times here
SECOND = 1_000_000
DAY = 86400 * SECOND
LIFE = 1000  # seconds

# A sweep: what it is given besides the time and `most`, when a row goes that was inserted with :at, as what has to be
# added to :at, and what inserts that row.
SWEEPS = {
    "assistant_message_sweep": ({"age": LIFE}, LIFE * SECOND,
        "INSERT INTO assistant_messages (session_id, role, content, created_at) VALUES (:name, 'user', 'x', :at)"),
    "assistant_session_sweep": ({"age": LIFE}, LIFE * SECOND,
        "INSERT INTO assistant_sessions (session_id, created_at) VALUES (:name, :at)"),
    "cart_session_sweep": ({"age": LIFE}, LIFE * SECOND,
        "INSERT INTO cart_sessions (session_id, first_added_at) VALUES (:name, :at)"),
    "cart_sweep": ({"age": LIFE}, LIFE * SECOND,
        "INSERT INTO cart_items (session_id, product_id, quantity, created_at) VALUES (:name, 1, 1, :at)"),
    "idempotency_sweep": ({}, 0,
        "INSERT INTO idempotency_keys (scope, key, request_hash, expires_at) VALUES ('s', :name, 'h', :at)"),
    "login_failure_sweep": ({"window": LIFE, "kept": 100}, LIFE * SECOND + 1,
        "INSERT INTO login_failures (scope, who, failed_at) VALUES ('s', :name, :at)"),
    "page_view_sweep": ({"age": LIFE}, LIFE * SECOND,
        "INSERT INTO page_views (page, created_at) VALUES (:name, :at)"),
    "security_event_sweep": ({"age": LIFE}, LIFE * SECOND,
        "INSERT INTO security_events (attack_type, created_at) VALUES (:name, :at)"),
    "session_sweep": ({}, 0,
        "INSERT INTO user_sessions (session_id, user_id, username, role, expires_at) VALUES (:name, 1, 'u', 'r', :at)"),
    "sign_in_address_sweep": ({"days": 7}, 7 * DAY + 1,
        "INSERT INTO sign_in_addresses (user_id, address, last_at) VALUES (1, :name, :at)"),
}


class Sweeps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.swept = {}  # name: service, text
        cls.services = {name: sql2c.load_service(ROOT, name, ["sqlite"]) for name in ("shop", "crm")}
        for name, service in cls.services.items():
            for statement in service.statements:
                if statement.name.endswith("_sweep"):
                    cls.swept[statement.name] = (name, (statement.texts.get("sqlite") or statement.texts[None]).text)

    def database(self, service):
        db = sqlite3.connect(":memory:", isolation_level=None)  # no foreign keys: a row stands for itself
        self.addCleanup(db.close)
        for script in self.services[service].scripts:
            if not script.is_seed:
                db.executescript(script.texts["sqlite"])
        return db

    def test_each_is_looked_at(self):
        self.assertEqual(sorted(self.swept), sorted(SWEEPS))

    def test_a_row_goes_at_its_moment(self):
        databases = {name: self.database(name) for name in self.services}
        for sweep, (parameters, life, insert) in SWEEPS.items():
            service, text = self.swept[sweep]
            db = databases[service]
            for name, at in (("first", NOW - life), ("second", NOW - life + 1)):
                db.execute(insert, {"name": name, "at": at})
            gone = [db.execute(text, {"now": NOW + later, "most": 100, **parameters}).rowcount for later in (-1, 0, 1)]
            self.assertEqual(gone, [0, 1, 1], sweep)

    def test_no_more_than_most_go_at_once(self):
        databases = {name: self.database(name) for name in self.services}
        for sweep, (parameters, life, insert) in SWEEPS.items():
            service, text = self.swept[sweep]
            for number in range(5):
                databases[service].execute(insert, {"name": str(number), "at": NOW - life - number})
            gone = [databases[service].execute(text, {"now": NOW, "most": 2, **parameters}).rowcount for _ in range(4)]
            self.assertEqual(gone, [2, 2, 1, 0], sweep)


if __name__ == "__main__":
    unittest.main()
