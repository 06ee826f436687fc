"""Connections that say half a request and no more: they cost little, and nobody else waits for them."""

import resource
import socket
import unittest

from support.harness import IS_SLOW, Instance

WANTED, SPARE = 4000, 200
HALVES = (b"GET /api/products HTTP/1.1\r\nHost: x\r\nX-Half: ", b"G",
          b"POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"prod", b"")
BYTES_EACH = 16 * 1024  # a request whose head is there has memory of its own, the others have next to none


def resident(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class ManyConnections(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = max(soft, min(hard, WANTED + SPARE)) if hard != resource.RLIM_INFINITY else WANTED + SPARE
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        cls.addClassCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        cls.count = min(WANTED, most - SPARE)
        cls.instance = cls.enterClassContext(Instance(
            OCTO_CONNECTION_MAX=str(cls.count + SPARE), OCTO_IDLE_TIMEOUT_SECONDS="3600"))

    def test_half_requests_cost_little_and_hold_nobody_up(self):
        shop = self.instance.shop
        opened = []
        self.addCleanup(lambda: [one.close() for one in opened])
        with shop.client() as client:
            self.assertEqual(client.get("/api/products/1").status, 200)
            before = resident(shop.process)
            for index in range(self.count):
                opened.append(socket.create_connection(("127.0.0.1", shop.port)))
                opened[-1].sendall(HALVES[index % len(HALVES)])
            for _ in range(20):
                self.assertEqual(client.get("/api/products/1").status, 200)
            if not IS_SLOW:  # sanitizers take far more memory than the program asks for
                self.assertLess(resident(shop.process) - before, self.count * BYTES_EACH)
        for one in opened:  # nobody was sent away for the others
            one.setblocking(False)
            self.assertRaises(BlockingIOError, one.recv, 1)


if __name__ == "__main__":
    unittest.main()
