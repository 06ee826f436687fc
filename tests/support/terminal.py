"""A command on a terminal of its own."""

import os
import pty
import signal


def spawn(command, environment, prepare=lambda: None):
    """The command's pid and our end of its terminal. `prepare` runs in the child before. Signals are as a
    shell leaves them: whoever runs the tests in the background ignores some, and so would the command."""
    pid, terminal = pty.fork()
    if pid == 0:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        prepare()
        os.execve(command[0], command, environment)
    return pid, terminal
