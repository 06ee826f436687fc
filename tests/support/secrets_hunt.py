"""Looks for what opens something in places where others than its owner read: tables, files of the data directory
(logs, spans), metrics, answers to others.

What is looked for: tokens of sessions, ids of carts, keys and passwords that were used through the harness, and
whatever has the form of a token or an id and is one by the digests in the tables, however the client came by it.
It is found as it is, in hexadecimal and in base64, at any place of a longer text.

OCTO_HUNT=1 has every instance hunted when it is closed: OCTO_HUNT=1 ./octo test integration
"""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import sqlite3
import string

from support import postgres

IS_ON = bool(os.environ.get("OCTO_HUNT"))
HEX = "0123456789abcdef"
TOKEN_LENGTH = 64
CART_SHAPE = b"00000000-0000-0000-0000-000000000000"
HEX_LEAST = 2 * len(CART_SHAPE)  # of the shortest secret, the id of a cart
BASE64_LEAST = 40
COOKIE = re.compile(r"(?:__Host-)?octo_(?:assistant|cart|crm|session)=([^;]+)")
SETTINGS = ("BOOTSTRAP_ADMIN_PASSWORD", "SEED_USER_PASSWORD", "INTERNAL_SERVICE_KEY", "INTERNAL_SERVICE_KEY_NEXT",
            "OCTO_ASSISTANT_KEY")
SHORTEST_PASSWORD = 12  # a shorter one may be a word that stands anywhere
KEY_FILES = re.compile(r"internal\.key")
ADVISOR = "/api/shop/assistant/query"  # a conversation's id opens nothing: its owner's cookie does
# What is told to anybody or to operators, and nothing else tells the same.
ASKED = ("/metrics", "/api/observability/360", "/api/observability/sessions", "/api/observability/pools",
         "/api/analytics/security/events?limit=500")
EXAMPLES = re.compile(rb'"password":\s*"correct-horse-battery"|correct-horse-battery(?=&quot;)')  # of the document


def shape_table(digits, kept=""):
    """For bytes.translate: nought for each of these, themselves for those that are kept, a dot for all else. What has
    a form is then a plain piece of text, which is found much faster than a pattern."""
    return bytes(byte if chr(byte) in kept else ord("0" if chr(byte) in digits else ".") for byte in range(256))


TOKENS = shape_table(HEX)
CARTS = shape_table(HEX, kept="-")
HEX_RUNS = shape_table(HEX + "ABCDEF")
BASE64_RUNS = shape_table(string.ascii_letters + string.digits + "+/_-")


def runs(data, table, least):
    """The longest pieces that have nothing else in them, of at least that length."""
    shape = data.translate(table)
    at = shape.find(b"0" * least)
    while at >= 0:
        end = shape.find(b".", at) % (len(shape) + 1)  # there is none behind the last
        yield data[at:end]
        at = shape.find(b"0" * least, end)


def views(data):
    """The bytes, and what of them can be read as hexadecimal or base64, wherever it begins."""
    yield data
    for run in runs(data, HEX_RUNS, HEX_LEAST):
        for digits in (run, run[1:]):
            yield bytes.fromhex(digits[:len(digits) // 2 * 2].decode())
    for run in runs(data, BASE64_RUNS, BASE64_LEAST):
        plain = run.translate(bytes.maketrans(b"-_", b"+/"))
        for at in range(4):
            digits = plain[at:len(plain) - (1 if (len(plain) - at) % 4 == 1 else 0)]
            yield base64.b64decode(digits + b"=" * (-len(digits) % 4))


def candidates(data):
    """Everything in it that has the form of a token or of an id."""
    for run in runs(data, TOKENS, TOKEN_LENGTH):
        yield from (run[at:at + TOKEN_LENGTH] for at in range(len(run) - TOKEN_LENGTH + 1))
    shape = data.translate(CARTS)
    at = shape.find(CART_SHAPE)
    while at >= 0:
        yield data[at:at + len(CART_SHAPE)]
        at = shape.find(CART_SHAPE, at + 1)


def as_bytes(text):
    return text if isinstance(text, bytes) else str(text).encode()


class Hunt:
    """What an instance's clients know that opens something, and where it was found. Any thread."""

    def __init__(self, environment=()):
        self.forms = set()   # tokens and ids
        self.words = set()   # keys and passwords
        self.hashes = set()  # SHA-256 of what is open, as the tables have it
        self.found = []
        for name in SETTINGS:
            self.note_word(dict(environment).get(name, ""))

    def note_word(self, word):
        if len(word) >= SHORTEST_PASSWORD:
            self.words.add(word.encode())

    def note_form(self, text):
        text = as_bytes(text)
        if list(candidates(text)) == [text]:
            self.forms.add(text)

    def in_bytes(self, data):
        """Those that stand in it. The tests sign in with the password of the document's example."""
        there = set()
        for view in views(re.sub(EXAMPLES, b"", data)):
            there |= {word for word in self.words if word in view}
            there |= {text for text in candidates(view)
                      if (text in self.forms and text.decode() not in self.hashes)
                      or hashlib.sha256(text).hexdigest() in self.hashes}
        return there

    def look(self, where, data):
        for text in sorted(self.in_bytes(as_bytes(data))):
            self.found.append(f"{where}: {text.decode()[:8]}... ({len(text)} characters)")

    # --- what goes through the harness ---

    def sent(self, headers):
        """What a request carries."""
        fields = {name.lower(): value for name, value in headers.items()}
        for text in (fields.get("authorization", "").removeprefix("Bearer "), fields.get("x-session-id", ""),
                     *COOKIE.findall(fields.get("cookie", ""))):
            self.note_form(text)

    def answered(self, method, path, said, body, answer):
        """A token or an id that is new may stand there; of the others only what the caller said himself, and not
        by his cookie, which scripts may not read. `said` is his header without it."""
        own = {text for text in candidates(f"{path} {said} {body}".encode()) if text in self.forms}
        given = {text.encode() for text in COOKIE.findall(answer.headers.get("set-cookie", ""))}
        if answer.status == 200 and path == "/api/auth/login":
            self.note_word(json.loads(body)["password"])
        if answer.status == 200 and method == "POST" and answer.headers["content-type"] == "application/json":
            told = json.loads(answer.raw)
            given |= {as_bytes(told[name]) for name in ("token", "session_id") if name in told and path != ADVISOR}
        new = given - self.forms
        for text in new:
            self.note_form(text)
        text = answer.raw + b"".join(as_bytes(value) + b"\n" for value in answer.headers.values())
        for secret in sorted(self.in_bytes(text) - own - new):
            self.found.append(f"answer to {method} {path.split('?')[0]}: {secret.decode()[:8]}... ({len(secret)} characters)")

    # --- the end of an instance ---

    def ask(self, service):
        """What a running service tells."""
        for path in ASKED:
            with contextlib.suppress(OSError, http.client.HTTPException):
                with service.client(internal=True) as client:
                    self.look(f"{service.name} {path}", client.get(path).raw)

    def read(self, instance):
        """The tables and files that the services leave behind when they have ended."""
        for service in (instance.shop, instance.crm):
            self.hashes |= set(hashes_of(service))
        for service in (instance.shop, instance.crm):
            for table, rows in texts_of(service):
                self.look(f"{service.name}'s table {table}", rows)
        for path in sorted(files_of(instance)):
            self.look(path.name, path.read_bytes())
        if instance.database:
            self.look("the server's log", instance.database.cluster.log())

    def judge(self):
        if self.found:
            raise AssertionError("secrets where others read them:\n" + "\n".join(sorted(set(self.found))))


def files_of(instance):
    traced = instance.environment.get("OCTO_TRACE_LOG")
    there = [path for path in pathlib.Path(instance.data).rglob("*")
             if path.is_file() and not KEY_FILES.match(path.name)]
    return set(there) | ({pathlib.Path(traced)} if traced and pathlib.Path(traced).is_file() else set())


def is_there(service):
    return service.server_database is not None or (service.data / f"{service.name}.db").exists()


def tables_of(service):
    if service.server_database:
        return [row[0] for row in service.query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", f"octo_{service.name}")]
    return [row[0] for row in service.query("SELECT name FROM sqlite_master WHERE type = 'table'")]


def hashes_of(service):
    """SHA-256 of tokens and ids that open something now."""
    with contextlib.suppress(postgres.Refused, sqlite3.Error):
        there = set(tables_of(service)) if is_there(service) else ()
        for table, column in (("user_sessions", "session_id"), ("cart_sessions", "session_id"),
                              ("assistant_sessions", "owner")):
            if table in there:
                yield from (row[0] for row in service.query(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"))


def texts_of(service):
    """Each table and all that stands in its rows."""
    with contextlib.suppress(postgres.Refused, sqlite3.Error):
        for table in tables_of(service) if is_there(service) else ():
            rows = service.query(f"SELECT * FROM {table}")
            yield table, "\n".join("\t".join(map(str, tuple(row))) for row in rows)
