"""Holds what a service answers against what its OpenAPI document says.

A member that the document lacks is a fault as much as one that is missing, though a client has to bear the
former: what is promised and what is given may not part unseen. Only the words of JSON Schema that our documents
have are known here; another one is an error.

OCTO_ANSWERS names a file that gets all that was judged, a line of JSON each, for other judges (tests/by_hand).
"""

import decimal
import json
import os
import re

WORDS = {"$ref", "type", "properties", "required", "items", "enum", "oneOf", "pattern", "format", "minimum",
         "maximum", "minLength", "maxLength", "minItems", "maxItems", "description", "examples", "default", "contentMediaType", "contentSchema"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
EVENTS_TYPE = "text/event-stream"
PROBLEM_TYPE = "application/problem+json"
# What any request may get, whatever it asks for: no route has them in its list.
BY_DEFAULT = {405, 414, 431, 500, 501, 502, 505}


def is_number(value):
    return isinstance(value, (int, decimal.Decimal)) and not isinstance(value, bool)


TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
FORMATS = {
    "date-time": lambda value: TIME.fullmatch(value) is not None,
    "decimal": lambda value: isinstance(value, decimal.Decimal) and value.as_tuple().exponent == -2,
    "int64": lambda value: -2**63 <= value < 2**63,
}


class Described:
    """The document of a service. `seen` has the members of schemas that were judged, as "Cart.total",
    `statuses` what the operations were seen to answer, as (method, template, status)."""

    def __init__(self, document):
        self.document = document
        self.operations = {(method.upper(), path): operation for path, item in document["paths"].items()
                           for method, operation in item.items()}
        self.seen = set()
        self.statuses = set()

    def template_of(self, method, path):
        """The template of a path: of those that fit the one with the fewest parameters; None: none does."""
        path = path.split("?")[0]
        fitting = [template for known, template in self.operations if known == method and
                   re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)]
        return min(fitting, key=lambda template: template.count("{"), default=None)

    def resolve(self, value):
        while "$ref" in value:
            place = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                place = place[name]
            value = place
        return value

    def members(self, of_events=False):
        """All members that replies may have, or events, as `seen` has them."""
        waiting = [content["schema"] for operation in self.operations.values()
                   for response in operation["responses"].values()
                   for kind, content in self.resolve(response).get("content", {}).items()
                   if (kind == EVENTS_TYPE) == of_events]
        found, done = set(), set()
        while waiting:
            schema = waiting.pop()
            waiting += [schema[word] for word in ("items", "contentSchema") if word in schema]
            waiting += [*schema.get("oneOf", []), *schema.get("properties", {}).values()]
            name = name_of(schema)
            if name and name not in done:
                done.add(name)
                properties = self.resolve(schema).get("properties", {})
                found |= {f"{name}.{member}" for member in properties}
                waiting += properties.values()
        return found

    def faults(self, method, path, answer):
        """All that is wrong with an answer to that request."""
        template = self.template_of(method, path)
        if template is None:
            return self.body_faults({PROBLEM_TYPE: {"schema": PROBLEM}}, answer)
        self.statuses.add((method, template, answer.status))
        self.record(method, template, answer)
        responses = self.operations[method, template]["responses"]
        response = responses.get(str(answer.status))
        if response is None and answer.status in BY_DEFAULT:
            response = responses["default"]
        if response is None:
            return [f"{method} {template} has no status {answer.status}"]
        response = self.resolve(response)
        return (self.header_faults(response.get("headers", {}), answer) +
                self.body_faults(response.get("content", {}), answer))

    def event_faults(self, path, event):
        """All that is wrong with an event of a stream: its id, its type and its data, as they came."""
        schema = self.operations["GET", path]["responses"]["200"]["content"][EVENTS_TYPE]["schema"]
        return list(self.value_faults([event], schema, "events"))

    def record(self, method, template, answer):
        if "OCTO_ANSWERS" in os.environ:
            with open(os.environ["OCTO_ANSWERS"], "a", encoding="utf-8") as file:
                print(json.dumps({
                    "service": self.document["info"]["title"], "method": method.lower(), "template": template,
                    "status": answer.status, "type": answer.headers.get("content-type", "").split(";")[0],
                    "body": answer.raw.decode()}), file=file)

    def header_faults(self, headers, answer):
        optional = {"Idempotency-Replayed"}
        found = [f"header {name} is missing" for name in headers
                 if name.lower() not in answer.headers and name not in optional]
        return found + [f"header {name} is not described" for name in ("ETag", "Idempotency-Replayed", "Retry-After")
                        if name.lower() in answer.headers and name not in headers and answer.status != 304]

    def body_faults(self, content, answer):
        if not content:
            return ["a body that is not described"] if answer.raw else []
        kind = answer.headers["content-type"].split(";")[0]
        if kind not in content:
            return [f"its type is {kind}, not {' or '.join(content)}"]
        answer.schema = name_of(content[kind]["schema"])
        value = answer.raw.decode()
        if kind.endswith("json"):
            value = json.loads(value, parse_float=decimal.Decimal)
        return list(self.value_faults(value, content[kind]["schema"], "reply"))

    def value_faults(self, value, schema, place):
        unknown = set(schema) - WORDS
        assert not unknown, f"{place}: no rule for {unknown}"
        if "oneOf" in schema:
            yield from self.choice_faults(value, schema["oneOf"], place)
            return
        name = name_of(schema)
        schema = self.resolve(schema)
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(TYPES[kind](value) for kind in types):
            yield f"{place} is {value!r:.100}, not {' or '.join(types)}"
        elif value is not None:
            yield from self.rule_faults(value, schema, place)
            if isinstance(value, dict) and "properties" in schema:
                yield from self.member_faults(value, schema, name, place)
            if "contentSchema" in schema:
                yield from self.value_faults(json.loads(value, parse_float=decimal.Decimal), schema["contentSchema"],
                                             f"{place}/JSON")
            if isinstance(value, list):
                for i, item in enumerate(value):
                    yield from self.value_faults(item, schema["items"], f"{place}/{i}")

    def choice_faults(self, value, choices, place):
        """One of them has to fit, and what is tried of the others is not seen."""
        before, wrong = set(self.seen), []
        for choice in choices:
            wrong.append(list(self.value_faults(value, choice, place)))
            if not wrong[-1]:
                return
            self.seen = set(before)
        yield from max(wrong, key=len)

    def rule_faults(self, value, schema, place):
        broken = [word for word, holds in (
            ("enum", lambda rule: value in rule),
            ("pattern", lambda rule: re.search(rule, value)),
            ("format", lambda rule: FORMATS[rule](value)),
            ("minimum", lambda rule: value >= rule),
            ("maximum", lambda rule: value <= rule)) if word in schema and not holds(schema[word])]
        return [f"{place} is {value!r:.100}, against {word} {schema[word]}" for word in broken]

    def member_faults(self, value, schema, name, place):
        for member in schema["required"]:
            if member not in value:
                yield f"{place}/{member} is missing"
        for member, inner in value.items():
            if member in schema["properties"]:
                if name:
                    self.seen.add(f"{name}.{member}")
                yield from self.value_faults(inner, schema["properties"][member], f"{place}/{member}")
            else:
                yield f"{place}/{member} is not described"


def judged(client, described):
    """The client, whose every answer is judged from now on."""
    plain = client.call

    def call(method, path, body=None, headers=None):
        answer = plain(method, path, body, headers)
        faults = described.faults(method, path, answer)
        assert not faults, f"{method} {path}: {faults} {answer}"
        return answer
    client.call = call
    return client


def name_of(schema):
    """The name of a schema that is referred to; None: it stands in its place."""
    return schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else None
