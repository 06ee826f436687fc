"""Requests byte by byte, and what each is owed: the table of tests/integration/test_raw_http.py and of
tests/by_hand/raw_nginx.py.

A row says what it is about, where the rule stands (section of an RFC), the bytes, the statuses of the answers in
their order, and whether the connection is KEPT or CLOSED behind them. A status from 400 on comes with a problem
document. {token} in the bytes is an administrator's session, {cookie} the name of the service's cookie, {key} the
internal key. What else a row may say:

    trace    SAME or OTHER: is the first answer's trace that of the request (TRACE)?
    ends     the client says no more, though it still listens
    waits    bytes that are sent only when "100 Continue" has come
    has      (name, value) of the first answer's head
    nobody   the first answer has no body, as one to HEAD
"""

import dataclasses
import gzip

KEPT, CLOSED = "kept", "closed"
SAME, OTHER = "same", "other"
TRACE = "79c76c8173b086043b36e60422a2b317"
PARENT = f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01"
BODY = '{"page":"/"}'

HEAD_MAX = 32 * 1024
TARGET_MAX = 16 * 1024
FIELDS_MAX = 100
BODY_MAX = 64 * 1024  # OCTO_BODY_MAX by default


@dataclasses.dataclass(frozen=True)
class Row:
    about: str
    where: str
    data: bytes
    statuses: tuple
    end: str
    trace: str = None
    ends: bool = False
    waits: bytes = b""
    has: tuple = None
    nobody: bool = False


def raw(text):
    """Text as bytes: characters up to U+00FF stand for bytes."""
    return text.encode("latin-1")


def lines(*texts):
    """A head of these lines."""
    return "".join(f"{text}\r\n" for text in texts) + "\r\n"


def get(*fields, target="/health", version="HTTP/1.1", method="GET", host="Host: x"):
    return lines(f"{method} {target} {version}", *([host] if host is not None else []), *fields)


def post(*fields, body=BODY, version="HTTP/1.1", length=True, kind="Content-Type: application/json"):
    """A page view: every service takes it, from anybody."""
    counted = [f"Content-Length: {len(body)}"] if length else []
    return get(*([kind] if kind else []), *counted, *fields, target="/api/analytics/track", version=version,
               method="POST") + body


def chunked(body, *fields, coding="Transfer-Encoding: chunked"):
    return post(coding, *fields, body=body, length=False)


def one_chunk(extension="", trailer=""):
    return f"c{extension}\r\n{BODY}\r\n0\r\n{trailer}\r\n"


def signed_in(*fields):
    """A page for operators alone."""
    return get(*fields, target="/api/observability/sessions")


def padded(text, size):
    return text + "a" * (size - len(text))


def packed(text):
    """With gzip, as a text that raw() makes the same bytes of."""
    return gzip.compress(text.encode("latin-1"), mtime=0).decode("latin-1")


def head_of(size):
    """A GET whose head has that many bytes, in fields of a size that nobody minds."""
    start, end = get()[:-2], "\r\n"
    line = "A: " + "a" * 995 + "\r\n"
    count, rest = divmod(size - len(start) - len(end), len(line))
    return start + line * (count - 1) + "A: " + "a" * (995 + rest) + "\r\n" + end


def body_of(size):
    return padded('{"page":"/","rest":"', size - 2) + '"}'


TABLE = []


def about(section, *rows):
    TABLE.extend(Row(f"{section}: {name}", where, raw(data), statuses if isinstance(statuses, tuple) else (statuses,),
                     end, **{**more, **({"waits": raw(more["waits"])} if "waits" in more else {})})
                 for name, where, data, statuses, end, more in
                 ((*row, {}) if len(row) == 5 else row for row in rows))


about(
    "length",
    ("as long as the body", "9112 6.2", post(), 200, KEPT),
    ("none: there is no body", "9112 6.3", post(body="", length=False), 400, KEPT),
    ("nought", "9112 6.2", post(body=""), 400, KEPT),
    ("with leading noughts", "9110 8.6", post("Content-Length: 0012", length=False), 200, KEPT),
    ("blanks around it", "9110 5.5", post("Content-Length: \t 12 \t ", length=False), 200, KEPT),
    ("twice the same", "9112 6.3", post("Content-Length: 12"), 400, CLOSED),
    ("two of them", "9112 6.3", post("Content-Length: 2"), 400, CLOSED),
    ("a list of the same", "9112 6.3", post("Content-Length: 12, 12", length=False), 400, CLOSED),
    ("a list of two", "9112 6.3", post("Content-Length: 12, 13", length=False), 400, CLOSED),
    ("none, but the field", "9110 8.6", post("Content-Length:", length=False), 400, CLOSED),
    ("with a plus", "9110 8.6", post("Content-Length: +12", length=False), 400, CLOSED),
    ("with a minus", "9110 8.6", post("Content-Length: -12", length=False), 400, CLOSED),
    ("in hexadecimal", "9110 8.6", post("Content-Length: 0x0c", length=False), 400, CLOSED),
    ("with an exponent", "9110 8.6", post("Content-Length: 12e0", length=False), 400, CLOSED),
    ("with a point", "9110 8.6", post("Content-Length: 12.0", length=False), 400, CLOSED),
    ("parted by a blank", "9110 8.6", post("Content-Length: 1 2", length=False), 400, CLOSED),
    ("in quotes", "9110 8.6", post('Content-Length: "12"', length=False), 400, CLOSED),
    ("digits of another script", "9110 8.6", post("Content-Length: \xd9\xa1", length=False), 400, CLOSED),
    ("the largest of 63 bits", "9110 8.6", post("Content-Length: 9223372036854775807", length=False), 413, CLOSED),
    ("past 63 bits", "9110 8.6", post("Content-Length: 9223372036854775808", length=False), 413, CLOSED),
    ("past 64 bits", "9110 8.6", post("Content-Length: 18446744073709551628", length=False), 413, CLOSED),
    ("twenty-one digits", "9110 8.6", post("Content-Length: 100000000000000000000", length=False), 413, CLOSED),
    ("with GET, whose body means nothing", "9110 9.3.1", get("Content-Length: 5") + "hello", 200, KEPT),
    ("with HEAD", "9110 9.3.2", get("Content-Length: 5", method="HEAD") + "hello", 200, KEPT, {"nobody": True}),
    ("shorter than the body, whose rest is no request", "9112 2.2",
     post("Content-Length: 10", length=False) + "\r\n", (400, 400), CLOSED),
    ("beside a coding", "9112 6.1", chunked(one_chunk(), "Content-Length: 12"), 400, CLOSED),
    ("beside an unknown coding", "9112 6.1", post("Transfer-Encoding: gzip"), 400, CLOSED),
)

about(
    "chunks",
    ("one", "9112 7.1", chunked(one_chunk()), 200, KEPT),
    ("a byte each", "9112 7.1", chunked("".join(f"1\r\n{c}\r\n" for c in BODY) + "0\r\n\r\n"), 200, KEPT),
    ("none but the last", "9112 7.1", chunked("0\r\n\r\n"), 400, KEPT),
    ("size in capitals", "9112 7.1", chunked(one_chunk().replace("c\r", "C\r", 1)), 200, KEPT),
    ("size with leading noughts", "9112 7.1", chunked("0" * 14 + one_chunk()), 200, KEPT),
    ("size of 200 noughts and a digit", "9112 7.1", chunked("0" * 200 + one_chunk()), 200, KEPT),
    ("last with many noughts", "9112 7.1", chunked(one_chunk().replace("\r\n0\r", "\r\n000\r")), 200, KEPT),
    ("extension", "9112 7.1.1", chunked(one_chunk(";a=b")), 200, KEPT),
    ("extension in quotes", "9112 7.1.1", chunked(one_chunk(';a="b"')), 200, KEPT),
    ("extension without a value", "9112 7.1.1", chunked(one_chunk(";a")), 200, KEPT),
    ("blank before an extension", "9112 7.1.1", chunked(one_chunk(" ;a=b")), 200, KEPT),
    ("extension of 255 characters", "9112 7.1.1", chunked(one_chunk(";" + "a" * 255)), 200, KEPT),
    ("extension of 256 characters", "9112 7.1.1", chunked(one_chunk(";" + "a" * 256)), 400, CLOSED),
    ("extension of 10 KB", "9112 7.1.1", chunked(one_chunk(";a=" + "b" * 10240)), 400, CLOSED),
    ("extension with a control character", "9112 7.1.1", chunked(one_chunk(";a=\x01")), 400, CLOSED),
    ("extension with a bare LF", "9112 7.1.1", chunked(one_chunk(";a\nb")), 400, CLOSED),
    ("trailer", "9112 7.1.2", chunked(one_chunk(trailer="X-Sum: 1\r\n")), 200, KEPT),
    ("trailer that frames", "9110 6.5.1", chunked(one_chunk(trailer="Content-Length: 5\r\n")), 200, KEPT),
    ("trailer with a key", "9110 6.5.1", chunked(one_chunk(trailer="Idempotency-Key: x\r\n")), 200, KEPT),
    ("trailer that is no field", "9112 7.1.2", chunked(one_chunk(trailer="nonsense\r\n")), 400, CLOSED),
    ("trailer with a blank before the colon", "9112 5.1", chunked(one_chunk(trailer="A : b\r\n")), 400, CLOSED),
    ("trailers of 8 KB", "9112 7.1.2", chunked(one_chunk(trailer="A: " + "b" * 8187 + "\r\n")), 200, KEPT),
    ("trailers of one byte more", "9112 7.1.2", chunked(one_chunk(trailer="A: " + "b" * 8188 + "\r\n")), 400, CLOSED),
    ("trailers of 40 KB", "9112 7.1.2", chunked(one_chunk(trailer="A: b\r\n" * 6827)), 400, CLOSED),
    ("with GET", "9110 9.3.1", get("Transfer-Encoding: chunked") + one_chunk(), 200, KEPT),
    ("name in capitals", "9112 7", chunked(one_chunk(), coding="Transfer-Encoding: CHUNKED"), 200, KEPT),
    ("blanks around the name", "9110 5.5", chunked(one_chunk(), coding="Transfer-Encoding: \tchunked \t"), 200, KEPT),
    ("an empty element beside the name", "9110 5.6.1", chunked(one_chunk(), coding="Transfer-Encoding: , chunked"), 200, KEPT),
    ("size that is no number", "9112 7.1", chunked("x" + one_chunk()), 400, CLOSED),
    ("size missing", "9112 7.1", chunked(one_chunk()[1:]), 400, CLOSED),
    ("size with a minus", "9112 7.1", chunked("-" + one_chunk()), 400, CLOSED),
    ("size with a plus", "9112 7.1", chunked("+" + one_chunk()), 400, CLOSED),
    ("size with 0x", "9112 7.1", chunked("0x" + one_chunk()), 400, CLOSED),
    ("blank before the size", "9112 7.1", chunked(" " + one_chunk()), 400, CLOSED),
    ("size past 64 bits", "9112 7.1", chunked("1" + "0" * 15 + one_chunk()), 400, CLOSED),
    ("size of 10 KB of noughts", "9112 7.1", chunked("0" * 10240 + one_chunk()), 400, CLOSED),
    ("size of 15 digits", "9112 7.1", chunked("f" * 15 + "\r\n" + BODY), 413, CLOSED),
    ("shorter than its data", "9112 7.1", chunked(f"b\r\n{BODY}\r\n0\r\n\r\n"), 400, CLOSED),
    ("longer than its data", "9112 7.1", chunked(f"d\r\n{BODY}\r\n0\r\n\r\n"), 400, CLOSED),
    ("size that ends with a bare LF", "9112 7.1", chunked(one_chunk().replace("c\r\n", "c\n")), 400, CLOSED),
    ("data that ends with a bare LF", "9112 7.1", chunked(one_chunk().replace("}\r\n", "}\n")), 400, CLOSED),
    ("size that ends with a bare CR", "9112 7.1", chunked(one_chunk().replace("c\r\n", "c\r")), 400, CLOSED),
    ("last without an empty line, then a request", "9112 7.1", chunked(one_chunk()[:-2]) + get(), 400, CLOSED),
    ("then another request", "9112 6.3", chunked(one_chunk()) + get(), (200, 200), KEPT),
)

about(
    "coding",
    ("gzip", "9112 6.1", chunked(one_chunk(), coding="Transfer-Encoding: gzip"), 501, CLOSED),
    ("gzip and chunked", "9112 6.1", chunked(one_chunk(), coding="Transfer-Encoding: gzip, chunked"), 501, CLOSED),
    ("chunked and gzip", "9112 6.1", chunked(one_chunk(), coding="Transfer-Encoding: chunked, gzip"), 501, CLOSED),
    ("one that nobody knows", "9112 6.1", chunked(one_chunk(), coding="Transfer-Encoding: xchunked"), 501, CLOSED),
    ("identity, which is none any more", "9112 7", chunked(one_chunk(), coding="Transfer-Encoding: identity"), 501, CLOSED),
    ("in quotes", "9112 6.1", chunked(one_chunk(), coding='Transfer-Encoding: "chunked"'), 501, CLOSED),
    ("chunked twice", "9112 6.1", chunked(one_chunk(), coding="Transfer-Encoding: chunked, chunked"), 400, CLOSED),
    ("chunked in two lines", "9112 6.1", chunked(one_chunk(), "Transfer-Encoding: chunked"), 400, CLOSED),
    ("gzip in a second line", "9112 6.1", chunked(one_chunk(), "Transfer-Encoding: gzip"), 501, CLOSED),
    ("none, but the field", "9112 6.1", chunked(one_chunk(), coding="Transfer-Encoding:"), 400, CLOSED),
    ("blank before the colon", "9112 5.1", chunked(one_chunk(), coding="Transfer-Encoding : chunked"), 400, CLOSED),
    ("blank before the colon, beside a length", "9112 5.1", post("Transfer-Encoding : chunked"), 400, CLOSED),
    ("in HTTP/1.0", "9112 6.1", post("Transfer-Encoding: chunked", body=one_chunk(), length=False, version="HTTP/1.0"),
     400, CLOSED),
)

about(
    "target",
    ("a path", "9112 3.2.1", get(), 200, KEPT),
    ("a path and a query", "9112 3.2.1", get(target="/health?a=1"), 200, KEPT),
    ("an empty query", "9112 3.2.1", get(target="/health?"), 200, KEPT),
    ("a query with a question mark", "3986 3.4", get(target="/health?a=?/b"), 200, KEPT),
    ("absolute", "9112 3.2.2", get(target="http://x/health"), 200, KEPT),
    ("absolute, scheme in capitals", "9110 4.2.3", get(target="HTTP://x/health"), 200, KEPT),
    ("absolute, https", "9112 3.2.2", get(target="https://x/health"), 200, KEPT),
    ("absolute with a port", "9112 3.2.2", get(target="http://x:8080/health"), 200, KEPT),
    ("absolute with an address of IPv6", "9112 3.2.2", get(target="http://[::1]:80/health"), 200, KEPT),
    ("absolute, of another host than Host", "9112 3.2.2", get(target="http://y/health"), 200, KEPT),
    ("absolute without a path", "9112 3.2.2", get(target="http://x"), 200, KEPT),
    ("absolute without a path, a slash in the query", "9112 3.2.2", get(target="http://x?a=/health"), 200, KEPT,
     {"has": ("content-type", "text/html; charset=utf-8")}),
    ("absolute without a host", "9110 4.2.1", get(target="http:///health"), 400, CLOSED),
    ("absolute with a user", "9110 4.2.4", get(target="http://u@x/health"), 400, CLOSED),
    ("absolute with a port that is no number", "9110 4.2.1", get(target="http://x:y/health"), 400, CLOSED),
    ("absolute of another scheme", "9112 3.2.2", get(target="ftp://x/health"), 400, CLOSED),
    ("a scheme alone", "9112 3.2.2", get(target="http:"), 400, CLOSED),
    ("an authority, but not CONNECT", "9112 3.2.3", get(target="x:80"), 400, CLOSED),
    ("an asterisk, but not OPTIONS", "9112 3.2.4", get(target="*"), 400, CLOSED),
    ("an asterisk with OPTIONS", "9112 3.2.4", get(target="*", method="OPTIONS"), 204, KEPT, {"nobody": True}),
    ("a path with OPTIONS", "9110 9.3.7", get(method="OPTIONS"), 204, KEPT, {"nobody": True}),
    ("without a slash", "9112 3.2.1", get(target="health"), 400, CLOSED),
    ("only a query", "9112 3.2.1", get(target="?a=1"), 400, CLOSED),
    ("an escape", "3986 2.1", get(target="/%68ealth"), 200, KEPT),
    ("an escaped slash", "3986 2.2", get(target="/api%2Fproducts"), 404, KEPT),
    ("a broken escape at the end", "3986 2.1", get(target="/%"), 400, KEPT),
    ("half an escape", "3986 2.1", get(target="/%4"), 400, KEPT),
    ("an escape that is not hexadecimal", "3986 2.1", get(target="/%zz"), 400, KEPT),
    ("an escaped NUL", "3986 2.1", get(target="/health%00"), 400, KEPT),
    ("an escaped control character", "3986 2.1", get(target="/health%0d%0aA:b"), 400, KEPT),
    ("escapes that are not UTF-8", "3986 2.5", get(target="/%ff%fe"), 400, KEPT),
    ("a broken escape in the query", "3986 2.1", get(target="/health?a=%"), 400, KEPT),
    ("a NUL in the query", "3986 2.1", get(target="/health?a=%00"), 400, KEPT),
    ("as many parameters as may be", "9110 15.5.1", get(target="/health?" + "a=1&" * 63 + "a=1"), 200, KEPT),
    ("too many parameters", "9110 15.5.1", get(target="/health?" + "a=1&" * 64 + "a=1"), 400, KEPT),
    ("more segments than any page has", "9110 15.5.5", get(target="/a" * 1000), 404, KEPT),
    ("dots", "3986 5.2.4", get(target="/api/../health"), 404, KEPT),
    ("a dot", "3986 5.2.4", get(target="/./health"), 404, KEPT),
    ("escaped dots", "3986 5.2.4", get(target="/%2e%2e/health"), 404, KEPT),
    ("two slashes", "3986 3.3", get(target="//health"), 404, KEPT),
    ("a slash at the end", "3986 3.3", get(target="/health/"), 404, KEPT),
    ("in capitals", "3986 6.2.2.1", get(target="/HEALTH"), 404, KEPT),
    ("a fragment", "9112 3.2", get(target="/health#a"), 400, CLOSED),
    ("a character that no URI has", "9112 3.2", get(target='/hea"lth'), 400, CLOSED),
    ("bytes that are not ASCII", "9112 3.2", get(target="/caf\xc3\xa9"), 400, CLOSED),
    ("a control character", "9112 3.2", get(target="/\x01"), 400, CLOSED),
    ("a NUL", "9112 3.2", get(target="/health\0"), 400, CLOSED),
    ("a blank", "9112 3.2", get(target="/he alth"), 400, CLOSED),
    ("none", "9112 3", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", 400, CLOSED),
    ("of the greatest length", "9112 3", get(target=padded("/health?", TARGET_MAX)), 200, KEPT),
    ("past it", "9112 3", get(target=padded("/health?", TARGET_MAX + 1)), 414, CLOSED),
    ("past the head's greatest length", "9112 3", get(target=padded("/", HEAD_MAX + 1)), 414, CLOSED),
    ("without an end", "9112 3", "GET /" + "a" * 2 * HEAD_MAX, 414, CLOSED),
)

about(
    "host",
    ("missing", "9112 3.2", get(host=None), 400, CLOSED),
    ("missing beside an absolute target", "9112 3.2", get(host=None, target="http://x/health"), 400, CLOSED),
    ("missing in HTTP/1.0", "9112 3.2", get(host=None, version="HTTP/1.0"), 200, CLOSED),
    ("empty", "9110 4.2.1", get(host="Host:"), 400, CLOSED),
    ("twice", "9112 3.2", get("Host: y"), 400, CLOSED),
    ("twice the same", "9112 3.2", get("Host: x"), 400, CLOSED),
    ("blanks around it", "9110 5.5", get(host="Host:\t x \t"), 200, KEPT),
    ("with a port", "9110 7.2", get(host="Host: x:8080"), 200, KEPT),
    ("with an empty port", "9110 4.2.1", get(host="Host: x:"), 200, KEPT),
    ("an address of IPv4", "9110 7.2", get(host="Host: 127.0.0.1:80"), 200, KEPT),
    ("an address of IPv6", "9110 7.2", get(host="Host: [::1]:80"), 200, KEPT),
    ("an address that is not closed", "3986 3.2.2", get(host="Host: [::1"), 400, CLOSED),
    ("only a port", "9110 4.2.1", get(host="Host: :80"), 400, CLOSED),
    ("a port that is no number", "3986 3.2.3", get(host="Host: x:8a"), 400, CLOSED),
    ("a user", "9110 4.2.4", get(host="Host: u@x"), 400, CLOSED),
    ("a path", "9110 7.2", get(host="Host: x/y"), 400, CLOSED),
    ("a scheme", "9110 7.2", get(host="Host: http://x"), 400, CLOSED),
    ("a blank within", "9110 7.2", get(host="Host: x y"), 400, CLOSED),
    ("a quote", "3986 3.2.2", get(host='Host: x"'), 400, CLOSED),
    ("bytes that are not ASCII", "3986 3.2.2", get(host="Host: caf\xe9"), 400, CLOSED),
    ("a broken escape", "3986 2.1", get(host="Host: x%zz"), 400, CLOSED),
    ("twice in HTTP/1.0", "9112 3.2", get("Host: y", version="HTTP/1.0"), 400, CLOSED),
)

about(
    "line",
    ("an empty one before the request", "9112 2.2", "\r\n" + get(), 200, KEPT),
    ("a blank before the request", "9112 2.2", " " + get(), 400, CLOSED),
    ("two blanks before the target", "9112 3", "GET  /health HTTP/1.1\r\nHost: x\r\n\r\n", 400, CLOSED),
    ("two blanks before the version", "9112 3", "GET /health  HTTP/1.1\r\nHost: x\r\n\r\n", 400, CLOSED),
    ("tabs for blanks", "9112 3", "GET\t/health\tHTTP/1.1\r\nHost: x\r\n\r\n", 400, CLOSED),
    ("a blank at the end", "9112 3", get(version="HTTP/1.1 "), 400, CLOSED),
    ("nothing but a word", "9112 3", "GET\r\n\r\n", 400, CLOSED),
    ("another protocol", "9112 3", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, CLOSED),
    ("noughts", "9112 3", "\0" * 100, 400, CLOSED),
    ("a bare LF at its end", "9112 2.2", get().replace("1.1\r\n", "1.1\n"), 400, CLOSED),
    ("bare LFs at all ends", "9112 2.2", get().replace("\r\n", "\n"), 400, CLOSED),
    ("a bare CR within", "9112 2.2", get(target="/health\r"), 400, CLOSED),
)

about(
    "version",
    ("1.0", "9112 9.3", get(version="HTTP/1.0"), 200, CLOSED),
    ("1.2", "9110 2.5", get(version="HTTP/1.2"), 200, KEPT),
    ("1.9", "9110 2.5", get(version="HTTP/1.9"), 200, KEPT),
    ("2.0", "9110 15.6.6", get(version="HTTP/2.0"), 505, CLOSED),
    ("2.0's preface", "9113 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, CLOSED),
    ("0.9", "9110 15.6.6", get(version="HTTP/0.9"), 505, CLOSED),
    ("0.9 as it was", "9112 3", "GET /health\r\n", 400, CLOSED, {"ends": True}),
    ("none, and fields", "9112 3", "GET /health\r\nHost: x\r\n\r\n", 400, CLOSED),
    ("in small letters", "9112 2.3", get(version="http/1.1"), 400, CLOSED),
    ("two digits", "9112 2.3", get(version="HTTP/1.10"), 400, CLOSED),
    ("no point", "9112 2.3", get(version="HTTP/11"), 400, CLOSED),
    ("a comma", "9112 2.3", get(version="HTTP/1,1"), 400, CLOSED),
    ("no number", "9112 2.3", get(version="HTTP/a.b"), 400, CLOSED),
    ("of another protocol", "9112 2.3", get(version="ICAP/1.0"), 400, CLOSED),
)

about(
    "method",
    ("HEAD", "9110 9.3.2", get(method="HEAD"), 200, KEPT, {"nobody": True}),
    ("HEAD of what is not there", "9110 9.3.2", get(method="HEAD", target="/nothing"), 404, KEPT, {"nobody": True}),
    ("known, but not here", "9110 15.5.6", get(method="DELETE"), 405, KEPT, {"has": ("allow", "GET, HEAD, OPTIONS")}),
    ("TRACE", "9110 9.3.8", get(method="TRACE"), 501, KEPT),
    ("CONNECT", "9110 9.3.6", get(method="CONNECT", target="x:80"), 501, KEPT),
    ("in small letters", "9110 9.1", get(method="get"), 501, KEPT),
    ("one that nobody knows", "9110 9.1", get(method="BREW"), 501, KEPT),
    ("one that nobody knows, nowhere", "9110 9.1", get(method="BREW", target="/nothing"), 501, KEPT),
    ("one with a mark", "9110 9.1", get(method="M-SEARCH"), 501, KEPT),
    ("one that is no token", "9112 3", get(method="G(T"), 400, CLOSED),
    ("one of 31 letters", "9110 9.1", get(method="A" * 31), 501, KEPT),
    ("one of 32 letters", "9110 9.1", get(method="A" * 32), 400, CLOSED),
    ("one without an end", "9112 3", "A" * 9000, 400, CLOSED),
)

about(
    "byte",
    ("a NUL in a value", "9110 5.5", get("A: a\0b"), 400, CLOSED),
    ("a NUL in a name", "9110 5.1", get("A\0: b"), 400, CLOSED),
    ("a NUL behind the internal key", "9110 5.5", signed_in("X-Internal-Service-Key: {key}\0x"), 400, CLOSED),
    ("a control character in a value", "9110 5.5", get("A: a\x01b"), 400, CLOSED),
    ("DEL in a value", "9110 5.5", get("A: a\x7fb"), 400, CLOSED),
    ("a tab in a value", "9110 5.5", get("A: a\tb"), 200, KEPT),
    ("a bare CR in a value", "9112 2.2", get("A: a\rb"), 400, CLOSED),
    ("a bare CR at a value's end", "9112 2.2", get("A: a\r"), 400, CLOSED),
    ("a bare LF between fields", "9112 2.2", get("A: a\nB: b"), 400, CLOSED),
    ("a bare LF at the head's end", "9112 2.2", get("A: a")[:-2] + "\n", 400, CLOSED),
    ("a folded line", "9112 5.2", get("A: a\r\n b"), 400, CLOSED),
    ("a line folded by a tab", "9112 5.2", get("A: a\r\n\tb"), 400, CLOSED),
    ("a blank before the first field", "9112 2.2", get(host=" Host: x"), 400, CLOSED),
    ("a blank before a colon", "9112 5.1", get("A : b"), 400, CLOSED),
    ("a tab before a colon", "9112 5.1", get("A\t: b"), 400, CLOSED),
    ("no name", "9112 5", get(": b"), 400, CLOSED),
    ("no colon", "9112 5", get("nonsense"), 400, CLOSED),
    ("a name that is no token", "9110 5.1", get("A(b): c"), 400, CLOSED),
    ("a name that is not ASCII", "9110 5.1", get("\xc3\xa9: b"), 400, CLOSED),
    ("no value", "9110 5.5", get("A:"), 200, KEPT),
    ("Latin-1 in a field that nobody reads", "9110 5.5", get("A: caf\xe9"), 200, KEPT),
    ("Latin-1 in the user agent", "9110 5.5", get("User-Agent: caf\xe9"), 200, KEPT),
    ("UTF-8 in the user agent", "9110 5.5", get("User-Agent: caf\xc3\xa9"), 200, KEPT),
    ("Latin-1 in a key", "9110 5.5", post("Idempotency-Key: caf\xe9-order-0001"), 400, KEPT),
    ("Latin-1 in credentials", "9110 5.5", signed_in("Authorization: Bearer caf\xe9"), 400, KEPT),
    ("Latin-1 in a validator", "9110 8.8.3", get('If-None-Match: "caf\xe9"'), 200, KEPT),
)

about(
    "field",
    ("traceparent", "trace-context 3.2", get(PARENT), 200, KEPT, {"trace": SAME}),
    ("traceparent, blanks around it", "9110 5.5", get(f"{PARENT} \t "), 200, KEPT, {"trace": SAME}),
    ("two traceparents", "trace-context 4.2", get(PARENT, PARENT.replace("317", "318")), 200, KEPT, {"trace": OTHER}),
    ("traceparent twice the same", "trace-context 4.2", get(PARENT, PARENT), 200, KEPT, {"trace": OTHER}),
    ("tracestate in two lines", "trace-context 3.3.1", get(PARENT, "tracestate: a=1", "tracestate: b=2"), 200, KEPT,
     {"trace": SAME}),
    ("tracestate of nonsense", "trace-context 3.3.1", get(PARENT, "tracestate: =,=\xff"), 200, KEPT, {"trace": SAME}),
    ("key", "9110 5.5", post("Idempotency-Key: raw-order-0001"), 200, KEPT),
    ("key, blanks around it", "9110 5.5", post("Idempotency-Key: \t raw-order-0001 \t"), 200, KEPT,
     {"has": ("idempotency-replayed", "true")}),
    ("two keys", "9110 5.3", post("Idempotency-Key: raw-order-0001", "Idempotency-Key: raw-order-0002"), 400, KEPT),
    ("key twice the same", "9110 5.3", post("Idempotency-Key: raw-order-0001", "Idempotency-Key: raw-order-0001"), 400,
     KEPT),
    ("key of 8 characters", "9110 5.5", post("Idempotency-Key: aB3._:-z"), 200, KEPT),
    ("key of 7 characters", "9110 5.5", post("Idempotency-Key: aB3._:-"), 422, KEPT),
    ("key of 64 characters", "9110 5.5", post("Idempotency-Key: " + "k" * 64), 200, KEPT),
    ("key of 65 characters", "9110 5.5", post("Idempotency-Key: " + "k" * 65), 422, KEPT),
    ("key that is empty", "9110 5.5", post("Idempotency-Key:"), 422, KEPT),
    ("key with a NUL", "9110 5.5", post("Idempotency-Key: nul-key-0001\0a"), 400, CLOSED),
    ("key of the wrong characters", "9110 5.5", post("Idempotency-Key: raw order 0001"), 422, KEPT),
    ("credentials", "9110 11.6.2", signed_in("Authorization: Bearer {token}"), 200, KEPT),
    ("credentials, blanks around them", "9110 5.5", signed_in("Authorization: \tBearer {token} \t"), 200, KEPT),
    ("credentials, scheme in small letters", "9110 11.1", signed_in("Authorization: bearer {token}"), 200, KEPT),
    ("credentials, two blanks within", "9110 11.4", signed_in("Authorization: Bearer  {token}"), 200, KEPT),
    ("credentials twice", "9110 5.3", signed_in("Authorization: Bearer {token}", "Authorization: Bearer {token}"), 400,
     KEPT),
    ("credentials that are none, beside a cookie", "9110 11.6.2",
     signed_in("Authorization: Bearer", "Cookie: {cookie}={token}"), 401, KEPT),
    ("credentials for somebody else, beside a cookie", "9110 11.6.2",
     signed_in("Authorization: Basic eDp4", "Cookie: {cookie}={token}"), 200, KEPT),
    ("credentials of another scheme", "9110 11.6.2", signed_in("Authorization: Basic eDp4"), 401, KEPT),
    ("session's id, blanks around it", "9110 5.5", signed_in("X-Session-Id: \t{token}\t "), 200, KEPT),
    ("session's id twice", "9110 5.3", signed_in("X-Session-Id: {token}", "X-Session-Id: {token}"), 400, KEPT),
    ("internal key, blanks around it", "9110 5.5", signed_in("X-Internal-Service-Key: \t{key}\t "), 200, KEPT),
    ("internal key twice", "9110 5.3", signed_in("X-Internal-Service-Key: {key}", "X-Internal-Service-Key: no"), 400,
     KEPT),
    ("cookie", "6265 5.4", signed_in("Cookie: {cookie}={token}"), 200, KEPT),
    ("cookie, blanks around it", "9110 5.5", signed_in("Cookie: \t{cookie}={token} \t"), 200, KEPT),
    ("cookie behind one that is Latin-1", "6265 5.4", signed_in("Cookie: n=J\xf6rg; {cookie}={token}"), 200, KEPT),
    ("cookie in a second line", "9113 8.2.3", signed_in("Cookie: a=1", "Cookie: {cookie}={token}"), 200, KEPT),
    ("cookie twice the same", "6265 5.4", signed_in("Cookie: {cookie}={token}; {cookie}={token}"), 200, KEPT),
    ("cookie twice", "6265 5.4", signed_in("Cookie: {cookie}={token}; {cookie}=0"), 400, KEPT),
    ("cookie twice, in two lines", "6265 5.4", signed_in("Cookie: {cookie}=0", "Cookie: {cookie}={token}"), 400, KEPT),
    ("cookie that is Latin-1", "6265 5.4", signed_in("Cookie: {cookie}=J\xf6rg"), 400, KEPT),
    ("cookie behind a hundred others", "6265 6.1", signed_in("Cookie: " + "a=1; " * 100 + "{cookie}={token}"), 200, KEPT),
    ("type, blanks around it", "9110 5.5", post(kind="Content-Type: \tapplication/json \t"), 200, KEPT),
    ("type twice", "9110 5.3", post("Content-Type: application/json"), 400, KEPT),
    ("type missing", "9110 8.3", post(kind=None), 415, KEPT),
    ("type of another kind", "9110 15.5.16", post(kind="Content-Type: text/plain"), 415, KEPT),
    ("type with a charset", "9110 8.3.2", post(kind='Content-Type: application/json; Charset="UTF-8"'), 200, KEPT),
    ("type with another charset", "9110 8.3.2", post(kind="Content-Type: application/json; charset=latin1"), 415, KEPT),
    ("type with an empty parameter", "9110 5.6.6", post(kind="Content-Type: application/json;"), 200, KEPT),
    ("type with half a parameter", "9110 5.6.6", post(kind="Content-Type: application/json; charset"), 415, KEPT),
    ("two types in one", "9110 8.3", post(kind="Content-Type: application/json, text/plain"), 415, KEPT),
    ("Accept in two lines", "9110 5.3", get("Accept: application/json;q=0.5", "Accept: text/html", target="/nothing"),
     404, KEPT, {"has": ("content-type", "text/html; charset=utf-8")}),
    ("Accept of nonsense", "9110 12.5.1", get('Accept: ;q=,"', target="/nothing"), 404, KEPT),
    ("validators in two lines", "9110 13.1.2", get('If-None-Match: "a"', "If-None-Match: *", target="/openapi.json"), 304,
     KEPT, {"nobody": True}),
    ("user agent twice", "9110 5.3", get("User-Agent: a", "User-Agent: b"), 400, KEPT),
    ("sender twice", "9110 5.3", get("From: a@example.org", "From: b@example.org"), 400, KEPT),
    ("referrer twice", "9110 5.3", get("Referer: /a", "Referer: /b"), 400, KEPT),
    ("hops that are left, twice", "9110 5.3", get("Max-Forwards: 1", "Max-Forwards: 1"), 400, KEPT),
    ("date of a form twice", "9110 5.3", get(*["If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"] * 2), 400, KEPT),
    ("date of a change twice", "9110 5.3", get(*["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"] * 2), 400, KEPT),
    ("origin twice", "6454 7.3", get("Origin: http://a", "Origin: http://b"), 400, KEPT),
    ("request id that is none", "9110 5.5", get("X-Request-Id: caf\xe9"), 200, KEPT),
    ("request id twice", "9110 5.3", get("X-Request-Id: a", "X-Request-Id: b"), 400, KEPT),
    ("names in capitals", "9110 5.1", signed_in("AUTHORIZATION: Bearer {token}"), 200, KEPT),
    ("nothing behind the colon but the value", "9112 5.1", signed_in("Authorization:Bearer {token}"), 200, KEPT),
)

about(
    "content coding",
    ("identity", "9110 8.4.1", post("Content-Encoding: identity"), 200, KEPT),
    ("identity twice", "9110 8.4.1", post("Content-Encoding: identity", "Content-Encoding: identity"), 200, KEPT),
    ("gzip", "9110 8.4.1.3", post("Content-Encoding: gzip", body=packed(BODY)), 200, KEPT),
    ("gzip by its old name", "9110 8.4.1.3", post("Content-Encoding: X-Gzip", body=packed(BODY)), 200, KEPT),
    ("gzip in chunks", "9112 7.1",
     chunked(f"{len(packed(BODY)):x}\r\n{packed(BODY)}\r\n0\r\n\r\n", "Content-Encoding: gzip"), 200, KEPT),
    ("gzip that is none", "9110 8.4.1.3", post("Content-Encoding: gzip"), 400, KEPT),
    ("gzip that is cut off", "9110 8.4.1.3", post("Content-Encoding: gzip", body=packed(BODY)[:-1]), 400, KEPT),
    ("gzip twice", "9110 15.5.16", post("Content-Encoding: gzip, gzip", body=packed(packed(BODY))), 415, KEPT),
    ("gzip of the greatest body", "9110 15.5.14", post("Content-Encoding: gzip", body=packed(body_of(BODY_MAX))), 200,
     KEPT),
    ("gzip of one byte more", "9110 15.5.14", post("Content-Encoding: gzip", body=packed(body_of(BODY_MAX + 1))), 413,
     KEPT),
    ("gzip of 20 MB", "9110 15.5.14", post("Content-Encoding: gzip", body=packed(" " * 20_000_000)), 413, KEPT),
    ("br", "9110 15.5.16", post("Content-Encoding: br"), 415, KEPT),
    ("one that nobody knows", "9110 15.5.16", post("Content-Encoding: rot13"), 415, KEPT),
    ("br in a second line", "9110 15.5.16", post("Content-Encoding: identity", "Content-Encoding: br"), 415, KEPT),
    ("blanks around it", "9110 5.5", post("Content-Encoding:  BR\t"), 415, KEPT),
    ("gzip beside identity", "9110 8.4",
     post("Content-Encoding: identity", "Content-Encoding: , gzip", body=packed(BODY)), 200, KEPT),
    ("gzip of two members", "1952 2.2",
     post("Content-Encoding: gzip", body=packed(BODY[:5]) + packed(BODY[5:])), 200, KEPT),
    ("gzip and more behind it", "1952 2.3", post("Content-Encoding: gzip", body=packed(BODY) + "\0"), 400, KEPT),
)

about(
    "size",
    ("of the greatest head", "6585 5", head_of(HEAD_MAX), 200, KEPT),
    ("past it", "6585 5", head_of(HEAD_MAX + 1), 431, CLOSED),
    ("far past it", "6585 5", head_of(4 * HEAD_MAX), 431, CLOSED),
    ("a value without an end", "6585 5", get("A: " + "a" * HEAD_MAX)[:-4], 431, CLOSED),
    ("as many fields as may be", "6585 5", get(*["A: b"] * (FIELDS_MAX - 1)), 200, KEPT),
    ("one more", "6585 5", get(*["A: b"] * FIELDS_MAX), 431, CLOSED),
    ("five thousand fields", "6585 5", get(*["A: b"] * 5000), 431, CLOSED),
    ("of the greatest body", "9110 15.5.14", post(body=body_of(BODY_MAX)), 200, KEPT),
    ("one byte more", "9110 15.5.14", post(body=body_of(BODY_MAX + 1)), 413, KEPT),
    ("of the greatest body in chunks", "9112 7.1",
     chunked(f"{BODY_MAX:x}\r\n{body_of(BODY_MAX)}\r\n0\r\n\r\n"), 200, KEPT),
    ("one byte more in chunks", "9112 7.1",
     chunked(f"{BODY_MAX + 1:x}\r\n{body_of(BODY_MAX + 1)}\r\n0\r\n\r\n"), 413, KEPT),
    ("announced beyond all bounds", "9110 15.5.14", post("Content-Length: 1000000000000", length=False), 413, CLOSED),
)

about(
    "many",
    ("two", "9112 9.3.2", get() + get(target="/nothing"), (200, 404), KEPT),
    ("ten", "9112 9.3.2", get() * 10, (200,) * 10, KEPT),
    ("a thousand", "9112 9.3.2", get() * 1000, (200,) * 1000, KEPT),
    ("with bodies", "9112 9.3.2", post() + get() + chunked(one_chunk()) + post(), (200,) * 4, KEPT),
    ("HEAD before GET", "9112 6.3", get(method="HEAD") + get(), (200, 200), KEPT, {"nobody": True}),
    ("the last of which asks to close", "9112 9.6", get() * 2 + get("Connection: close"), (200,) * 3, CLOSED),
    ("the first of which asks to close", "9112 9.6", get("Connection: close") + get(), 200, CLOSED),
    ("garbage behind a good one", "9112 2.2", get() + "\x01\x02\r\n\r\n", (200, 400), CLOSED),
    ("garbage behind one with a body", "9112 2.2", post() + "garbage\r\n\r\n", (200, 400), CLOSED),
    ("an empty line between two", "9112 2.2", get() + "\r\n" + get(), (200, 200), KEPT),
    ("a good one behind one without Host", "9112 3.2", get(host=None) + get(), 400, CLOSED),
    ("a good one behind one that is refused", "9112 9.3", get(target="/nothing") + get(), (404, 200), KEPT),
    ("a good one within a body that is refused", "9112 9.3", post(body=get(), kind=None), 415, KEPT),
    ("readers and writers by turns", "9112 9.3.2", (get(target="/ready") + post()) * 3, (200,) * 6, KEPT),
)

about(
    "end",
    ("behind a request", "9112 9.6", get(), 200, CLOSED, {"ends": True}),
    ("behind two", "9112 9.6", get() + post(), (200, 200), CLOSED, {"ends": True}),
    ("behind nothing", "9112 9.6", "", (), CLOSED, {"ends": True}),
    ("behind an empty line", "9112 2.2", "\r\n", (), CLOSED, {"ends": True}),
    ("within the first line", "9112 8", "GET /hea", 400, CLOSED, {"ends": True}),
    ("within the head", "9112 8", get()[:-2], 400, CLOSED, {"ends": True}),
    ("within a body", "9112 8", post()[:-1], 400, CLOSED, {"ends": True}),
    ("within a chunk", "9112 8", chunked(one_chunk())[:-9], 400, CLOSED, {"ends": True}),
    ("before the last chunk", "9112 8", chunked(one_chunk())[:-5], 400, CLOSED, {"ends": True}),
)

about(
    "connection",
    ("close", "9112 9.6", get("Connection: close"), 200, CLOSED),
    ("close, in capitals", "9112 9.6", get("CONNECTION: CLOSE"), 200, CLOSED),
    ("close among others", "9112 9.6", get("Connection: keep-alive, x, close"), 200, CLOSED),
    ("close in a second line", "9112 9.6", get("Connection: x", "Connection: close"), 200, CLOSED),
    ("something like close", "9112 9.6", get("Connection: closed"), 200, KEPT),
    ("close with what is not there", "9112 9.6", get("Connection: close", target="/nothing"), 404, CLOSED),
    ("1.0", "9112 9.3", get(version="HTTP/1.0"), 200, CLOSED),
    ("1.0, keep-alive", "9112 9.3", get("Connection: keep-alive", version="HTTP/1.0"), 200, KEPT,
     {"has": ("connection", "keep-alive")}),
    ("1.0, Keep-Alive in capitals", "9112 9.3", get("Connection: Keep-Alive", version="HTTP/1.0"), 200, KEPT),
    ("1.0, keep-alive and close", "9112 9.3", get("Connection: keep-alive, close", version="HTTP/1.0"), 200, CLOSED),
    ("1.0, with a body", "9112 9.3", post(version="HTTP/1.0"), 200, CLOSED),
    ("1.0, with a body of no length", "9112 6.3", post(version="HTTP/1.0", length=False), 400, CLOSED),
    ("1.0, two and keep-alive", "9112 9.3", get("Connection: keep-alive", version="HTTP/1.0") * 2, (200, 200), KEPT),
    ("an upgrade that nobody wants", "9110 7.8", get("Connection: Upgrade", "Upgrade: h2c"), 200, KEPT),
)

about(
    "expectation",
    ("100-continue", "9110 10.1.1", post("Expect: 100-continue")[:-len(BODY)], (100, 200), KEPT, {"waits": BODY}),
    ("100-continue in capitals", "9110 10.1.1", post("Expect: 100-CONTINUE")[:-len(BODY)], (100, 200), KEPT,
     {"waits": BODY}),
    ("100-continue, in chunks", "9110 10.1.1", chunked("", "Expect: 100-continue"), (100, 200), KEPT,
     {"waits": one_chunk()}),
    ("100-continue without a body", "9110 10.1.1", get("Expect: 100-continue"), 200, KEPT),
    ("100-continue in HTTP/1.0", "9110 10.1.1", post("Expect: 100-continue", version="HTTP/1.0"), 200, CLOSED),
    ("100-continue, but nothing is there", "9110 10.1.1",
     get("Expect: 100-continue", "Content-Length: 12", target="/nothing", method="POST"), 404, CLOSED),
    ("100-continue, but too much", "9110 10.1.1",
     post("Expect: 100-continue", f"Content-Length: {BODY_MAX + 1}", body="", length=False), 413, CLOSED),
    ("something else", "9110 10.1.1", post("Expect: tea"), 417, CLOSED),
    ("something else beside 100-continue", "9110 10.1.1", post("Expect: 100-continue, tea"), 417, CLOSED),
)

# What nginx 1.22 in front of the services says where it is something else; () is nothing at all. It mends what these
# do not let pass (bare line feeds, two blanks, chunks that do not fit), refuses itself by other statuses, does not say
# what was wrong with half a request, and lets no blank stand behind a length, a coding or a Host.
NGINX = {
    "length: blanks around it": 400,
    "length: past 63 bits": 400,
    "length: past 64 bits": 400,
    "length: twenty-one digits": 400,
    "length: beside an unknown coding": 501,
    "chunks: extension of 256 characters": 200,
    "chunks: extension of 10 KB": 200,
    "chunks: extension with a control character": 200,
    "chunks: trailer that is no field": 200,
    "chunks: trailer with a blank before the colon": 200,
    "chunks: trailers of one byte more": 200,
    "chunks: trailers of 40 KB": 200,
    "chunks: blanks around the name": 501,
    "chunks: an empty element beside the name": 501,
    "chunks: size of 10 KB of noughts": 200,
    "chunks: size of 15 digits": 400,
    "chunks: longer than its data": 200,
    "chunks: size that ends with a bare LF": 200,
    "chunks: data that ends with a bare LF": 200,
    "chunks: last without an empty line, then a request": 200,
    "coding: chunked twice": 501,
    "coding: gzip in a second line": 400,
    "coding: none, but the field": 501,
    "target: absolute of another scheme": 200,
    "target: an asterisk with OPTIONS": 400,
    "target: escaped dots": 400,
    "host: missing in HTTP/1.0": 400,
    "host: blanks around it": 400,
    "line: two blanks before the target": 200,
    "line: two blanks before the version": 200,
    "line: a blank at the end": 200,
    "line: a bare LF at its end": 200,
    "line: bare LFs at all ends": 200,
    "version: 2.0's preface": 400,
    "version: 0.9": 400,
    "version: 0.9 as it was": (),
    "version: none, and fields": (),
    "version: two digits": 200,
    "version: no point": 505,
    "method: TRACE": 405,
    "method: CONNECT": 400,
    "method: in small letters": 400,
    "method: one without an end": (),
    "byte: a bare CR at a value's end": 200,
    "byte: a bare LF between fields": 200,
    "byte: a bare LF at the head's end": 200,
    "byte: no colon": 200,
    "byte: a name that is no token": 200,
    "byte: a name that is not ASCII": 200,
    "field: validators in two lines": 400,
    "size: far past it": 400,
    "size: a value without an end": 400,
    "size: five thousand fields": 400,
    "end: within the first line": (),
    "end: within the head": (),
    "end: within a body": (),
    "end: within a chunk": (),
    "end: before the last chunk": (),
    "expectation: 100-continue without a body": 100,
    "expectation: 100-continue, but nothing is there": 100,
    "expectation: something else": 200,
    "expectation: something else beside 100-continue": 200,
}
