/*
 * Ways to other tools: a template with attributes of a span in angle brackets becomes an address, where the span has all of
 * them. Values are encoded, so that none of them can be more than a value. All of it is pure.
 */
import type { Span, Trace } from "./tree";

export interface LinkTemplate {
  name: string;
  template: string;
}

export interface WayOut {
  name: string;
  href: string | null; // null: the span lacks something
  missing: string[];
}

const NS_PER_MS = 1e6;

/** What is known of every span beside its attributes, by the names that OCI's templates use. */
function known(trace: Trace, span: Span): Record<string, string> {
  const start = Date.parse(trace.start) + span.offset_ns / NS_PER_MS;
  const values: Record<string, string> = {
    TraceId: trace.trace_id, SpanId: span.span_id, ServiceName: span.service, OperationName: span.name,
    StartTimeInMs: String(Math.floor(start)), EndTimeInMs: String(Math.ceil(start + Math.max(0, span.duration_ns) / NS_PER_MS)),
  };
  return span.sql_id === null ? values : { ...values, DbOracleSqlId: span.sql_id };
}

function attributeOf(trace: Trace, span: Span, name: string): string | undefined {
  const own = span.attributes[name] ?? (name.startsWith("resource.") ? trace.resources[span.resource]?.[name.slice("resource.".length)] : undefined) ?? known(trace, span)[name];
  return own === undefined || own === null || own === "" ? undefined : typeof own === "object" ? JSON.stringify(own) : String(own);
}

export function wayOut({ name, template }: LinkTemplate, trace: Trace, span: Span): WayOut {
  const missing: string[] = [];
  const href = template.replace(/<([^<>]+)>/g, (_, attribute: string) => {
    const value = attributeOf(trace, span, attribute);
    if (value === undefined) {
      missing.push(attribute);
    }
    return encodeURIComponent(value ?? "");
  });
  return { name, href: missing.length === 0 && /^https?:\/\//.test(href) ? href : null, missing };
}
