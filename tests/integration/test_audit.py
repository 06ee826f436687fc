"""The audit trail: rows that stay, rows that the database refuses, and rows that it cannot take for a while."""

import re
import time
import unittest

from support import postgres
from support.harness import Instance, patience
from support.stranger import Stranger, request

GOOD = "SELECT count(*) FROM audit_logs WHERE user_agent = ?"


class Trail(unittest.TestCase):
    def setUp(self):
        self.instance = self.enterContext(Instance())

    def visit(self, service, *agents):
        with service.client() as client:
            for agent in agents:
                self.assertEqual(client.get("/openapi.json", headers={"User-Agent": agent}).status, 200)

    def until(self, condition, what):
        deadline = time.monotonic() + patience(30)
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.01)

    def counter(self, service, name):
        with service.client(internal=True) as client:
            return int(re.search(rf"^{name}_total (\d+)$", client.get("/metrics").raw.decode(), re.M)[1])

    def refuse(self, service, agent):
        """By a rule of the table, on a server also by what a value is."""
        if service.server_database:
            service.execute(f"ALTER TABLE audit_logs ADD CONSTRAINT refuse CHECK (user_agent <> '{agent}')")
            service.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                            "RAISE EXCEPTION 'no such value' USING ERRCODE = '22001'; END $$")
            service.execute("CREATE TRIGGER refuse BEFORE INSERT ON audit_logs FOR EACH ROW "
                            f"WHEN (NEW.user_agent = '{agent}!') EXECUTE FUNCTION refuse()")
        else:
            service.poison("INSERT", "audit_logs", f"NEW.user_agent LIKE '{agent}%'")

    def test_rows_that_are_refused_are_lost_alone(self):
        for service in (self.instance.shop, self.instance.crm):
            with self.subTest(service.name):
                self.refuse(service, "bad")
                self.visit(service, "good", "bad", "good", "bad!", "good")
                self.until(lambda: service.value(GOOD, "good") == 3, "the good rows")
                self.until(lambda: self.counter(service, "audit_rows_lost") == 2, "the lost ones")
                self.visit(service, "later")
                self.until(lambda: service.value(GOOD, "later") == 1, "the row that came later")
                self.assertEqual(service.value("SELECT count(*) FROM audit_logs WHERE user_agent LIKE 'bad%'"), 0)
                self.assertIn("audit rows cannot be stored", service.log())

    def test_rows_cannot_be_changed(self):
        service = self.instance.shop
        self.visit(service, "kept")
        self.until(lambda: service.value(GOOD, "kept") == 1, "the row")
        for statement in ("UPDATE audit_logs SET action = 'x'", "DELETE FROM audit_logs"):
            with self.assertRaises(postgres.Refused):
                service.execute(statement)

    def test_nobody_is_sent_to_a_service_whose_trail_is_full(self):
        with Instance(AUDIT_ANONYMOUS_ROWS_PER_MINUTE="1000000000") as instance:
            service = instance.shop

            def status(path):
                """Over a connection of its own: one that is kept idle for long is closed."""
                with service.client() as client:
                    return (client.readiness() if path == "/ready" else client.get(path)).status

            service.execute("ALTER TABLE audit_logs RENAME TO elsewhere")
            while status("/api/products?limit=1") == 200:
                Stranger(service.port).send(lambda _: request("GET /api/products?limit=1"), 2000)
            self.assertEqual(status("/ready"), 503)
            service.execute("ALTER TABLE elsewhere RENAME TO audit_logs")
            self.until(lambda: status("/ready") == 200, "room again")
            self.assertEqual(self.counter(service, "audit_rows_lost"), 0)

    def test_rows_wait_for_a_table_that_is_away(self):
        service = self.instance.shop
        service.execute("ALTER TABLE audit_logs RENAME TO elsewhere")
        self.visit(service, "patient")
        self.until(lambda: "audit write failed, trying again" in service.log(), "the first failure")
        service.execute("ALTER TABLE elsewhere RENAME TO audit_logs")
        self.until(lambda: service.value(GOOD, "patient") == 1, "the row")
        self.assertEqual(self.counter(service, "audit_rows_lost"), 0)


if __name__ == "__main__":
    unittest.main()
