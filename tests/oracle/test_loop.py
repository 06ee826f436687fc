"""Our driver in a loop of its caller's: many sessions in one thread, and none waits for another."""

import socket
import subprocess
import unittest

from support.tnsd import BUILD, PASSWORD, USER, database, listener

SESSIONS = 40


class Loop(unittest.TestCase):
    def test_many_sessions_in_one_thread(self):
        silent = self.enterContext(socket.create_server(("127.0.0.1", 0), backlog=SESSIONS))
        place = self.enterContext(listener(*self.enterContext(database())))
        nobody = f"127.0.0.1:{silent.getsockname()[1]}/svc?connect_timeout=500ms"
        done = subprocess.run([BUILD / "tests/oracle/ora-loop", USER, PASSWORD, nobody, *[f"{place}/svc"] * SESSIONS,
                               "no-such-host.invalid/svc", f"{place}/other",
                               f"{place}/other?retry_count=2&retry_delay=10ms"],
                              text=True, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done)
        said = done.stdout.splitlines()
        self.assertEqual(said[-1], f"{SESSIONS} of {SESSIONS + 4}", done)
        for words in ("port .*: no answer in time", r"host no-such-host\.invalid: ", "ORA-12514.* not there yet\n",
                      "ORA-12514.*; the last of 3 tries"):
            self.assertRegex(done.stdout, words)


if __name__ == "__main__":
    unittest.main()
