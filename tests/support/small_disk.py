"""A data directory on a small disk of its own, which only root can have."""

import contextlib
import os
import pathlib
import subprocess

from support.harness import Instance

MIB = 1024 * 1024
DISK_BYTES = 64 * MIB


@contextlib.contextmanager
def small_disk(case, **environment):
    """An instance whose data directory is a file system of its own."""
    instance = Instance(**environment)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", instance.data],
                           capture_output=True, text=True, check=False)
    try:
        if mount.returncode != 0:
            case.skipTest(f"no file system can be mounted here: {mount.stderr.strip()}")
        with instance:
            yield instance
    finally:
        if mount.returncode == 0:
            subprocess.run(["umount", instance.data], check=True)
        instance.close()


def fill(directory, leave=0, name="filler"):
    """All of the disk but so many bytes, by a file of that name."""
    filler = pathlib.Path(directory, name)
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while os.statvfs(directory).f_bavail * os.statvfs(directory).f_frsize > leave:
            file.write(bytes(4096))
    return filler
