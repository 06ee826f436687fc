"""What the kernel says of this machine and of processes on it."""

import os
import pathlib
import platform
import sqlite3
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time that a process has used so far."""
    # The second field is the program's name in brackets and may hold blanks.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


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


def file_system_of(path):
    return output_of("findmnt", "-n", "-o", "FSTYPE,SOURCE", "--target", str(path))


def describe(data):
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
        "disk": " ".join(file_system_of(data).split()),
        "sqlite": sqlite3.sqlite_version,
        "node": output_of("node", "--version"),
        "wrk": subprocess.run(["wrk", "-v"], text=True, capture_output=True, check=False)
                         .stdout.split("\n")[0].split(" [")[0],
        "load": os.getloadavg()[0],
    }
