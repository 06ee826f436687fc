"""A machine of its own whose first process is systemd, with the units of an installed Octo: in namespaces, as root."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

from support.harness import patience

HERE = pathlib.Path(__file__).resolve().parent
APART = ["unshare", "--mount", "--pid", "--fork", "--net", "--ipc", "--uts", "--cgroup", "--kill-child"]


def is_possible():
    """With root's rights, Debian's systemd, and a kernel that lets namespaces and control groups be made."""
    try:
        return (os.geteuid() == 0 and os.path.exists("/lib/systemd/systemd") and
                subprocess.run([*APART, "sh", "-c", "mount --make-rprivate / && mount -t cgroup2 none /mnt && which ip"],
                               capture_output=True, check=False).returncode == 0)
    except OSError:
        return False


class Machine:
    """From booting until the end of the with block."""

    def __init__(self, installed):
        self.installed = installed
        self.root = tempfile.TemporaryDirectory(prefix="octo-machine-")
        self.process = None
        self.pid = None  # of its systemd, as we see it

    def __enter__(self):
        self.process = subprocess.Popen([*APART, "bash", str(HERE / "systemd_boot.sh"), self.root.name,
                                         str(self.installed)], stdin=subprocess.DEVNULL)
        try:
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            self.wait(lambda: children.read_text(encoding="ascii").strip())
            self.pid = children.read_text(encoding="ascii").split()[0]
            self.wait(lambda: self.run("systemctl", "is-active", "octo-shop", "octo-crm").returncode == 0)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()  # and with it all that runs there
        self.process.wait()
        self.root.cleanup()

    def wait(self, is_so):
        deadline = time.monotonic() + patience(60)
        while not is_so():
            if time.monotonic() > deadline or self.process.poll() is not None:
                said = self.run("sh", "-c", "systemctl status --no-pager 'octo-*'; cat /var/log/shop /var/log/crm")
                raise AssertionError(f"waited in vain: {said.stdout}{said.stderr}")
            time.sleep(0.05)

    def run(self, *command):
        """There, by root."""
        return subprocess.run(["nsenter", "-t", self.pid or "0", "-a", *command], text=True, capture_output=True,
                              check=False, timeout=patience(60))

    def python(self, code):
        """Ours, on its network."""
        return subprocess.run(["nsenter", "-t", self.pid, "-n", sys.executable, "-c", code], text=True,
                              capture_output=True, check=False, timeout=patience(60),
                              env=dict(os.environ, PYTHONPATH=str(HERE.parent)))

    def main_pid(self, unit):
        return self.run("systemctl", "show", "-p", "MainPID", "--value", unit).stdout.strip()
