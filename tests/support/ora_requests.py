"""What a client says to an Oracle server after its log-on, read from a listener's record: each message as its kind and
its fields by name, so that those of two drivers can be held against each other.

Read is the form of clients that declare everything as newer drivers do (no bare texts), with field version 12.
"""

import re

PIGGYBACK, FUNCTION = 17, 3
DATA = 6
EOF = 0x40

OPTIONS = {0x1: "PARSE", 0x8: "BIND", 0x10: "DEFINE", 0x20: "EXECUTE", 0x40: "FETCH", 0x100: "COMMIT",
           0x400: "PLSQL_BIND", 0x8000: "NOT_PLSQL", 0x20000: "DESCRIBE", 0x80000: "BATCH_ERRORS"}
SIMPLE = {9: "LOGOFF", 14: "COMMIT", 15: "ROLLBACK", 147: "PING"}


class Reader:
    def __init__(self, octets):
        self.octets = octets
        self.at = 0

    def raw(self, count):
        part = self.octets[self.at:self.at + count]
        if len(part) < count:
            raise ValueError(f"{count} bytes wanted at {self.at} of {len(self.octets)}")
        self.at += count
        return part

    def u8(self):
        return self.raw(1)[0]

    def number(self):
        """Behind a byte with its length."""
        return int.from_bytes(self.raw(self.u8()))

    def text(self):
        """A string with its own length, in chunks or not."""
        length = self.u8()
        if length in (0, 0xFF):
            return b""
        if length != 0xFE:
            return self.raw(length)
        chunks = []
        while size := self.number():
            chunks.append(self.raw(size))
        return b"".join(chunks)

    def long_text(self):
        return self.text() if self.number() else b""

    def rest(self):
        return self.raw(len(self.octets) - self.at)


def flags(value, names):
    known = [name for bit, name in names.items() if value & bit]
    unknown = value & ~sum(names)
    return " ".join(known + ([hex(unknown)] if unknown else []))


def metadata(reader, prefix, fields):
    for name, read in (("type", Reader.u8), ("flags", Reader.u8), ("precision", Reader.u8), ("scale", Reader.u8),
                       ("size", Reader.number), ("elements", Reader.number), ("continuation", Reader.number),
                       ("object type", Reader.long_text), ("object version", Reader.number), ("character set", Reader.number),
                       ("form", Reader.u8), ("LOB bytes", Reader.number), ("collation", Reader.number)):
        fields[f"{prefix} {name}"] = fields.get(f"{prefix} {name}", ()) + (read(reader),)


def read_execute(reader):
    fields = {"options": flags(reader.number(), OPTIONS), "cursor": reader.number()}
    has_sql = reader.u8()
    fields["length of text"] = reader.number()
    fields["parameters"] = (reader.u8(), reader.number())
    fields["output"] = tuple(reader.raw(2))
    fields["prefetch bytes"] = reader.number()
    fields["rows"] = reader.number()
    fields["longest LONG"] = reader.number()
    reader.u8()
    binds = reader.number()
    fields["transaction"] = tuple(reader.raw(5))
    reader.u8()
    defines = reader.number()
    fields["registration"] = reader.number()
    fields["objects"] = tuple(reader.raw(2))
    fields["dynamic names"] = (reader.u8(), reader.number(), reader.u8(), reader.number())
    fields["registration, upper half"] = reader.number()
    fields["row counts"] = (reader.u8(), reader.number(), reader.u8())
    fields["SQL_ID"] = (reader.u8(), reader.number(), reader.u8(), reader.number(), reader.u8())
    fields["chunks"] = (reader.u8(), reader.number())
    fields["text"] = reader.text().decode() if has_sql else None
    for i in range(13):
        fields[f"parameter {i}"] = reader.number()
    for _ in range(defines):
        metadata(reader, "define", fields)
    if "BIND" in fields["options"]:
        for _ in range(binds):
            metadata(reader, "bind", fields)
    fields["values"] = reader.rest().hex()
    return "EXECUTE", fields


def read_reexecute(reader, kind):
    return kind, {"cursor": reader.number(), "count": reader.number(), "mode": reader.number(),
                  "commits": reader.number(), "values": reader.rest().hex()}


def read_lob(reader):
    fields = {}
    for name, read in (("source", Reader.u8), ("source length", Reader.number), ("destination", Reader.u8),
                       ("destination length", Reader.number), ("short source offset", Reader.number),
                       ("short destination offset", Reader.number), ("character set", Reader.u8), ("short amount", Reader.u8),
                       ("NULL flag", Reader.u8), ("operation", Reader.number)):
        fields[name] = read(reader)
    fields["SCN"] = tuple(reader.raw(2))
    fields["source offset"] = reader.number()
    fields["destination offset"] = reader.number()
    fields["amount follows"] = reader.u8()
    fields["arrays"] = reader.raw(6).hex()
    reader.raw(fields["source length"])
    fields["amount or data"] = reader.rest().hex()
    return "LOB", fields


def read_end_to_end(reader):
    fields = {"identity": tuple(reader.raw(2)), "changes": hex(reader.number())}
    lengths = {}
    for name in ("client identifier", "module", "action", "execution context", None, "client info", None, None, "operation"):
        pointer, length = reader.u8(), reader.number()
        fields[name or f"unused {len(lengths)}"] = (pointer, length)
        lengths[name or f"unused {len(lengths)}"] = length
    fields["texts"] = tuple(reader.text().decode() for length in lengths.values() if length)
    return "TAGS", fields


def read_piggyback(function, reader):
    if function in (105, 120):
        reader.u8()
        return ("CLOSE CURSORS", "CANCEL CURSORS")[function == 120], {"cursors": [reader.number() for _ in range(reader.number())]}
    if function == 135:
        return read_end_to_end(reader)
    if function == 96:
        reader.u8()
        total = reader.number()
        reader.raw(1)
        for _ in range(3):
            reader.number()
        reader.raw(3)
        operation = reader.number()
        reader.raw(1)
        for _ in range(3):
            reader.number()
        reader.raw(1)
        for _ in range(3):
            reader.raw(1)
            reader.number()
        reader.raw(total)
        return "FREE LOBS", {"operation": hex(operation)}
    raise ValueError(f"piggyback {function}")


def read_request(octets):
    """Its messages: piggybacks, and a function at the end."""
    reader = Reader(octets)
    while True:
        message, function, _sequence = reader.raw(3)
        if message == PIGGYBACK:
            yield read_piggyback(function, reader)
            continue
        if message != FUNCTION:
            raise ValueError(f"message {message}")
        if function == 94:
            yield read_execute(reader)
        elif function in (4, 78):
            yield read_reexecute(reader, "RE-EXECUTE" if function == 4 else "RE-EXECUTE AND FETCH")
        elif function == 5:
            yield "FETCH", {"cursor": reader.number(), "rows": reader.number()}
        elif function == 96:
            yield read_lob(reader)
        else:
            yield SIMPLE[function], {"rest": reader.rest().hex()}
        return


def packets(record):
    """Direction and bytes of each; of one that was left out None."""
    for block in re.split(r"^# packet ", record, flags=re.M)[1:]:
        lines = block.splitlines()
        direction = lines[0].split()[1]
        if "LEFT OUT" in lines[0]:
            yield direction, None
        else:
            yield direction, bytes.fromhex("".join(line[1:] for line in lines[1:] if line[:1] == direction))


def requests(record):
    """Bodies of what a client asks behind its log-on: what it sends before the server answers."""
    is_logged_on = False
    body = b""
    for direction, octets in packets(record):
        if octets is None:  # a log-on is left out
            is_logged_on = True
        elif direction == ">" and is_logged_on and len(octets) > 10 and octets[4] == DATA:
            body += octets[10:]
        elif direction == "<" and body:
            if body[0] in (PIGGYBACK, FUNCTION):
                yield body
            body = b""


def messages(record):
    for body in requests(record):
        yield from read_request(body)
