"""What both services say to requests byte by byte: the table of tests/support/raw_requests.py."""

import time
import unittest

from support.harness import INTERNAL_KEY, Instance, patience
from support.raw_http import Line, faults, tokens_of
from support.raw_requests import NGINX, TABLE, get, raw

SECTIONS = sorted({row.about.split(":")[0] for row in TABLE})


class RawHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        cls.filled = {service.name: {**tokens_of(service), "key": INTERNAL_KEY}
                      for service in (cls.instance.shop, cls.instance.crm)}

    def test_the_table_has_no_row_twice(self):
        names = [row.about for row in TABLE]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(set(NGINX), set(names))

    def check(self, section):
        found = []
        for service in (self.instance.shop, self.instance.crm):
            for row in TABLE:
                if row.about.startswith(f"{section}:"):
                    for fault in faults(service.port, row, self.filled[service.name], patience(10)):
                        found.append(f"{service.name}, {row.about} (RFC {row.where}): {fault}")
            self.assertIsNone(service.process.poll(), service.log()[-3000:])
        self.assertFalse(found, "\n".join(["", *found]))


class Forwarded(unittest.TestCase):
    """Behind proxies that are believed, what they have added counts, whatever their client has said before."""

    LINES = {  # what comes of it: the client's address, and whether it came by https
        ("X-Forwarded-For: 192.0.2.7", "X-Forwarded-Proto: https"): ("192.0.2.7", True),
        ("X-Forwarded-For: 10.0.0.1, 192.0.2.7", "X-Forwarded-Proto: https, http"): ("192.0.2.7", False),
        ("X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 192.0.2.7"): ("192.0.2.7", False),
        ("X-Forwarded-Proto: http", "X-Forwarded-Proto: HTTPS"): ("127.0.0.1", True),
        ('X-Forwarded-For: "open', "X-Forwarded-For: 2001:db8::7 \t"): ("2001:db8::7", False),
        ("X-Forwarded-For: J\xf6rg, 192.0.2.7", "X-Forwarded-Proto:"): ("192.0.2.7", False),
        ("X-Forwarded-For: 192.0.2.7, unknown",): ("127.0.0.1", False),
        ("X-Forwarded-For: 203.0.113.9, 192.0.2.7", "X-Forwarded-For: 127.0.0.9, 127.0.0.1"): ("192.0.2.7", False),
        ("X-Forwarded-For: 203.0.113.9, ::ffff:192.0.2.7, 127.0.0.9",): ("192.0.2.7", False),
    }

    def test_the_last_of_all_lines_counts(self):
        for networks, trusts in (("127.0.0.0/8", True), ("127.0.0.2, 10.0.0.0/8", False), ("", False)):
            with Instance(OCTO_TRUSTED_PROXIES=networks) as instance:
                for service in (instance.shop, instance.crm):
                    answers = {lines: self.ask(service, lines) for lines in self.LINES}
                    for lines, answer in answers.items():
                        address, is_secure = self.LINES[lines] if trusts else ("127.0.0.1", False)
                        self.assertEqual("strict-transport-security" in answer.fields, is_secure, lines)
                        self.assertEqual(self.address(service, answer), address, lines)
                    self.assertEqual(service.log().count('event="proxy not trusted" address=127.0.0.1'), int(not trusts))

    def test_a_firewall_is_heard_only_where_it_is_ours(self):
        mark = "x-oci-waf-score: 99"
        for networks, events in (("127.0.0.1", 1), ("127.0.0.2", 0)):
            with Instance(OCTO_TRUSTED_PROXIES=networks) as instance:
                shop = instance.shop
                self.ask(shop, (mark,))
                shop.stop()  # which stores what waits
                self.assertEqual(shop.log().count('event="attack detected" type=security_misconfig'), events, networks)

    def ask(self, service, lines):
        line = Line(service.port, patience(10))
        with line.socket:
            line.say(raw(get(*lines, target="/openapi.json")))
            return line.take_answer()

    def address(self, service, answer):
        deadline = time.monotonic() + patience(10)
        while time.monotonic() < deadline:
            rows = service.query("SELECT ip_address FROM audit_logs WHERE trace_id = ?", answer.fields["x-trace-id"])
            if rows:
                return rows[0][0]
            time.sleep(0.01)
        return None


def test_of(section):
    return lambda self: self.check(section)


for name in SECTIONS:
    setattr(RawHttp, f"test_{name.replace(' ', '_')}", test_of(name))


if __name__ == "__main__":
    unittest.main()
