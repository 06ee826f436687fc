/*
 * What database servers count of the services' statements, each figure above the one that spans tell since the server counts;
 * where the two differ the console says so (GET /api/hub/server, GET /api/statements/{sql_id}/server).
 */
import type { ReactNode } from "react";

import { count, duration } from "../kit/format";
import { useGet } from "../kit/load";
import { Badge, Button, Link, Note, SqlId, Table, Time, type Column } from "../kit/ui";
import { carried, type Range } from "./range";
import { serviceKey, shortName } from "./services";
import { SERVER } from "./words/server";

interface Database {
  service: string;
  engine: string | null;
  since: string | null; // null: it counts nothing
  statements: number;
  reason: string | null; // why it is not compared
}

interface Compared {
  service: string;
  sql_id: string;
  name: string;
  server: { calls: number; rows: number; total_us: number } | null;
  spans: { executions: number; rows: number; total_us: number } | null;
  between_us: number | null;
  differs: string[];
}

interface Sides {
  databases: Database[];
  statements: Compared[];
  total: number;
}

const NS_PER_US = 1000;
const TOP = 10;

const time = (us: number) => duration(us * NS_PER_US);

/** Where rows are cards there are no heads. */
function Label({ children }: { children: string }) {
  return <span className="only-s small muted">{children}</span>;
}

/** The server's figure, below it that of spans. */
function Both({ label, server, spans, isOff }: { label: string; server: string | null; spans: string | null; isOff: boolean }) {
  return (
    <span className={isOff ? "caller down" : "caller"}>
      <Label>{label}</Label>{" "}
      {server === null ? <span className="muted">{SERVER.notCounted}</span> : <b>{server}</b>}
      <span className="sub">{spans === null ? SERVER.noSpans : SERVER.bySpans(spans)}</span>
    </span>
  );
}

function columns(range: Range, isOfOne: boolean): Column<Compared>[] {
  const { statement, id, executions, rows, time: inServer, between, differs } = SERVER.columns;
  const key = (one: Compared) => <i className={`key ${serviceKey(one.service)}`} title={shortName(one.service)} />;
  return [
    isOfOne
      ? { id: "service", head: "MODULE", className: "full", cell: (one) => <span className="row nowrap">{key(one)}{one.service}</span> }
      : { id: "name", head: statement, className: "full", cell: (one) => <span className="row nowrap">{key(one)}<Link className="cell mono small clip-name" title={one.name} href={`/console/statements/${one.sql_id}${carried(range)}`}>{one.name}</Link></span> },
    ...(isOfOne ? [] : [{ id: "id", head: id, className: "hide-s", cell: (one: Compared) => <SqlId id={one.sql_id} query={carried(range)} /> }]),
    { id: "executions", head: executions, isNumber: true, cell: (one) => <Both label={executions} server={one.server && count(one.server.calls)} spans={one.spans && count(one.spans.executions)} isOff={one.differs.includes("calls")} /> },
    { id: "rows", head: rows, isNumber: true, cell: (one) => <Both label={rows} server={one.server && count(one.server.rows)} spans={one.spans && count(one.spans.rows)} isOff={one.differs.includes("rows")} /> },
    { id: "time", head: inServer, isNumber: true, cell: (one) => <Both label={inServer} server={one.server && time(one.server.total_us)} spans={one.spans && time(one.spans.total_us)} isOff={one.differs.includes("time")} /> },
    { id: "between", head: between, isNumber: true, className: "hide-s", cell: (one) => one.between_us === null ? "—" : time(one.between_us) },
    { id: "differs", head: differs, cell: (one) => one.differs.length === 0 ? <span className="muted"><Label>{differs}</Label> {SERVER.agrees}</span>
      : <span className="row row-wrap"><Label>{differs}</Label>{one.differs.map((word) => <Badge key={word} tone="bad" icon="warn">{SERVER.differs[word] ?? word}</Badge>)}</span> },
  ];
}

/** In a few lines: it is the usual case on SQLite, and stands among other cards. */
function Nothing({ title, children }: { title: string; children: ReactNode }) {
  return <div className="card-pad stack stack-1"><p className="strong">{title}</p>{children}</div>;
}

/** Of all, where `id` is undefined; `service` is a MODULE. */
export function ServerSide({ id, service, range }: { id?: string; service?: string | null; range: Range }) {
  const loaded = useGet<Sides>(id === undefined ? "/api/hub/server" : `/api/statements/${encodeURIComponent(id)}/server`, id === undefined ? { service, top: TOP } : {});
  const sides = loaded.value;
  const counting = sides?.databases.filter((one) => one.since !== null) ?? [];
  const silent = sides?.databases.filter((one) => one.reason !== null) ?? [];
  const isNothing = sides !== undefined && counting.length === 0;
  return (
    <section className="card" id="server" aria-label={SERVER.title}>
      <div className="card-head">
        <h2>{SERVER.title}</h2>
        {counting.map((one) => <p key={one.service}>{SERVER.since(shortName(one.service), one.engine ?? "", SERVER.statements(one.statements, count(one.statements)))}<Time at={one.since!} /> UTC</p>)}
        <div className="push"><Button size="sm" busy={loaded.isLoading ? SERVER.askAgain : undefined} onClick={loaded.reload}>{SERVER.askAgain}</Button></div>
      </div>
      {!isNothing && silent.map((one) => <div key={one.service} className="card-pad"><Note tone="warn"><b>{SERVER.notCompared}</b> {shortName(one.service)}: <span className="long">{one.reason}</span></Note></div>)}
      <Table caption={SERVER.caption} columns={columns(range, id !== undefined)} rows={sides?.statements} keyOf={(one) => `${one.service} ${one.sql_id}`} skeletonRows={3}
        isLoading={loaded.isLoading} problem={loaded.problem} what={SERVER.what} retry={loaded.reload}
        empty={isNothing
          ? <Nothing title={SERVER.none}>{silent.map((one) => <p key={one.service} className="muted">{shortName(one.service)}: {one.reason}</p>)}</Nothing>
          : <Nothing title={SERVER.noneOfIt}><p className="muted">{id === undefined ? SERVER.notYet : SERVER.notKnown}</p></Nothing>} />
      {sides !== undefined && sides.statements.length > 0 && (
        <div className="card-foot">{sides.total > sides.statements.length && <span role="status">{SERVER.some(count(sides.statements.length), count(sides.total))}</span>}<span>{SERVER.foot}</span></div>
      )}
    </section>
  );
}
