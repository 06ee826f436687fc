"""Connections that say half a request and no more: they cost little, and nobody else waits for them."""

import os
import pathlib
import resource
import socket
import tempfile
import unittest

from support.harness import IS_SLOW, OCTO, Instance

WANTED, SPARE = 4000, 200
FEW = 400  # descriptors
HALVES = (b"GET /api/products HTTP/1.1\r\nHost: x\r\nX-Half: ", b"G",
          b"POST /api/cart/add HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"prod", b"")
UNSENT_MOST = 512 * 1024  # bytes of answers that wait for a client
BYTES_EACH = 16 * 1024  # a request whose head is there has memory of its own, the others have next to none


def resident(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def bytes_that_wait(client):
    """At the other end of a connection of this machine, for that client to take them (proc(5), /proc/net/tcp)."""
    client_port, server_port = (f":{port:04X}" for port in (client.getsockname()[1], client.getpeername()[1]))
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file]
    return next(int(row[4].split(":")[0], 16) for row in rows
                if row[1].endswith(server_port) and row[2].endswith(client_port))


class ManyConnections(unittest.TestCase):
    def setUp(self):
        """The service begins with few descriptors, and takes as many as it is allowed to; this test has its own."""
        self.opened = []
        self.addCleanup(lambda: [one.close() for one in self.opened])
        self.soft, self.hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (self.soft, self.hard))
        self.own = len(os.listdir("/proc/self/fd"))  # of the modules before
        self.most = self.own + WANTED + SPARE
        if self.hard != resource.RLIM_INFINITY:
            self.most = min(self.hard, self.most)

    def start(self, count, **options):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.own + FEW, self.hard))
        instance = self.enterContext(Instance(
            OCTO_CONNECTION_MAX=str(count + SPARE), OCTO_IDLE_TIMEOUT_SECONDS="3600",
            OCTO_HEAD_TIMEOUT_SECONDS="3600", **options))
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.most, self.hard))
        return instance.shop

    def open_halves(self, service, count):
        for index in range(count):
            self.opened.append(socket.create_connection(("127.0.0.1", service.port)))
            self.opened[-1].sendall(HALVES[index % len(HALVES)])

    def assert_served(self, client):
        for _ in range(20):
            self.assertEqual(client.get("/api/products/1").status, 200)

    def test_half_requests_cost_little_and_hold_nobody_up(self):
        count = self.most - self.own - SPARE
        shop = self.start(count)
        with shop.client() as client:
            self.assert_served(client)
            before = resident(shop.process)
            self.open_halves(shop, count)
            self.assert_served(client)
            if not IS_SLOW:  # sanitizers take far more memory than the program asks for
                self.assertLess(resident(shop.process) - before, count * BYTES_EACH)
        for one in self.opened:  # nobody was sent away for the others
            one.setblocking(False)
            self.assertRaises(BlockingIOError, one.recv, 1)

    def test_who_asks_for_much_and_reads_nothing_pins_little_of_the_kernels_memory(self):
        """That is all programs' on the machine: what waits there for a client's window comes out of it."""
        with Instance(OCTO_LOOP_THREADS="1") as instance, socket.socket() as asleep:
            asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            asleep.connect(("127.0.0.1", instance.shop.port))
            asleep.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100)  # ten MB
            with instance.shop.client() as client:
                self.assert_served(client)  # by the same loop, which meanwhile writes as much as there is room for
            waiting = bytes_that_wait(asleep)
        self.assertGreater(waiting, 0)
        self.assertLess(waiting, UNSENT_MOST)

    def test_connections_leave_descriptors_to_the_database(self):
        with tempfile.TemporaryDirectory() as directory:
            limited = pathlib.Path(directory, "octo")
            limited.write_text(f'#!/bin/sh\nulimit -n {FEW}\nexec "{OCTO}" "$@"\n', encoding="ascii")
            os.chmod(limited, 0o755)
            shop = self.start(WANTED, executable=str(limited))
            with shop.client() as client:
                self.assert_served(client)
                self.open_halves(shop, FEW)
                self.assert_served(client)
            self.assertIn(f'event="fewer connections" wanted={WANTED + SPARE} possible={FEW // 2}', shop.log())


if __name__ == "__main__":
    unittest.main()
