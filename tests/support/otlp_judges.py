"""Public readers of OTLP: protoc with OpenTelemetry's own .proto files, and its code for Node."""

import base64
import json
import pathlib
import re
import shutil
import subprocess
import unittest

from support import npm

HERE = pathlib.Path(__file__).resolve().parent / "otlp_judges"
PROTOS = HERE / "node_modules/@opentelemetry/exporter-collector-proto/build/protos"
WORDS = {"traces": "trace", "metrics": "metrics", "logs": "logs"}


def node_reads(bodies, signal="traces"):
    """Each body as the object that Node's code makes of it; ids in hexadecimal digits."""
    npm.need(HERE)
    lines = "".join(base64.b64encode(body).decode() + "\n" for body in bodies)
    done = subprocess.run(["node", "decode.js", signal], cwd=HERE, input=lines, text=True, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [with_hex_ids(json.loads(line)) for line in done.stdout.splitlines()]


def with_hex_ids(value):
    """Ids are bytes, which JSON made by others than OpenTelemetry has as base64."""
    if isinstance(value, list):
        return [with_hex_ids(one) for one in value]
    if isinstance(value, dict):
        return {name: base64.b64decode(one).hex() if name in ("traceId", "spanId", "parentSpanId")
                else with_hex_ids(one) for name, one in value.items()}
    return value


# --- protoc ---

def protoc_prints(body, signal="traces"):
    """What protoc --decode prints of it."""
    npm.need(HERE)
    if not shutil.which("protoc"):
        raise unittest.SkipTest("there is no protoc")
    word = WORDS[signal]
    file = f"opentelemetry/proto/collector/{word}/v1/{word}_service.proto"
    message = f"opentelemetry.proto.collector.{word}.v1.Export{word.capitalize()}ServiceRequest"
    done = subprocess.run(["protoc", f"--proto_path={PROTOS}", f"--decode={message}", file], input=body,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done.stdout.decode()


ESCAPE = re.compile(r'\\(?:([0-7]{1,3})|(.))', re.S)
NAMED = {"n": 10, "r": 13, "t": 9}
LINE = re.compile(r'\s*(?:(?P<end>\})|(?P<begin>\w+) \{|(?P<name>\w+): (?P<value>.*))$')


def text_of(quoted):
    """The bytes of a string as protoc prints it."""
    octets = bytearray()
    at = 0
    for match in ESCAPE.finditer(quoted):
        octets += quoted[at:match.start()].encode()
        octets.append(int(match[1], 8) if match[1] else NAMED.get(match[2], ord(match[2])))
        at = match.end()
    return bytes(octets + quoted[at:].encode())


def parse_printed(text):
    """The messages of protoc's text form as lists of names and values: bytes, numbers as text, or lists again."""
    stack = [[]]
    for line in text.splitlines():
        match = LINE.match(line)
        if match["end"]:
            stack.pop()
        elif match["begin"]:
            inner = []
            stack[-1].append((match["begin"], inner))
            stack.append(inner)
        else:
            value = match["value"]
            stack[-1].append((match["name"], text_of(value[1:-1]) if value.startswith('"') else value))
    return stack[0]


# Names of that .proto files, which are from before 1.0, that have others since.
SINCE = {"instrumentation_library_spans": "scopeSpans", "instrumentation_library": "scope"}
LISTS = {"resourceSpans", "scopeSpans", "spans", "attributes", "events", "links", "values"}
IDS = {"traceId", "spanId", "parentSpanId"}
KINDS = {"SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2, "SPAN_KIND_CLIENT": 3, "SPAN_KIND_PRODUCER": 4,
         "SPAN_KIND_CONSUMER": 5, "STATUS_CODE_ERROR": 2}


def as_json(fields):
    """The same as OTLP's JSON has it. Of numbers that those files do not know (flags, 16) nothing is left."""
    message = {}
    for name, value in fields:
        name = SINCE.get(name, re.sub(r"_(\w)", lambda match: match[1].upper(), name))
        if isinstance(value, list):
            value = as_json(value)
        elif isinstance(value, bytes):
            value = value.hex() if name in IDS else value.decode()
        elif name == "doubleValue":
            value = float(value)
        elif name == "boolValue":
            value = value == "true"
        else:
            value = KINDS.get(value, value)
        if name.isdigit():
            continue
        if name in LISTS:
            message.setdefault(name, []).append(value)
        else:
            message[name] = value
    return message


def protoc_reads(bodies, signal="traces"):
    return [as_json(parse_printed(protoc_prints(body, signal))) for body in bodies]


# --- what fields there are ---

GENERATED = HERE / "node_modules/@opentelemetry/otlp-transformer/build/src/generated/root.js"
ENCODER = re.compile(r"^ +(\w+)\.encode = function encode\(message, writer\) \{$(.*?)^ +return writer;$", re.M | re.S)
SIMPLE = re.compile(r"(?:\*/ \d+\)|writer)\.(bool|bytes|double|s?fixed\d+|[su]?int\d+|string)\(message")


def fields_of_node():
    """Of each message that Node's code can write: its fields as (name in JSON, number, type, is a list). A message as
    type is its name."""
    npm.need(HERE)
    found = {}
    for name, body in ENCODER.findall(GENERATED.read_text(encoding="utf-8")):
        fields = found[name] = set()
        for part in re.split(r"^ +(?=if \(message\.)", body, flags=re.M)[1:]:
            holds = re.search(r"\.(\w+)\.encode\(", part) or SIMPLE.search(part)
            fields.add((re.match(r"if \(message\.(\w+)", part)[1], int(re.search(r"/\* id (\d+),", part)[1]),
                        holds[1], ".length)" in part))
    return found


SCHEMA = HERE.parents[2] / "src/otlp/schema.h"
ROW = re.compile(r'X\((\w+), \w+, (\d+), "(\w+)", (\w+), (\w+), (?:&(\w+)|NULL)\)')
MESSAGE = re.compile(r'M\((\w+), (\w+), "(\w+)"\)')
KINDS_OF_NODE = {"TEXT": "string", "BYTES": "bytes", "ID": "bytes", "ENUM": "int32"}


def fields_of_ours():
    """The same of the lists in src/otlp/schema.h."""
    text = re.sub(r"\s*\\\n\s*", " ", SCHEMA.read_text(encoding="utf-8"))
    messages = {prefix: (table, name) for prefix, table, name in MESSAGE.findall(text)}
    names = dict(messages.values())
    found = {name: set() for name in names.values()}
    for prefix, number, name, kind, label, table in ROW.findall(text):
        found[messages[prefix][1]].add((name, int(number), names.get(table) or KINDS_OF_NODE.get(kind, kind.lower()),
                                        label == "MANY"))
    return found
