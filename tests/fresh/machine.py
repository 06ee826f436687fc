"""A fresh Debian in a directory: made by debootstrap from where this machine has its packages, entered with
chroot. Its mounts and processes are those of a namespace of this process's own (see `enter`), so that nothing of it
is left when the process ends, however it ends.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

CODENAME = "bookworm"
ARCHIVE_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# As Debian's installer writes it.
HOSTS = "127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\nff02::1\t\tip6-allnodes\n"
MOUNTS = (("proc", "proc", "proc", ()), ("sysfs", "sys", "sysfs", ("-o", "ro")), ("devpts", "dev/pts", "devpts", ()),
          ("tmpfs", "dev/shm", "tmpfs", ()))
INSIDE = "OCTO_FRESH_INSIDE"  # the directory, for the process that has the namespaces


def inside():
    """The directory, in the process that has the namespaces; None elsewhere."""
    return os.environ.get(INSIDE)


def enter(root):
    """Runs this very command in namespaces of its own; the exit code. All that was mounted and started there is gone
    then."""
    def end_with_parent():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    child = subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "--mount-proc",
         sys.executable, "-B", *sys.argv], env={**os.environ, INSIDE: str(root)}, preexec_fn=end_with_parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: child.kill())
    return child.wait()


# --- where the packages are ---

def sources():
    """This machine's sources of Debian's packages of our release: lists of (address, suite, components)."""
    found = []
    for path in [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if path.suffix == ".sources":
            found += blocks_of(text)
        elif path.suffix == ".list":
            found += lines_of(text)
    ours = [source for source in found if re.fullmatch(rf"{CODENAME}(-updates|-security)?", source[1])]
    if not any(suite == CODENAME for _, suite, _ in ours):
        sys.exit(f"fresh: /etc/apt names no source of {CODENAME}")
    return ours


def lines_of(text):
    for line in text.splitlines():
        parts = re.fullmatch(r"\s*deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]+).*", line)
        if parts:
            yield parts.group(1), parts.group(2), parts.group(3).split()


def blocks_of(text):
    for block in re.split(r"\n\s*\n", text):
        fields = dict(re.findall(r"(?m)^([\w-]+):[ \t]*(.+)$", block))
        if "deb" in fields.get("Types", "").split() and fields.get("Enabled", "yes") != "no":
            for address in fields.get("URIs", "").split():
                for suite in fields.get("Suites", "").split():
                    yield address, suite, fields.get("Components", "main").split()


def apt_settings():
    """How this machine reaches them: proxies and the like."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    return "".join(f"{line}\n" for line in dump.splitlines() if re.match(r"Acquire::(https?|ftp|Retries)\b.*;$", line))


AUTHORITIES = "usr/local/share/ca-certificates"  # that an administrator trusts: where Debian looks for them


# --- the machine ---

class Machine:
    def __init__(self, root, user):
        self.root = pathlib.Path(root)
        self.user = user  # None: root
        self.home = f"/home/{user}" if user else "/root"
        self.checkout = f"{self.home}/octo"

    def make(self):
        if not (self.root / "etc/debian_version").exists():
            address = next(address for address, suite, _ in sources() if suite == CODENAME)
            proxy = dict(re.findall(r'Acquire::(https?)::Proxy "([^"]*)"', apt_settings()))
            keys = ("--keyring", ARCHIVE_KEYS) if os.path.exists(ARCHIVE_KEYS) else ()
            subprocess.run(["debootstrap", *keys, CODENAME, self.root, address], check=True,
                           stdout=subprocess.DEVNULL,
                           env={**os.environ, **{f"{kind}_proxy": where for kind, where in proxy.items()}})
        self.write("etc/hosts", HOSTS)
        self.write("etc/resolv.conf", pathlib.Path("/etc/resolv.conf").read_text(encoding="utf-8"))
        self.write("etc/apt/sources.list", "".join(f"deb {address} {suite} {' '.join(components)}\n"
                                                   for address, suite, components in sources()))
        self.write("etc/apt/apt.conf.d/00fresh", apt_settings())
        if os.path.isdir(f"/{AUTHORITIES}"):
            shutil.copytree(f"/{AUTHORITIES}", self.root / AUTHORITIES, dirs_exist_ok=True)
        for kind, where, name, options in MOUNTS:
            (self.root / where).mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", name, *options, kind, self.root / where], check=True)

    def write(self, name, text):
        path = self.root / name
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8")

    def prepare_user(self, packages):
        """A user who may not install anything, and what is missing otherwise."""
        self.run_as_root("apt-get update -qq && apt-get install -y -qq --no-install-recommends " + packages)
        self.run_as_root(f"id {self.user} 2>/dev/null || useradd --create-home --shell /bin/bash {self.user}; "
                         f"chmod 700 {self.home}")

    def clone(self, origin):
        """A new clone; the build directory and the data of the one before are gone with it."""
        inside = self.root / self.checkout[1:]
        shutil.rmtree(inside, ignore_errors=True)
        subprocess.run(["git", "-c", "safe.directory=*", "clone", "-q", "--no-local", origin, inside], check=True)
        # curl is content with any answer; a reader is not.
        self.write(f"{self.home[1:]}/.curlrc", "fail-with-body\n")
        if self.user:
            self.run_as_root(f"chown -R {self.user}: {self.home}")

    def run_as_root(self, command):
        done = subprocess.run(self.command("root", command, "/"), env=self.environment("/root"), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            sys.exit(f"fresh: {command}\n{done.stdout}")

    def start(self, command):
        """A command of the user's, in the checkout, with both its outputs in one."""
        return subprocess.Popen(self.command(self.user or "root", command, self.checkout),
                                env=self.environment(self.home), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)

    def command(self, user, command, directory):
        script = f'cd "$1" || exit\n{command}'
        return ["chroot", f"--userspec={user}", self.root, "bash", "-c", script, "bash", directory]

    def environment(self, home):
        return {"HOME": home, "PATH": PATH, "TERM": "dumb", "DEBIAN_FRONTEND": "noninteractive"}


@contextlib.contextmanager
def busy(is_wanted):
    """Meanwhile two processes for each core do nothing as fast as they can."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
              for _ in range(2 * os.cpu_count() if is_wanted else 0)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()
