"""A command on a terminal of its own."""

import os
import pty
import signal
import termios


def spawn(command, environment, prepare=lambda: None):
    """The command's pid, our end of its terminal, and the terminal's attributes before the command began. `prepare` runs
    in the child before. Signals are as a shell leaves them: whoever runs the tests in the background ignores some, and so
    would the command."""
    waiting, going = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.read(waiting, 1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        prepare()
        os.execve(command[0], command, environment)
    before = termios.tcgetattr(terminal)
    os.write(going, b"x")
    os.close(waiting)
    os.close(going)
    return pid, terminal, before
