// Every answer of made/answers.jsonl, and every example of an answer, against the schema that the document has for its
// route, status and type. All objects are closed first, so a member that the document lacks is refused.
import Ajv2020 from "ajv/dist/2020.js";
import fs from "node:fs";

const DOCUMENTS = { "Drone Shop": "made/shop.json", "CRM Portal": "made/crm.json" };
const read = (path) => JSON.parse(fs.readFileSync(path, "utf8"));

function closed(value) {
  if (Array.isArray(value)) {
    return value.map(closed);
  }
  if (value === null || typeof value !== "object") {
    return value;
  }
  const made = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closed(inner)]));
  return made.type === "object" && made.properties ? { ...made, additionalProperties: false } : made;
}

const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  allErrors: true,
  formats: {
    "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
    email: true, // of bodies, which are not judged here
    int64: true,
    decimal: { type: "number", validate: (value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6 },
  },
});
ajv.addVocabulary(["openapi", "info", "servers", "tags", "paths", "components"]);
const documents = {};
for (const [title, path] of Object.entries(DOCUMENTS)) {
  documents[title] = read(path);
  ajv.addSchema({ $id: title.replace(" ", "-"), ...closed(documents[title]) });
}

const pointer = (...parts) =>
  parts.map((part) => "/" + encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("");

function place(document, answer) {
  const responses = document.paths[answer.template][answer.method].responses;
  const status = String(answer.status) in responses ? String(answer.status) : "default";
  const ref = responses[status].$ref;
  const response = ref ? document.components.responses[ref.split("/").pop()] : responses[status];
  const path = ref
    ? pointer("components", "responses", ref.split("/").pop())
    : pointer("paths", answer.template, answer.method, "responses", status);
  if (!response.content) {
    return null;
  }
  return answer.type in response.content ? path + pointer("content", answer.type, "schema") : "";
}

const counts = {};
let faults = 0;
for (const line of fs.readFileSync("made/answers.jsonl", "utf8").trim().split("\n")) {
  const answer = JSON.parse(line);
  const at = place(documents[answer.service], answer);
  const judge = at && ajv.compile({ $ref: `${answer.service.replace(" ", "-")}#${at}` });
  const value = answer.type.endsWith("json") ? JSON.parse(answer.body) : answer.body;
  counts[answer.status] = (counts[answer.status] ?? 0) + 1;
  if (at === null ? answer.body !== "" : at === "" || !judge(value)) {
    faults++;
    console.log(answer.service, answer.method, answer.template, answer.status, answer.type, judge?.errors);
  }
}

let examples = 0;
for (const [title, document] of Object.entries(documents)) {
  const places = [
    ...Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).flatMap(([method, operation]) =>
      Object.entries(operation.responses).map(([status, response]) =>
        [pointer("paths", path, method, "responses", status), response]))),
    ...Object.entries(document.components.responses).map(([name, response]) =>
      [pointer("components", "responses", name), response]),
  ];
  for (const [at, response] of places) {
    for (const [type, content] of Object.entries(response.content ?? {})) {
      const judge = ajv.compile({ $ref: `${title.replace(" ", "-")}#${at}${pointer("content", type, "schema")}` });
      if (content.example === undefined ? type.endsWith("json") : !judge(content.example)) {
        faults++;
        console.log(title, at, type, judge.errors ?? "no example");
      }
      examples++;
    }
  }
}
console.log("answers by status:", counts, "examples:", examples, "faults:", faults);
process.exit(faults === 0 ? 0 : 1);
