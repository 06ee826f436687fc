"""Each parameter and each body of both services keeps to what /openapi.json says of it: what is on the wrong
side is refused with the right status and named, what is on the right side is taken."""

import re
import unittest
import urllib.parse

from support.harness import Instance

# Parameters of which anything will do, and of which only what an answer gave.
ANYTHING = {("shop", "/api/products", "sort_by"), ("shop", "/api/v1/public/catalog", "sort_by"), ("shop", "/shop", "sort")}
FOR_PEERS = {"/api/auth/standing/{user_id}"}
OPAQUE = {"cursor"}  # not whatever is as long as one
PATHS = {"url"}  # of the portal: test_tickets.py


def bad_values(schema):
    """Values on the wrong side of all that a parameter's schema says."""
    if schema["type"] == "integer":
        return [str(schema["minimum"] - 1), str(schema.get("maximum", 2**63 - 1) + 1), "one", "1.5"]
    if schema["type"] == "number":
        return [str(schema["minimum"] - 1), str(schema["maximum"] + 1), "one", "1.555"]
    if schema["type"] == "boolean":
        return ["perhaps", "2"]
    values = ["x" * (schema["maxLength"] + 1)] if "maxLength" in schema else []
    values += ["not one of them"] if "enum" in schema else []
    values += [] if re.search(schema.get("pattern", ""), "a b") else ["a b"]
    wrong = {"date-time": ["yesterday", "2020-02-30T00:00:00Z"], "email": ["nobody", "@"]}
    return values + wrong.get(schema.get("format"), [])


def good_values(schema):
    """Values on the right side of it, as far out as it goes, and its default."""
    values = [str(schema["default"])] if "default" in schema else []
    if schema["type"] == "integer":
        return values + [str(schema["minimum"]), str(schema.get("maximum", 2**63 - 1))]
    if schema["type"] == "number":
        return values + [str(schema["minimum"]), str(schema["maximum"])]
    if schema["type"] == "boolean":
        return values + ["true", "false"]
    if "enum" in schema:
        return values + schema["enum"]
    values += schema.get("examples", [])
    formats = {"date-time": "2020-02-29T23:59:59.999999+01:00", "email": "A@b.example"}
    length = schema.get("maxLength", 1)
    return values + [formats.get(schema.get("format")) or next(
        letter * length for letter in "x0" if re.search(schema.get("pattern", ""), letter * length))]


def patterns_in(value):
    """All regular expressions of a document."""
    if isinstance(value, list):
        for one in value:
            yield from patterns_in(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == "pattern" and isinstance(one, str) and one.startswith("^"):  # and no example of one
                yield one
            else:
                yield from patterns_in(one)


class Place:
    """Where a parameter stands."""

    def __init__(self, service, method, template, parameter):
        self.service, self.method, self.template, self.parameter = service, method, template, parameter
        self.name, self.schema = parameter["name"], parameter["schema"]
        self.is_in_path = parameter["in"] == "path"
        self.key = (service, template, self.name)

    def target(self, raw):
        """Of a request with those bytes as the parameter in its path, or as its query."""
        path = self.template.replace("{%s}" % self.name, raw) if self.is_in_path else self.template
        return re.sub(r"\{\w+\}", "999999", path) + ("" if self.is_in_path else f"?{raw}")

    def of_value(self, value):
        text = urllib.parse.quote(value, safe="")
        return self.target(text if self.is_in_path else f"{self.name}={text}")


class Parameters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        instance = cls.enterClassContext(Instance())
        cls.clients = {"shop": cls.enterClassContext(instance.shop.sign_in()),
                       "crm": cls.enterClassContext(instance.crm.sign_in())}
        for client in cls.clients.values():  # a partner's program too, where a route is for such
            key = client.post("/api/keys/generate", {"username": "dealers", "permission": "write"}).json["api_key"]
            client.headers["X-API-Key"] = key
        cls.peers = {service.name: cls.enterClassContext(service.client(internal=True))
                     for service in (instance.shop, instance.crm)}

    def operations(self):
        for name, client in self.clients.items():
            for path, item in client.get("/openapi.json").json["paths"].items():
                for method, operation in item.items():
                    yield name, method.upper(), path, operation

    def places(self):
        places = [Place(name, method, path, parameter)
                  for name, method, path, operation in self.operations()
                  for parameter in operation["parameters"] if parameter["in"] in ("path", "query")]
        self.assertGreater(len(places), 40)
        return places

    def ask(self, place, target):
        clients = self.peers if place.template in FOR_PEERS else self.clients
        return clients[place.service].call(
            place.method, target, None if place.method == "GET" else {})

    def assert_refused(self, answer, status, name):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.json["status"], status)
        self.assertEqual([fault["pointer"] for fault in answer.json["errors"]], [name], answer)

    def test_what_breaks_a_rule_is_refused_and_named(self):
        for place in self.places():
            wrong = bad_values(place.schema)
            self.assertEqual(not wrong, place.key in ANYTHING, place.key)
            for target in map(place.of_value, wrong):
                with self.subTest(f"{place.service} {place.method} {target}"):
                    self.assert_refused(self.ask(place, target), 422, place.name)

    def test_what_keeps_to_the_rule_is_taken(self):
        for place in self.places():
            right = [] if place.name in OPAQUE | PATHS else good_values(place.schema)
            self.assertFalse(set(right) & set(bad_values(place.schema)), place.key)
            for target in map(place.of_value, right):
                with self.subTest(f"{place.service} {place.method} {target}"):
                    answer = self.ask(place, target)
                    self.assertLess(answer.status, 500, answer)
                    self.assertNotEqual(answer.status, 400, answer)
                    if answer.status == 422:  # for a body, of which these requests have none
                        self.assertNotIn(place.name, [fault["pointer"] for fault in answer.json.get("errors", ())])

    def test_patterns_can_be_read_and_have_no_range_by_chance(self):
        for name, client in self.clients.items():
            for pattern in patterns_in(client.get("/openapi.json").json):
                with self.subTest(name, pattern=pattern):
                    re.compile(pattern)
                    for marks in re.findall(r"A-Za-z0-9([^]]*)]", pattern):
                        self.assertNotIn("-", marks[:-1])

    def test_what_is_given_twice_or_cannot_be_read_is_refused_and_named(self):
        for place in self.places():
            if place.is_in_path:
                continue
            name, value = place.name, urllib.parse.quote(good_values(place.schema)[0], safe="")
            for raw in (f"{name}={value}&{name}={value}", f"{name}=&other=1&%{ord(name[0]):x}{name[1:]}=",
                        f"{name}=%zz", f"{name}=%", f"{name}=%ff", f"{name}=%00"):
                with self.subTest(f"{place.service} {place.method} {place.target(raw)}"):
                    self.assert_refused(self.ask(place, place.target(raw)), 400, name)

    def test_bodies_are_as_long_as_the_document_says_and_no_longer(self):
        count = 0
        for name, method, path, operation in self.operations():
            if "requestBody" not in operation:
                continue
            most = operation["requestBody"]["x-max-bytes"]
            for length in (most, most + 1):
                with self.subTest(f"{name} {method} {path} {length}"):
                    answer = self.clients[name].call(
                        method, re.sub(r"\{\w+\}", "999999", path), b" " * length,
                        headers={"Content-Type": "application/json"})
                    self.assertEqual(answer.status == 413, length > most, answer)
                    # Where a body that is none is dropped, it is answered like any other.
                    self.assertGreaterEqual(answer.status, 204 if "204" in operation["responses"] else 400, answer)
                    self.assertLess(answer.status, 500, answer)
            count += 1
        self.assertGreater(count, 10)


if __name__ == "__main__":
    unittest.main()
