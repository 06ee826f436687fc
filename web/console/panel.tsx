/* What is known of one span: what it did, where its time went, its SQL, its session's tags, its attributes. All of it is text. */
import { count, duration, percent } from "../kit/format";
import { Badge, Button, Copy, Icon, Kv, Link, LongText, SqlId, type BadgeTone } from "../kit/ui";
import { CONDITIONS } from "./conditions";
import { wayOut, type LinkTemplate } from "./links";
import { Result } from "./traces";
import { Service } from "./services";
import { Sql } from "./sql";
import { causeOf, numberOf, waitsOf, type Span, type Trace } from "./tree";

/** What the search knows of an attribute: its condition there. */
const SEARCHED: Record<string, string> = {
  "http.route": "route", "http.response.status_code": "http_status", "DbOracleSqlId": "sql_id", "db.query.summary": "",
};
const LOUD: Record<string, BadgeTone> = { warn: "warn", error: "bad", fatal: "bad" };
const SHOWN_APART = new Set(["db.query.text", "DbOracleSqlId", "db.module", "db.action", "db.client_identifier"]);

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function searchFor(name: string, value: string): string | null {
  const condition = CONDITIONS.find((one) => one.name === SEARCHED[name]);
  return condition !== undefined && condition.isFit(value) ? `/console/traces?${new URLSearchParams({ [condition.name]: value })}` : null;
}

function Attributes({ of }: { of: [string, unknown][] }) {
  return (
    <dl className="attrs">
      {of.map(([name, value]) => {
        const text = textOf(value);
        const href = searchFor(name, text);
        return (
          <div key={name}>
            <dt className="mono"><LongText text={name} most={120} /></dt>
            <dd>
              <span className="mono small grow"><LongText text={text} /></span>
              <Copy text={text} what={name} />
              {href !== null && <Link className="copy" href={href} aria-label={`Search for this ${name}`} title="Search for this"><Icon name="search" /></Link>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function rowsOf(span: Span): string | null {
  const rows = span.attributes["db.response.returned_rows"] ?? span.attributes["db.rows"];
  return typeof rows === "number" ? count(rows) : null;
}

/** The hub of four minutes before and after the span, by its statement. */
export function hubAround(trace: Trace, span: Span): string {
  const AROUND_MS = 4 * 60_000;
  const start = Date.parse(trace.start) + span.offset_ns / 1e6;
  const moment = (ms: number) => new Date(ms).toISOString();
  return `/console/hub?${new URLSearchParams({ from: moment(start - AROUND_MS), ...(span.sql_id !== null && { sql_id: span.sql_id }), to: moment(start + span.duration_ns / 1e6 + AROUND_MS) })}`;
}

/** What waited, in a sentence. */
function waitSentence(span: Span): string {
  const { queueNs, commitNs } = waitsOf(span);
  const units = numberOf(span, "db.commit_units");
  if (commitNs > 0 && commitNs > span.duration_ns / 2) {
    return `${duration(commitNs)} of it waiting for its commit to be durable${units > 1 ? `, together with ${units - 1} more` : ""}.`;
  }
  if (queueNs > span.duration_ns / 2) {
    return `${duration(queueNs)} of it waiting for its turn to write.`;
  }
  if (span.name === "db.checkout" && span.duration_ns > 1e6) {
    return `All of it waiting for a session of pool ${textOf(span.attributes["db.pool"] ?? "")}.`;
  }
  return "";
}

/** What was logged in the span. */
function Logs({ trace, span }: { trace: Trace; span: Span }) {
  const logs = trace.logs.filter((log) => log.at_span_id === span.span_id);
  return logs.length === 0 ? null : (
    <div className="panel-sec"><h3>Log</h3>
      <ul className="stack stack-2">
        {logs.map((log, at) => (
          <li key={at} className="stack stack-1">
            <span className="row row-wrap small"><Badge tone={LOUD[log.severity] ?? "plain"}>{log.severity_text ?? log.severity}</Badge><b className="long" dir="auto">{log.event ?? ""}</b><span className="muted push nowrap">{log.offset_ns >= 0 ? "+" : ""}{duration(log.offset_ns)}</span></span>
            {log.body !== null && log.body !== "" && log.body !== log.event && <span className="mono small"><LongText text={log.body} /></span>}
            {Object.keys(log.attributes).length > 0 && <Attributes of={Object.entries(log.attributes)} />}
          </li>
        ))}
      </ul>
      {trace.has_more_logs && <p className="muted small">The trace has more lines than are shown.</p>}
    </div>
  );
}

/** Where other tools show the span. What it lacks is said in place of the link. */
function Elsewhere({ templates, trace, span }: { templates: LinkTemplate[]; trace: Trace; span: Span }) {
  return (
    <div className="panel-sec"><h3>Elsewhere</h3>
      <ul className="row row-wrap">
        {templates.map((template) => {
          const { name, href, missing } = wayOut(template, trace, span);
          const why = `The span has no ${missing.join(", no ")}`;
          return (
            <li key={name}>
              {href !== null ? <a className="btn btn-sm" href={href} target="_blank" rel="noreferrer"><Icon name="out" />{name}</a>
                : <span className="tag muted" title={why}>{name} —<span className="vh"> {why}</span></span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface PanelProps {
  trace: Trace;
  span: Span;
  range: string; // the query that goes along
  templates: LinkTemplate[];
  onClose: () => void;
}

export function SpanPanel({ trace, span, range, templates, onClose }: PanelProps) {
  const sql = span.attributes["db.query.text"];
  const attributes = Object.entries(span.attributes).filter(([name, value]) => !SHOWN_APART.has(name) && value !== sql);
  const cause = causeOf(span);
  const sentence = waitSentence(span);
  const tags: [string, unknown][] = [["MODULE", span.attributes["db.module"]], ["ACTION", span.attributes["db.action"]], ["CLIENT_IDENTIFIER", span.attributes["db.client_identifier"]]];
  const hasTags = tags.some(([, value]) => value !== undefined);
  return (
    <aside className="card panel" aria-label="Span">
      <div className="panel-head">
        <div className="row top">
          <h2 className="mono-h long grow" dir="auto">{span.name === "" ? "(no name)" : span.name}</h2>
          <Button kind="quiet" size="sm" icon="x" aria-label="Close" onClick={onClose} />
        </div>
        <div className="row row-wrap">
          <Service name={span.service} />
          <span className="muted small">{span.kind}</span>
          {span.sql_id !== null && <SqlId id={span.sql_id} query={range} />}
          {(span.status === "error" || span.http_status !== null) && <Result status={span.status} http={span.http_status} />}
          {span.has_odd_clock && <Badge tone="warn" icon="clock">odd clock</Badge>}
        </div>
        {span.sql_id !== null && (
          <div className="row row-wrap">
            <Link className="btn btn-primary" href={`/console/statements/${span.sql_id}${range}`}>Open statement <kbd aria-hidden="true">S</kbd></Link>
            <Link className="btn" href={hubAround(trace, span)}><Icon name="pulse" />Performance Hub</Link>
          </div>
        )}
      </div>
      <div className="panel-sec">
        <p className="row between"><span className="big-n">{duration(span.duration_ns)}</span>{trace.duration_ns > 0 && <span className="soft">{percent(span.duration_ns / trace.duration_ns)} of the trace</span>}</p>
        <Kv pairs={[
          ["Begins after", duration(span.offset_ns)],
          ["Own time", duration(span.self_ns)],
          ["On the critical path", span.critical_ns > 0 ? duration(span.critical_ns) : "no"],
          ["Rows", rowsOf(span)],
        ]} />
        {sentence !== "" && <p className={cause === "pool" ? "note note-warn" : "note"}><Icon name="clock" /><span>{sentence}</span></p>}
      </div>
      {typeof sql === "string" && <div className="panel-sec"><h3>SQL</h3><Sql text={sql} tight /></div>}
      {hasTags && (
        <div className="panel-sec"><h3>Session tags</h3>
          <Kv pairs={tags.map(([name, value]) => [name, value === undefined ? null : <span key={name} className="row"><span className="mono small"><LongText text={textOf(value)} /></span><Copy text={textOf(value)} what={name} /></span>])} />
        </div>
      )}
      <Logs trace={trace} span={span} />
      {templates.length > 0 && <Elsewhere templates={templates} trace={trace} span={span} />}
      {attributes.length > 0 && <div className="panel-sec"><h3>Attributes</h3><Attributes of={attributes} /></div>}
      {span.more !== null && <div className="panel-sec"><h3>Status, events and links</h3><Attributes of={Object.entries(span.more)} /></div>}
      <div className="panel-sec"><h3>Program</h3><Attributes of={Object.entries(trace.resources[span.resource] ?? {})} /></div>
      <div className="panel-sec"><Kv pairs={[["Span id", <span key="id" className="row"><span className="mono small">{span.span_id}</span><Copy text={span.span_id} what="span id" /></span>]]} /></div>
    </aside>
  );
}
