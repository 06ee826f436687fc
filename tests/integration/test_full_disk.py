"""A service that can read but not store: /ready says so, callers are told, and it is over when there is
room again."""

import contextlib
import os
import resource
import unittest

from support.harness import IS_POSTGRES, Instance, checkout_body
from support.small_disk import MIB, fill, small_disk

FILE_BYTES = 4096  # too little for a page and what the log has before it
RESERVE_MIB = 8
ORDERS_MOST = 2000  # before a disk of that size is really full


@contextlib.contextmanager
def small_files(service):
    """No file of the service may be written any more but at its very beginning."""
    before = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (FILE_BYTES, before[1]))
    try:
        yield
    finally:
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def full_server(service):
    """A server that says of the service's tables what it says when its disk is full."""
    service.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$")
    for table in ("idempotency_keys", "orders", "audit_logs"):
        service.execute(f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} "
                        "FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        service.execute("DROP FUNCTION refuse CASCADE")


def order(service):
    with service.client(internal=True) as client:
        if service.name == "shop":
            return client.post("/api/shop/checkout", checkout_body())
        return client.post("/api/orders", {"customer_id": 1, "product_id": 1, "quantity": 1})


def readiness(service):
    with service.client() as client:
        return client.readiness()


class FullDisk(unittest.TestCase):
    def assert_is_told(self, service, answer, words):
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(answer.json["detail"], "nothing can be stored at the moment")
        self.assertEqual(answer.json["code"], "cannot_store")
        self.assertIn("retry-after", answer.headers)
        self.assertIn(words, service.log())
        with service.client() as client:
            self.assertEqual(client.get("/health").status, 200)
            self.assertEqual(client.get("/").status, 200)

    def assert_ready(self, ready, is_ready):
        self.assertEqual(ready.status, 200 if is_ready else 503, ready)
        self.assertEqual(ready.json["ready"], is_ready)
        self.assertEqual(ready.json["can_store"], is_ready)
        self.assertEqual(ready.json["has_room"], is_ready)
        self.assertEqual(ready.json["database"], "connected")
        self.assertEqual(ready.json.get("error"),
                         None if is_ready else "nothing can be stored at the moment")

    def refusing(self, service):
        return full_server(service) if IS_POSTGRES else small_files(service)

    def test_ready_says_so_until_there_is_room(self):
        words = "the server's disk is full" if IS_POSTGRES else "ulimit -f"
        with Instance() as instance:
            for service in (instance.shop, instance.crm):
                self.assertEqual(order(service).status, 200)
                self.assert_ready(readiness(service), True)
                with self.refusing(service):
                    self.assert_is_told(service, order(service), words)
                    self.assert_ready(readiness(service), False)
                    self.assert_ready(readiness(service), False)
                self.assert_ready(readiness(service), True)
                self.assertEqual(order(service).status, 200)

    def test_nobody_has_to_fail_before_ready_knows(self):
        with Instance() as instance:
            for service in (instance.shop, instance.crm):
                with self.refusing(service):
                    self.assert_ready(readiness(service), False)
                self.assert_ready(readiness(service), True)

    @unittest.skipIf(IS_POSTGRES, "the disk is the server's")
    @unittest.skipUnless(os.geteuid() == 0, "only root may mount a small file system")
    def test_a_file_system_that_is_full(self):
        with small_disk(self, OCTO_DISK_RESERVE_MB="0") as instance:
            filler = fill(instance.data)
            for service in (instance.shop, instance.crm):
                answer, ready = self.order_until_full(service)
                self.assert_is_told(service, answer, "the disk is full")
                self.assert_ready(ready, False)
            filler.unlink()
            for service in (instance.shop, instance.crm):
                self.assert_ready(readiness(service), True)
                self.assertEqual(order(service).status, 200)

    @unittest.skipIf(IS_POSTGRES, "the disk is the server's")
    @unittest.skipUnless(os.geteuid() == 0, "only root may mount a small file system")
    def test_ready_says_so_before_the_disk_is_full(self):
        with small_disk(self, OCTO_DISK_RESERVE_MB=str(RESERVE_MIB)) as instance:
            services = (instance.shop, instance.crm)
            self.assertGreaterEqual(os.stat(f"{instance.data}/reserve").st_blocks * 512, RESERVE_MIB * MIB)
            for leave, is_ready in ((RESERVE_MIB + 2, True), (RESERVE_MIB - 2, False)):
                filler = fill(instance.data, leave * MIB)
                for service in services:
                    self.assertEqual(order(service).status, 200)
                    ready = readiness(service)
                    self.assertEqual((ready.status, ready.json["ready"], ready.json["can_store"],
                                      ready.json["has_room"], ready.json.get("error")),
                                     (200, True, True, True, None) if is_ready else
                                     (503, False, True, False, "the disk is nearly full"))
                filler.unlink()
            for service in services:
                self.assert_ready(readiness(service), True)

    def order_until_full(self, service):
        """Until an order fails and /ready says so. What SQLite has of its own files lasts for a while,
        and each checkpoint makes some of it free again."""
        for _ in range(ORDERS_MOST):
            answer = order(service)
            if answer.status != 200:
                ready = readiness(service)
                if ready.status != 200:
                    return answer, ready
        return self.fail(f"{service.name} can store for ever")


if __name__ == "__main__":
    unittest.main()
