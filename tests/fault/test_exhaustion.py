"""A pool that is exhausted on purpose: 503 in time, holders named, recovery at once."""

import contextlib
import sqlite3
import time
import unittest

from support.harness import IS_POSTGRES, Instance, checkout_body, in_parallel, patience

TIMEOUT_MS = 400


@unittest.skipIf(IS_POSTGRES, "takes the lock of a SQLite file")
class Exhaustion(unittest.TestCase):
    def test_exhausted_main_pool(self):
        """Another program holds the file's write lock, so that each checkout keeps its session."""
        with Instance(DB_POOL_SIZE="1", DB_MAX_OVERFLOW="1", OCTO_WORKER_THREADS="8",
                      DB_POOL_TIMEOUT_MS=str(TIMEOUT_MS), DB_BUSY_TIMEOUT_MS="8000") as instance:
            shop = instance.shop
            blocker = sqlite3.connect(f"{instance.data}/shop.db", isolation_level=None, timeout=10,
                                      check_same_thread=False)

            def buy(number):
                started = time.monotonic()
                if number >= 2:  # the first two take both sessions
                    time.sleep(0.2)
                    started = time.monotonic()
                if number == 7:
                    time.sleep(1.0)
                    blocker.execute("ROLLBACK")
                    return None, 0.0
                with shop.client() as client:
                    answer = client.post("/api/shop/checkout",
                                         checkout_body(f"holder{number}@example.com"))
                return answer, time.monotonic() - started

            with contextlib.closing(blocker):
                blocker.execute("BEGIN IMMEDIATE")
                results = in_parallel(8, buy)
            for answer, _ in results[:2]:
                self.assertEqual(answer.status, 200, answer)
            for answer, seconds in results[2:7]:
                self.assertEqual(answer.status, 503, answer)
                self.assertEqual(answer.json["code"], "pool_timeout")
                self.assertIn("retry-after", answer.headers)
                self.assertLess(seconds, patience(TIMEOUT_MS / 1000 + 0.5))
            traces = [answer.headers["x-trace-id"] for answer, _ in results[:2]]
            log = shop.log()
            for trace in traces:
                self.assertIn(trace, log, "the log does not name the holder")
            self.assertIn("POST /api/shop/checkout", log)
            started = time.monotonic()
            with shop.client() as client:
                self.assertEqual(client.post("/api/shop/checkout",
                                             checkout_body("after@example.com")).status, 200)
            self.assertLess(time.monotonic() - started, patience(1))


if __name__ == "__main__":
    unittest.main()
