"""What the kernel says of this machine and of processes on it."""

import contextlib
import os
import pathlib
import platform
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time that a process has used so far."""
    # The second field is the program's name in brackets and may hold blanks.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def family_cpu_seconds(pid):
    """User and system time of a process and its children, those that ended and were waited for too."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    used = sum(int(field) for field in fields[11:15]) / TICKS
    for child in children:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            used += cpu_seconds(child)
    return used


def busy_seconds():
    """CPU time that all processes of this machine have used so far, and what was stolen from it."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (
        int(field) for field in
        pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def memory_kb(pid, name="VmRSS"):
    """A memory figure of a process in kB: VmRSS, or VmHWM for its highest so far."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no {name}")


def output_of(*command):
    return subprocess.run(command, text=True, capture_output=True, check=True).stdout.strip()


def disk_of(path):
    """File system and device."""
    found = output_of("findmnt", "-n", "-o", "FSTYPE,SOURCE", "--target", str(path))
    return " ".join(found.split())


def describe():
    """The facts that figures depend on."""
    models = [line.partition(":")[2].strip()
              for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
              if line.startswith("model name")]
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1])
    return {
        "cores": os.cpu_count(),
        "cpu": models[0] if models else platform.machine(),
        "memory_mb": memory // 1024,
        "kernel": platform.release(),
        "node": output_of("node", "--version"),
        "wrk": subprocess.run(["wrk", "-v"], text=True, capture_output=True, check=False)
                         .stdout.split("\n")[0].split(" [")[0],
        "load": os.getloadavg()[0],
    }
