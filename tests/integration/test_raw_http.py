"""What both services say to requests byte by byte: the table of tests/support/raw_requests.py."""

import unittest

from support.harness import INTERNAL_KEY, Instance, patience
from support.raw_http import faults
from support.raw_requests import TABLE

SECTIONS = sorted({row.about.split(":")[0] for row in TABLE})


class RawHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
        with cls.instance.shop.sign_in() as shop, cls.instance.crm.sign_in() as crm:
            token = shop.headers["Authorization"].split()[1]
            cookie, session = crm.headers["Cookie"].split("=")
        cls.filled = {"shop": {"token": token, "cookie": "octo_session", "key": INTERNAL_KEY},
                      "crm": {"token": session, "cookie": cookie, "key": INTERNAL_KEY}}

    def check(self, section):
        found = []
        for service in (self.instance.shop, self.instance.crm):
            for row in TABLE:
                if row.about.startswith(f"{section}:"):
                    for fault in faults(service.port, row, self.filled[service.name], patience(10)):
                        found.append(f"{service.name}, {row.about} (RFC {row.where}): {fault}")
            self.assertIsNone(service.process.poll(), service.log()[-3000:])
        self.assertFalse(found, "\n".join(["", *found]))


def test_of(section):
    return lambda self: self.check(section)


for name in SECTIONS:
    setattr(RawHttp, f"test_{name.replace(' ', '_')}", test_of(name))


if __name__ == "__main__":
    unittest.main()
