/*
 * A trace as OTLP's JSON (opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest), for whatever else reads that.
 * Spans lie exactly to each other; the beginning of all is known to the microsecond, and a number without a fraction is an
 * integer. All of it is pure.
 */
import type { Span, Trace } from "./tree";

const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]; // opentelemetry.proto.trace.v1.Span.SpanKind
const STATUSES = { unset: 0, ok: 1, error: 2 };

type Json = Record<string, unknown>;

function anyValue(value: unknown): Json {
  switch (typeof value) {
    case "string": return { stringValue: value };
    case "boolean": return { boolValue: value };
    case "number": return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
    default: return Array.isArray(value) ? { arrayValue: { values: value.map(anyValue) } } : value === null ? {} : { kvlistValue: { values: attributesOf(value as Json) } };
  }
}

function attributesOf(values: Json): Json[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** Nanoseconds since 1970 of a moment with microseconds. */
function nanosecondsOf(moment: string): bigint {
  const found = /^(.*?)(?:\.(\d{1,9}))?Z$/.exec(moment)!;
  return BigInt(Date.parse(`${found[1]!}Z`)) * 1_000_000n + BigInt((found[2] ?? "").padEnd(9, "0"));
}

function spanOf(trace: Trace, span: Span, begin: bigint): Json {
  const start = begin + BigInt(span.offset_ns);
  const { status_message: message, ...more } = span.more ?? {};
  return {
    traceId: trace.trace_id, spanId: span.span_id, ...(span.parent_span_id !== null && { parentSpanId: span.parent_span_id }),
    name: span.name, kind: Math.max(0, KINDS.indexOf(span.kind)),
    startTimeUnixNano: String(start), endTimeUnixNano: String(start + BigInt(span.duration_ns)),
    attributes: attributesOf(span.attributes), status: { code: STATUSES[span.status], ...(message !== undefined && { message }) },
    ...(typeof more.trace_state === "string" && { traceState: more.trace_state }),
    ...(Array.isArray(more.events) && { events: (more.events as Json[]).map(eventOf) }),
    ...(Array.isArray(more.links) && { links: (more.links as Json[]).map(linkOf) }),
  };
}

function eventOf(event: Json): Json {
  return { timeUnixNano: String(BigInt(Math.round(Number(event.time_ns ?? 0)))), name: event.name ?? "", attributes: attributesOf((event.attributes ?? {}) as Json) };
}

function linkOf(link: Json): Json {
  return { traceId: link.trace_id ?? "", spanId: link.span_id ?? "", attributes: attributesOf((link.attributes ?? {}) as Json) };
}

export function otlpOf(trace: Trace): Json {
  const begin = nanosecondsOf(trace.start);
  return {
    resourceSpans: trace.resources.map((resource, at) => ({
      resource: { attributes: attributesOf(resource) },
      scopeSpans: [{ spans: trace.spans.filter((span) => span.resource === at).map((span) => spanOf(trace, span, begin)) }],
    })),
  };
}
