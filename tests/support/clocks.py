"""Services under another clock: libfaketime moves the wall clock of a process, at its start or while it
runs; the monotonic clock, by which deadlines go, and the database server's clock stay right."""

import pathlib

LIBRARIES = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
RIGHT = "+0s"


def is_there():
    return bool(LIBRARIES)


class Clock:
    """The clock of a service, "+400d" or "-3s" beside the right one; RIGHT is the right one."""

    def __init__(self, service, offset=RIGHT):
        self.file = pathlib.Path(f"{service.log_path}.clock")
        self.set(offset)
        service.environment = {
            **service.environment, "LD_PRELOAD": str(LIBRARIES[0]), "NO_FAKE_STAT": "1",
            "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
            # Else a wait on a condition with a monotonic clock is over at once.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0"}

    def set(self, offset):
        """At once, also for a service that runs."""
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{offset}\n")
        beside.rename(self.file)
