"""Requests that break one rule of a service's document each, made from the document itself."""

import re


def wrong_requests(described, path, operation):
    """Those of one operation, and the status that says so."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    right = re.sub(r"\{\w+\}", "1", path)
    json_type = {"Content-Type": "application/json"}
    if content:
        schema = described.resolve(content["schema"])
        yield {"path": right, "body": "{", "headers": json_type}, 400
        yield {"path": right, "body": "[]", "headers": json_type}, 422
        yield {"path": right, "body": b"{}", "headers": {"Content-Type": "text/plain"}}, 415
        yield {"path": right, "body": b"{}", "headers": {**json_type, "Content-Encoding": "br"}}, 415
        yield from ((dict(path=right, body=body), 422) for body in wrong_bodies(schema, content.get("example", {})))
    body = content.get("example", {} if "requestBody" in operation and not content else None)
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            schema = parameter["schema"]
            wrong = "none" if schema["type"] == "integer" else "x" * (schema["maxLength"] + 1)
            yield {"path": re.sub(r"\{\w+\}", wrong, path), "body": body}, 422
            if "404" in operation["responses"]:
                nobodys = "9" * schema["maxLength"] if parameter["name"] == "sql_id" else "999999"
                yield {"path": re.sub(r"\{\w+\}", nobodys, path), "body": body}, 404
        if parameter["name"] == "If-Match":
            yield {"path": right, "body": content.get("example"), "headers": {"If-Match": '"of-long-ago"'}}, 412


def wrong_bodies(schema, example):
    for name, member in schema["properties"].items():
        yield {**example, name: {"an": "object"}}
        if "minimum" in member:
            yield {**example, name: member["minimum"] - 1}
            yield {**example, name: member["maximum"] + 1}
        if "maxLength" in member:
            yield {**example, name: "x" * (member["maxLength"] + 1)}
        if "enum" in member:
            yield {**example, name: "not one of them"}
    for name in schema.get("required", ()):
        yield {other: value for other, value in example.items() if other != name}
