/* The page of the API document: shows /openapi.json and lets one try a call. Whatever the document or an answer says
 * goes into the page as text. */
"use strict";

const DEPTH_MOST = 8;
const page = document.getElementById("docs");
const credentials = { token: document.getElementById("token"), key: document.getElementById("key") };

/* An element with properties and children; texts among the children stay texts. */
function make(name, properties = {}, ...children) {
  const element = document.createElement(name);

  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") {
      element.className = value;
    } else if (key.includes("-") || key === "for" || key === "role") {
      element.setAttribute(key, value);
    } else {
      element[key] = value;
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/* JSON as it came, broken into lines: a reader of numbers would make 9997 of 9997.00. */
function indented(json) {
  let depth = 0;

  return json.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]|\s+|[^{}[\],:\s"]+/g, (piece, at) => {
    const line = () => `\n${"  ".repeat(depth)}`;

    if (/^\s/.test(piece)) {
      return "";
    }
    if (piece === "{" || piece === "[") {
      depth++;
      return "}]".includes(json[at + 1]) ? piece : piece + line();
    }
    if (piece === "}" || piece === "]") {
      depth--;
      return "{[".includes(json[at - 1]) ? piece : line() + piece;
    }
    return piece === "," ? piece + line() : piece === ":" ? ": " : piece;
  });
}

class Docs {
  constructor(api) {
    this.api = api;
  }

  resolve(value) {
    let found = value;

    while (found.$ref !== undefined) {
      found = found.$ref.replace("#/", "").split("/").reduce((place, name) => place[name], this.api);
    }
    return found;
  }

  /* "integer from 1 on, or null" */
  kindOf(schema) {
    const whole = this.resolve(schema);

    if (whole.oneOf !== undefined) {
      return whole.oneOf.map((one) => this.kindOf(one)).join(" or ");
    }
    const types = [whole.type ?? "anything"].flat().map((type) => (type === "array" ? this.listKind(whole) : type));
    const rules = [];

    if (whole.format !== undefined && whole.format !== "int64") {
      rules.push(whole.format);
    }
    if (whole.contentMediaType !== undefined) {
      rules.push(whole.contentMediaType);
    }
    if (whole.enum !== undefined) {
      const words = whole.enum.filter((word) => word !== null).join(", ");

      rules.push(whole.enum.length === 1 ? `always ${words}` : `one of ${words}`);
    }
    if (whole.minimum > Number.MIN_SAFE_INTEGER) {
      rules.push(`from ${whole.minimum}`);
    }
    if (whole.maximum < Number.MAX_SAFE_INTEGER) {
      rules.push(`to ${whole.maximum}`);
    }
    if (whole.maxLength !== undefined) {
      rules.push(`${whole.minLength ?? 0} to ${whole.maxLength} characters`);
    }
    return [types.join(" or "), ...rules].join(", ");
  }

  listKind(schema) {
    return `list of ${this.kindOf(schema.items)}`;
  }

  /* The members of an object, of the items of a list, of JSON in a text, of what may be null, and of each event that
   * may come; null: it has none. */
  members(schema, depth = 0) {
    const whole = this.resolve(schema);
    const choices = whole.oneOf?.filter((one) => one.type !== "null") ?? [];
    const inner = whole.items ?? whole.contentSchema ?? choices[0];

    if (choices.length > 1) {
      return make("div", {}, ...choices.map((one) => this.members(one, depth)));
    }
    if (inner !== undefined) {
      return this.members(inner, depth);
    }
    if (whole.properties === undefined || depth === DEPTH_MOST) {
      return null;
    }
    const required = new Set(whole.required ?? []);

    return make("ul", { class: "members" }, ...Object.entries(whole.properties).map(([name, member]) =>
      make("li", {}, make("code", {}, name), " ",
        make("span", { class: "kind" }, this.kindOf(member) + (required.has(name) ? "" : ", optional")),
        this.members(member, depth + 1))));
  }

  /* A body to begin with where the document has no example. */
  sample(schema) {
    const whole = this.resolve(schema);
    const types = [whole.type].flat();

    if (whole.properties !== undefined) {
      return Object.fromEntries((whole.required ?? []).map((name) => [name, this.sample(whole.properties[name])]));
    }
    if (types.includes("array")) {
      return [this.sample(whole.items)];
    }
    if (types.includes("integer") || types.includes("number")) {
      return Math.max(1, whole.minimum ?? 1);
    }
    if (types.includes("boolean")) {
      return false;
    }
    return whole.enum?.[0] ?? (whole.format === "email" ? "ada@example.org" : "text");
  }

  show() {
    const sections = new Map(this.api.tags.map((tag) => [tag.name, make("section", {},
      make("h2", {}, tag.name), make("p", {}, tag.description))]));

    for (const [path, item] of Object.entries(this.api.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const tag = operation.tags?.[0] ?? "others";

        if (!sections.has(tag)) {
          sections.set(tag, make("section", {}, make("h2", {}, tag)));
        }
        sections.get(tag).append(this.operation(method, path, operation));
      }
    }
    page.replaceChildren(...sections.values());
    page.removeAttribute("aria-busy");
  }

  operation(method, path, operation) {
    const kind = { delete: " removes", get: "" }[method] ?? " writes";
    const details = make("details", { class: "operation", id: operation.operationId },
      make("summary", {}, make("span", { class: `method${kind}` }, method.toUpperCase()),
        make("code", { class: "path" }, path), make("span", { class: "said" }, operation.summary)));

    /* What is inside is made when it is looked at: there is much of it. */
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) {
        details.append(make("div", {}, this.callers(operation), new Call(this, method, path, operation).form,
          this.answers(operation)));
      }
    });
    return details;
  }

  callers(operation) {
    const ways = [...new Set(operation.security.flatMap((way) => Object.keys(way)))];
    const roles = operation["x-roles"];
    let text = "Anyone may call it.";

    if (roles !== undefined) {
      text = `For ${roles.join(", ")}, who prove it by ${ways.join(" or ")}.`;
    } else if (ways.length > 0) {
      text = `Anyone may call it; who shows ${ways.join(" or ")} may see more.`;
    }
    return make("p", { class: "note" }, text);
  }

  answers(operation) {
    return make("div", { class: "answers" }, make("h3", {}, "Answers"),
      ...Object.entries(operation.responses).map(([status, response]) => {
        const whole = this.resolve(response);
        const contents = Object.entries(whole.content ?? {});

        return make("details", {},
          make("summary", {}, make("b", {}, status), ` ${whole.description}`),
          ...contents.map(([type, content]) => make("div", {}, make("code", {}, type),
            this.members(content.schema), this.example(status, type, content.example))));
      }));
  }

  example(status, type, value) {
    return value === undefined ? null : make("pre", { tabIndex: 0, role: "region",
      "aria-label": `Example of ${status}, ${type}` }, JSON.stringify(value, null, 2));
  }
}

/* The form of one operation. */
class Call {
  constructor(docs, method, path, operation) {
    const body = operation.requestBody?.content?.["application/json"];

    this.method = method.toUpperCase();
    this.path = path;
    /* No script may say what a cookie is: the browser sends those that it has. */
    this.inputs = operation.parameters.filter((parameter) => parameter.in !== "cookie").map((parameter) => [parameter, this.input(docs, parameter)]);
    this.body = body === undefined ? null : make("textarea", {
      rows: 8, spellcheck: false, value: JSON.stringify(body.example ?? docs.sample(body.schema), null, 2),
    });
    this.button = make("button", { type: "submit" }, "Send");
    this.status = make("p", { role: "status" }); // alone: nobody wants a whole answer read to him
    this.rest = make("div");
    this.form = make("form", { class: "call" },
      ...this.inputs.map(([parameter, input]) => make("label", {},
        `${parameter.name}${parameter.required ? "" : " (optional)"}`, input,
        make("span", { class: "note" }, [docs.kindOf(parameter.schema), parameter.in].join(", ")))),
      this.body === null ? null : make("label", { class: "wide" }, "Body", this.body),
      this.body === null ? null : make("details", { class: "wide" },
        make("summary", {}, "Members of the body"), docs.members(body.schema)),
      make("div", { class: "wide" }, this.button),
      make("div", { class: "answer wide" }, this.status, this.rest));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  input(docs, parameter) {
    const schema = docs.resolve(parameter.schema);
    const words = schema.enum ?? (schema.type === "boolean" ? ["true", "false"] : null);
    const common = { name: parameter.name, required: parameter.required ?? false };

    if (words !== null) {
      return make("select", common, ...["", ...words].map((word) => make("option", { value: word }, word)));
    }
    return make("input", { ...common, value: parameter.in === "path" && schema.type === "integer" ? "1" : "",
      placeholder: String(schema.default ?? ""), autocomplete: "off" });
  }

  request() {
    const headers = { "X-Requested-With": "docs" };
    const query = new URLSearchParams();
    let path = this.path;

    for (const [parameter, input] of this.inputs) {
      if (parameter.in === "path") {
        path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      } else if (input.value !== "" && parameter.in === "query") {
        query.append(parameter.name, input.value);
      } else if (input.value !== "" && parameter.in === "header") {
        headers[parameter.name] = input.value;
      }
    }
    if (credentials.token.value !== "") {
      headers.Authorization = `Bearer ${credentials.token.value}`;
    }
    if (credentials.key.value !== "") {
      headers["X-Internal-Service-Key"] = credentials.key.value;
    }
    if (this.body !== null) {
      headers["Content-Type"] = "application/json";
    }
    return [path + (query.size > 0 ? `?${query}` : ""),
      { method: this.method, headers, body: this.body?.value, cache: "no-store" }];
  }

  /* A second press of the button ends what goes on, as a stream does. */
  async send() {
    if (this.running !== undefined) {
      this.running.abort();
      return;
    }
    const [url, options] = this.request();
    const begun = performance.now();

    this.running = new AbortController();
    this.button.textContent = "Stop";
    try {
      const response = await fetch(url, { ...options, signal: this.running.signal });

      await this.show(url, response, performance.now() - begun);
    } catch (error) {
      if (error.name !== "AbortError") {
        this.status.replaceChildren(make("span", { class: "badge bad" }, `No answer: ${error.message}`));
        this.rest.replaceChildren();
      }
    } finally {
      this.running = undefined;
      this.button.textContent = "Send";
    }
  }

  async show(url, response, milliseconds) {
    const type = response.headers.get("Content-Type") ?? "";
    const body = make("pre", { tabIndex: 0, role: "region", hidden: true,
      "aria-label": `Answer to ${this.method} ${this.path}` });

    this.status.replaceChildren(make("span", { class: response.ok ? "badge ok" : "badge bad" },
      `${response.status} ${response.statusText}`), ` ${Math.round(milliseconds)} ms, ${this.method} `,
    make("code", {}, url));
    this.rest.replaceChildren(
      make("dl", {}, make("dt", {}, "Trace id"),
        make("dd", { class: "id" }, response.headers.get("X-Trace-Id") ?? ""),
        make("dt", {}, "Type"), make("dd", {}, type)),
      body);
    for await (const text of pieces(response)) {
      body.append(text);
      body.hidden = false;
    }
    if (type.includes("json")) {
      const text = body.textContent;
      const { token } = JSON.parse(text);

      body.textContent = indented(text);
      if (response.ok && typeof token === "string") {
        credentials.token.value = token;
      }
    }
  }
}

/* The texts of a body as they come. */
async function* pieces(response) {
  if (response.body === null) {
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();

  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    yield next.value;
  }
}

function filter(word) {
  for (const operation of page.querySelectorAll(".operation")) {
    operation.hidden = !operation.firstChild.textContent.toLowerCase().includes(word.toLowerCase());
  }
  for (const section of page.querySelectorAll("section")) {
    section.hidden = section.querySelector(".operation:not([hidden])") === null;
  }
}

/* An address with an operation's id shows it. */
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));

  if (named?.matches(".operation")) {
    named.open = true;
    named.scrollIntoView();
  }
}

async function begin() {
  const response = await fetch("/openapi.json");

  new Docs(await response.json()).show();
  document.getElementById("filter").addEventListener("input", (event) => filter(event.target.value));
  addEventListener("hashchange", openNamed);
  openNamed();
}

begin().catch((error) => {
  page.replaceChildren(make("p", { class: "badge bad", role: "alert" },
    `The document cannot be read: ${error.message}`));
  page.removeAttribute("aria-busy");
});
