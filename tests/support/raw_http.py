"""A client that says bytes and reads answers strictly: one head each, as much body as it announces, then nothing."""

import contextlib
import dataclasses
import json
import re
import socket
import threading

from support import raw_requests
from support.raw_requests import CLOSED, KEPT, SAME, TRACE, raw

PROBE_TRACE = "0123456789abcdef0123456789abcdef"
PROBE = raw(raw_requests.get(f"traceparent: 00-{PROBE_TRACE}-00f067aa0ba902b7-00"))
FIRST_LINE = re.compile(r"HTTP/1\.1 (\d{3}) [A-Z][A-Za-z -]+")
FIELD = re.compile(r"([A-Za-z0-9-]+): (\S|\S.*\S)")
MEMBERS = {"type", "title", "status", "detail", "instance", "error", "code", "correlation_id", "trace_id"}
USUAL = {"date", "x-content-type-options", "x-frame-options", "referrer-policy", "permissions-policy", "vary",
         "content-security-policy", "cache-control", "x-trace-id", "x-span-id", "x-request-id", "x-correlation-id",
         "x-workflow-id"}


class Nonsense(Exception):
    """What came is no answer."""


@dataclasses.dataclass
class Answer:
    status: int
    fields: dict
    body: bytes


class Line:
    """A connection, its bytes so far."""

    def __init__(self, port, seconds):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.came = b""
        self.is_over = False

    def say(self, data, ends=False):
        """In a thread of its own: who is refused early may answer before all is said."""
        def send():
            with contextlib.suppress(OSError):
                self.socket.sendall(data)
                if ends:
                    self.socket.shutdown(socket.SHUT_WR)
        threading.Thread(target=send, daemon=True).start()

    def more(self):
        """False at the end."""
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError as failure:
            raise Nonsense(f"nothing more comes behind {self.came[-60:]!r}") from failure
        except ConnectionResetError as failure:
            raise Nonsense(f"reset behind {self.came[-60:]!r}") from failure
        self.came += data
        self.is_over = not data
        return bool(data)

    def take(self, length):
        while len(self.came) < length:
            if not self.more():
                raise Nonsense(f"the end comes within {self.came[:60]!r}")
        taken, self.came = self.came[:length], self.came[length:]
        return taken

    def take_head(self):
        while b"\r\n\r\n" not in self.came:
            if not self.more():
                raise Nonsense(f"the end comes instead of an answer, behind {self.came[:60]!r}")
        first, *others = self.take(self.came.index(b"\r\n\r\n") + 4)[:-4].decode("latin-1").split("\r\n")
        match = FIRST_LINE.fullmatch(first)
        if not match:
            raise Nonsense(f"no answer begins with {first!r}")
        fields = {}
        for line in others:
            field = FIELD.fullmatch(line)
            if not field:
                raise Nonsense(f"no field is {line!r}")
            name = field[1].lower()
            if name in fields and name != "set-cookie":
                raise Nonsense(f"{name} stands twice")
            fields[name] = field[2]
        return int(match[1]), fields

    def take_answer(self, nobody=False):
        status, fields = self.take_head()
        if status == 100:
            return Answer(status, fields, b"")
        has_length = "content-length" in fields
        if has_length == (status in (204, 304)):
            raise Nonsense(f"{status} with Content-Length {fields.get('content-length')}")
        return Answer(status, fields, self.take(int(fields["content-length"])) if has_length and not nobody else b"")

    def take_end(self):
        while self.more():
            pass
        if self.came:
            raise Nonsense(f"behind the last answer came {self.came[:60]!r}")


def tokens_of(service):
    """An administrator's session and the name of its cookie, to be filled in."""
    with service.sign_in() as admin:
        if "Cookie" in admin.headers:
            cookie, token = admin.headers["Cookie"].split("=")
        else:
            cookie, token = "octo_session", admin.headers["Authorization"].split()[1]
    return {"cookie": cookie, "token": token}


def fill(data, filled):
    for name, value in filled.items():
        data = data.replace(raw("{%s}" % name), raw(value))
    return data


def converse(port, row, data, waits, seconds):
    """The answers to a row, in which `data` and `waits` are filled in; Nonsense where not exactly that came."""
    line = Line(port, seconds)
    with line.socket:
        line.say(data, row.ends)
        answers = []
        for status in row.statuses:
            answers.append(line.take_answer(row.nobody and not answers))
            if answers[-1].status == 100 != status:
                raise Nonsense("100 Continue, which nobody waits for")
            if status == 100:
                line.say(waits)
        if row.end == KEPT:
            line.say(PROBE)
            probe = line.take_answer()
            if (probe.status, probe.fields["x-trace-id"]) != (200, PROBE_TRACE):
                raise Nonsense(f"{probe.status} before the answer to another request")
        else:
            line.take_end()
        return answers


def faults_of_problem(answer):
    problem = json.loads(answer.body)
    if answer.fields["content-type"] != "application/problem+json":
        yield f"a problem of {answer.fields['content-type']}"
    if MEMBERS - set(problem):
        yield f"without {MEMBERS - set(problem)}"
    for member, value in (("status", answer.status), ("trace_id", answer.fields["x-trace-id"]),
                          ("correlation_id", answer.fields["x-correlation-id"])):
        if problem.get(member) != value:
            yield f"{member} is {problem.get(member)}, not {value}"


def faults_of_answer(row, index, answer):
    if answer.status == 100:
        return
    if USUAL - set(answer.fields):
        yield f"without {sorted(USUAL - set(answer.fields))}"
    elif not re.fullmatch("[0-9a-f]{32}", answer.fields["x-trace-id"]):
        yield f"trace id {answer.fields['x-trace-id']}"
    elif answer.status >= 400 and answer.body and not (row.has and row.has[0] == "content-type"):
        yield from faults_of_problem(answer)
    elif answer.status >= 400 and not answer.body and not row.nobody:
        yield "no problem document"
    is_last = index + 1 == len(row.statuses)
    says_close = "close" in answer.fields.get("connection", "")
    if not row.ends and says_close != (is_last and row.end == CLOSED):
        yield f"Connection: {answer.fields.get('connection')}"


def faults(port, row, filled, seconds):
    """All that is wrong with what a row is answered."""
    try:
        answers = converse(port, row, fill(row.data, filled), fill(row.waits, filled), seconds)
    except Nonsense as nonsense:
        return [str(nonsense)]
    statuses = tuple(answer.status for answer in answers)
    found = [] if statuses == row.statuses else [f"{statuses}, not {row.statuses}"]
    for index, answer in enumerate(answers):
        found += faults_of_answer(row, index, answer)
    if row.trace and (answers[0].fields["x-trace-id"] == TRACE) != (row.trace == SAME):
        found.append("the wrong trace")
    if row.has and answers[0].fields.get(row.has[0]) != row.has[1]:
        found.append(f"{row.has[0]} is {answers[0].fields.get(row.has[0])}, not {row.has[1]}")
    return found
