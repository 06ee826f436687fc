/*
 * Questions to the service that the page came from. An answer that is none becomes a Problem, which every component
 * knows how to show: of RFC 9457's document, of a plain status, or of a network that is not there.
 */

export interface Fault {
  pointer: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number, // 0: there was no answer
    readonly title: string,
    readonly detail: string,
    readonly errors: Fault[] = [],
    readonly traceId = "",
    readonly retryAfter = 0, // seconds; 0: nothing was said
  ) {
    super(detail || title);
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

export interface Answer<T> {
  value: T;
  etag: string | null; // the version that an edit names (SendOptions.etag)
  traceId: string;
}

export type Params = Record<string, string | number | boolean | null | undefined>;

export interface SendOptions {
  key?: string; // Idempotency-Key: sent again with the same one it happens once
  etag?: string; // If-Match
  signal?: AbortSignal;
}

/** Told of each question as it begins: what headers it takes along, and whom to tell of its end. */
export type ExchangeWatcher = (method: string, path: string) => {
  headers: Record<string, string>;
  ended: (status: number | "none" | "withdrawn") => void; // none: no answer came; withdrawn: nobody wants it any more
} | null;

let latestTraceId = "";
let watcher: ExchangeWatcher | undefined;
const traceListeners = new Set<() => void>();
const signedOutListeners = new Set<() => void>();
const headerSources = new Set<() => Record<string, string>>();

/** The trace of the last answer to something that a person did, for "How was this made?"; what the page asks by itself is none. */
export function lastTraceId(): string {
  return latestTraceId;
}

/** Told of each trace that is the last one now; gives back how to stop. */
export function onTrace(listener: () => void): () => void {
  traceListeners.add(listener);
  return () => void traceListeners.delete(listener);
}

/** For the page's own spans (traces.ts). */
export function watchExchanges(watch: ExchangeWatcher): void {
  watcher = watch;
}

/** Told of each 401; gives back how to stop. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => void signedOutListeners.delete(listener);
}

/** Headers that each question takes along: a credential, a trace context. */
export function addHeaders(source: () => Record<string, string>): () => void {
  headerSources.add(source);
  return () => void headerSources.delete(source);
}

/** The address with its parameters; those without a value are left out. */
export function address(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") {
      query.set(name, String(value));
    }
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const traceId = response.headers.get("X-Trace-Id") ?? "";
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0) || 0;
  const document = await response.json().catch(() => null) as Partial<Record<string, unknown>> | null;
  return new Problem(
    response.status,
    String(document?.title ?? response.statusText),
    String(document?.detail ?? `The service answered with ${response.status}.`),
    Array.isArray(document?.errors) ? document.errors as Fault[] : [],
    String(document?.trace_id ?? traceId),
    retryAfter,
  );
}

function noteTrace(id: string): void {
  if (id !== "" && id !== latestTraceId) {
    latestTraceId = id;
    traceListeners.forEach((listener) => listener());
  }
}

async function exchange(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Accept", "application/json");
  if (init.method !== undefined && init.method !== "GET") {
    headers.set("X-Requested-With", "fetch"); // which no page of another site may add
  }
  for (const source of headerSources) {
    for (const [name, value] of Object.entries(source())) {
      headers.set(name, value);
    }
  }
  const watched = watcher?.(init.method ?? "GET", path) ?? null;
  for (const [name, value] of Object.entries(watched?.headers ?? {})) {
    headers.set(name, value);
  }
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, credentials: "same-origin" });
    watched?.ended(response.status);
  } catch (error) {
    const isWithdrawn = error instanceof DOMException && error.name === "AbortError";
    watched?.ended(isWithdrawn ? "withdrawn" : "none");
    if (isWithdrawn) {
      throw error;
    }
    throw new Problem(0, "No connection", "The service cannot be reached. What was typed is still here.");
  }
  const isAskedFor = watched !== null || watcher === undefined || latestTraceId === "";
  if (isAskedFor) {
    noteTrace(response.headers.get("X-Trace-Id") ?? "");
  }
  if (response.ok) {
    return response;
  }
  if (response.status === 401) {
    signedOutListeners.forEach((listener) => listener());
  }
  throw await problemOf(response);
}

async function answerOf<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  return {
    value: (isJson && text !== "" ? JSON.parse(text) : text) as T,
    etag: response.headers.get("ETag"),
    traceId: response.headers.get("X-Trace-Id") ?? "",
  };
}

/** GET with what comes beside the value: the version, the trace. */
export async function ask<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<Answer<T>> {
  return answerOf<T>(await exchange(address(path, params), { signal }));
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return (await ask<T>(path, params, signal)).value;
}

export async function sendFor<T>(method: string, path: string, body?: unknown, options: SendOptions = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = {};
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (options.key !== undefined) {
    headers["Idempotency-Key"] = options.key;
  }
  if (options.etag !== undefined) {
    headers["If-Match"] = options.etag;
  }
  return answerOf<T>(await exchange(path, {
    method, headers, signal: options.signal, body: body === undefined ? undefined : JSON.stringify(body),
  }));
}

/** POST, PUT, PATCH or DELETE. */
export async function send<T>(method: string, path: string, body?: unknown, options: SendOptions = {}): Promise<T> {
  return (await sendFor<T>(method, path, body, options)).value;
}

/** A new Idempotency-Key: made when a form is first sent and kept until it is answered, whatever happens between. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What was thrown, as a Problem. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "Unexpected error", error instanceof Error ? error.message : String(error));
}
