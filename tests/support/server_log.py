"""What stands in PostgreSQL's log of the statements of both services."""

import collections
import json
import re

MODULES = {"octo_shop": "octo-drone-shop", "octo_crm": "enterprise-crm-portal"}
# What comes before the tags take hold: the transaction's begin and the statement that sets them.
BEFORE_TAGS = {"octo_begin_read", "octo_begin_write", "octo_tags"}
# What the database layer says itself; it has no span, but it is tagged.
WITHOUT_SPAN = {"octo_commit", "octo_rollback", "octo_savepoint", "octo_release", "octo_rollback_to",
                "octo_replan"}
# Statements of work that is recorded only when there is something to tell: a look at an outbox in which nothing
# is due, and probes.
UNRECORDED = {"outbox_look", "product_outbox_look", "db_ping"}
EXECUTED = re.compile(r"execute (\w+): (.*)", re.S)

Key = collections.namedtuple("Key", "service trace text")


class ServerLog:
    """Of one database, from a log in JSON with log_statement=all.

    `executed` counts the statements that the server began to run or failed to make ready, `failed` the failures
    of statements by their SQLSTATE. Of a failure behind a beginning of the same text nobody can say whether it is
    that of the one that began or of another that was being made ready: `perhaps` counts these. (log_duration
    would tell, but then a session that is to end does so between a statement's answer and that line.) `ended`
    counts what sessions died in the middle of, `endings` all that died. `names` are those of the statements by
    their text; the caller gives what it knows."""

    def __init__(self, path, database, names):
        self.executed = collections.Counter()
        self.perhaps = collections.Counter()
        self.failed = collections.Counter()
        self.ended = collections.Counter()
        self.endings = 0
        self.names = dict(names)
        self.begun = {}  # of each session: the last text
        with open(path, encoding="utf-8", errors="replace") as lines:
            entries = [json.loads(line) for line in lines]
        for entry in entries:
            executed = EXECUTED.fullmatch(entry.get("message", ""))
            if executed:
                self.names[executed.group(2)] = executed.group(1)
        for entry in entries:
            if entry.get("user") in MODULES and entry.get("dbname") == database:
                self.take(entry, entry.get("message", ""))

    def has_span(self, text):
        """Not what the database layer says itself, nor a script of migrations."""
        return text in self.names and self.names[text] not in BEFORE_TAGS | WITHOUT_SPAN

    def take(self, entry, message):
        session, severity = entry["session_id"], entry["error_severity"]
        module, _, trace = entry.get("application_name", "").partition(" ")
        executed = EXECUTED.fullmatch(message)
        if severity == "LOG" and executed:
            self.begun[session] = text = executed.group(2)
            if self.has_span(text):
                self.executed[Key(module, trace, text)] += 1
        elif severity in ("ERROR", "FATAL"):
            self.endings += severity == "FATAL"
            self.take_failure(entry, Key(module, trace, entry.get("statement")))

    def take_failure(self, entry, key):
        had_begun = self.begun.pop(entry["session_id"], None) == key.text
        if not self.has_span(key.text):
            return
        self.executed[key] += not had_begun
        self.perhaps[key] += had_begun
        if entry["error_severity"] == "FATAL":
            self.ended[key] += 1
        else:
            self.failed[key, entry["state_code"]] += 1
