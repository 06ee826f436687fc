/*
 * The Performance Hub: average active sessions over time, stacked by what one likes, and who had the most of them. A
 * part of the time that is drawn over becomes the range of everything below.
 */
import { Area, type Point, type Series } from "../kit/chart";
import { count, duration, percent, time } from "../kit/format";
import { useGet } from "../kit/load";
import { Empty, Link, Note, PageTitle, Pill, ProblemPanel, Skeleton, SqlId, Table, Time, navigate, setParams, useAddress, useKeys, withParams, type Column } from "../kit/ui";
import { Pools, type PoolsOverTime } from "./pools";
import { carried, type Range } from "./range";
import { ServerSide } from "./server";
import { OTHER_SERVICES, serviceColor } from "./services";
import { SessionsNow } from "./sessions";

interface Entry {
  key: string | null;
  name: string | null; // of a statement
  active_sessions: number;
  active_ns: number;
  executions: number;
  mean_ns: number;
}

interface Hub extends PoolsOverTime {
  from: string;
  to: string;
  by: string;
  active_ns: number;
  active_sessions: number;
  series: (Entry & { points: number[] })[];
  others: { active_ns: number; active_sessions: number; points: number[] };
  statements: Entry[];
  actions: Entry[];
  waits: Entry[];
}

const BY: [string, string][] = [["wait", "Wait"], ["service", "Service"], ["module", "MODULE"], ["action", "ACTION"], ["sql_id", "SQL_ID"]];
const FILTERS: [string, string][] = [["service", "service"], ["module", "MODULE"], ["action", "ACTION"], ["sql_id", "SQL_ID"], ["wait", "wait"]];
const OTHERS = "others"; // no key of the question is so short of a dot or a letter that it could be taken for it
const BANDS = 7;
const ACTIONS = 6; // as many as stand beside ten statements
const WAIT_WORDS: Record<string, string> = { commit: "commits", pool: "a session of a pool", queue: "their turn to write", lock: "locks" };
const WAITS: Record<string, string> = { running: "var(--c5)", lock: "var(--c4)", commit: "var(--c3)", pool: "var(--c6)", queue: "var(--c7)" };

export function sessions(value: number): string {
  return value === 0 ? "0" : value < 0.0001 ? "<0.0001" : value < 0.001 ? value.toPrecision(2) : value < 10 ? value.toFixed(3) : value.toFixed(1);
}

function hashOf(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) >>> 0, 7);
}

/** A colour belongs to the thing; where two of the view would have the same, the smaller takes the next that is free. */
export function colorsOf(by: string, keys: string[]): Map<string, string> {
  const colors = new Map<string, string>();
  const used = new Set<string>();
  for (const key of keys) {
    const ofService = by === "service" || by === "module" ? serviceColor(key) : OTHER_SERVICES;
    let color = by === "wait" ? WAITS[key] ?? "" : by === "service" || ofService !== OTHER_SERVICES ? ofService : "";
    for (let step = 0; (color === "" || used.has(color)) && step < BANDS; step++) {
      color = `var(--c${((hashOf(key) + step) % BANDS) + 1})`;
    }
    used.add(color);
    colors.set(key, color);
  }
  return colors;
}

function nameOf(entry: Entry): string {
  return entry.name ?? entry.key ?? "not told";
}

function bands(hub: Hub): { series: Series[]; points: Point[] } {
  const shown = hub.series.slice(0, BANDS);
  const rest = hub.series.slice(BANDS);
  const keys = shown.map((one, at) => one.key ?? `-${at}`);
  const colors = colorsOf(hub.by, keys);
  const restAt = (at: number) => (hub.others.points[at] ?? 0) + rest.reduce((sum, one) => sum + (one.points[at] ?? 0), 0);
  const hasRest = hub.times.some((_, at) => restAt(at) > 0);
  return {
    series: [...shown.map((one, at) => ({ id: keys[at]!, label: nameOf(one), color: colors.get(keys[at]!)! })), ...(hasRest ? [{ id: OTHERS, label: "all others", color: "var(--c0)" }] : [])],
    points: hub.times.map((moment, at) => ({
      label: time(moment, hub.step_s >= 86_400 ? "day" : hub.step_s < 60 ? "clock-ms" : "clock"),
      values: { ...Object.fromEntries(shown.map((one, k) => [keys[k]!, one.points[at] ?? 0])), ...(hasRest && { [OTHERS]: restAt(at) }) },
    })),
  };
}

function Statements({ hub, range }: { hub: Hub; range: Range }) {
  const columns: Column<Entry>[] = [
    { id: "key", head: "Statement", className: "full", cell: (entry) => entry.key === null ? <span className="muted">not told</span>
      : <Link className="cell mono small clip-name" href={withParams({ sql_id: entry.key })} title={nameOf(entry)}>{nameOf(entry)}</Link> },
    { id: "id", head: "SQL_ID", cell: (entry) => entry.key === null ? "—" : <SqlId id={entry.key} query={carried(range)} /> },
    { id: "active", head: "Sessions", isNumber: true, cell: (entry) => <b>{sessions(entry.active_sessions)}</b> },
    { id: "share", head: "Share", isNumber: true, cell: (entry) => hub.active_ns > 0 ? percent(entry.active_ns / hub.active_ns) : "—" },
    { id: "executions", head: "Executions", isNumber: true, className: "hide-s", cell: (entry) => count(entry.executions) },
    { id: "mean", head: "Mean", isNumber: true, className: "hide-s", cell: (entry) => duration(entry.mean_ns) },
  ];
  return (
    <section className="card" aria-label="Top SQL">
      <div className="card-head"><h2>Top SQL</h2></div>
      <Table caption="Top SQL" columns={columns} rows={hub.statements} keyOf={(entry) => entry.key ?? "-"} empty={<p className="card-pad muted">None in this time.</p>} />
    </section>
  );
}

/** Those with the most, each as a bar of its share; a click keeps one alone. */
function Shares({ title, hub, name, rows, colorOf }: { title: string; hub: Hub; name: string; rows: Entry[]; colorOf: (key: string) => string }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head"><h2>{title}</h2></div>
      {rows.length === 0 && <p className="card-pad muted">None in this time.</p>}
      <ul className="split-list">
        {rows.map((entry) => {
          const share = hub.active_ns > 0 ? entry.active_ns / hub.active_ns : 0;
          return (
            <li key={entry.key ?? "-"} className="act">
              <div className="grow">
                <div className="row between">
                  {entry.key === null ? <span className="muted">not told</span> : <Link className="cell mono small clip" href={withParams({ [name]: entry.key })} title={nameOf(entry)}>{nameOf(entry)}</Link>}
                  <span className="row nowrap">{name === "wait" && <span className="small muted">{percent(share)}</span>}<b>{sessions(entry.active_sessions)}</b></span>
                </div>
                <svg className="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="4" fill="var(--sunken)" /><rect width={share * 100} height="4" fill={colorOf(entry.key ?? "")} /></svg>
                {name !== "wait" && <p className="small muted">{percent(share)}, {count(entry.executions)} executions of {duration(entry.mean_ns)}</p>}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What the time amounts to, in a line. */
function Summary({ hub, range }: { hub: Hub; range: Range }) {
  const worst = hub.waits.find((entry) => entry.key !== "running");
  const share = worst === undefined || hub.active_ns === 0 ? 0 : worst.active_ns / hub.active_ns;
  return (
    <div className="row row-wrap brushed small">
      <span><b>{sessions(hub.active_sessions)}</b> active sessions</span><span className="muted" aria-hidden="true">·</span>
      <span><Time at={hub.from} /> – <Time at={hub.to} /> UTC</span><span className="muted" aria-hidden="true">·</span>
      <span><b>{duration(hub.active_ns)}</b> of database time</span>
      {worst !== undefined && <><span className="muted" aria-hidden="true">·</span><span className={share >= 0.5 ? "down strong" : undefined}>{percent(share)} waiting for {WAIT_WORDS[worst.key ?? ""] ?? worst.key}</span></>}
      <Link className="push" href={`/console/traces${carried(range)}`}>Traces of this time</Link>
    </div>
  );
}

export function HubPage({ range }: { range: Range & { tick: number } }) {
  const { query } = useAddress();
  const by = BY.find(([id]) => id === query.get("by"))?.[0] ?? "wait";
  const filters = FILTERS.flatMap(([name, label]) => query.get(name) ? [{ name, label, value: query.get(name)! }] : []);
  const loaded = useGet<Hub>("/api/hub", { from: range.since, to: range.until, by, ...Object.fromEntries(filters.map(({ name, value }) => [name, value])) }, { again: range.tick });
  const hub = loaded.value;
  useKeys([{ keys: "t", does: "Traces of this time", run: () => navigate(`/console/traces${carried(range)}`) }]);
  const brush = (first: number, last: number) => hub !== undefined && setParams({
    from: new Date(hub.times[first]!).toISOString(), to: new Date(Date.parse(hub.times[last]!) + hub.step_s * 1000).toISOString(),
  });
  return (
    <>
      <PageTitle tab="Performance Hub" app="Console" className="vh">Performance Hub</PageTitle>
      {range.ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long">{range.ignored.join(", ")}</span>, which is no moment.</Note>}
      {filters.length > 0 && <div className="filters">{filters.map(({ name, label, value }) => <Pill key={name} name={label} onRemove={() => setParams({ [name]: null })}>{value}</Pill>)}</div>}
      {hub === undefined && (loaded.problem === undefined ? <Skeleton lines={12} /> : <ProblemPanel problem={loaded.problem} what="The Performance Hub could not be loaded" retry={loaded.reload} />)}
      {hub !== undefined && (
        <>
          {loaded.problem !== undefined && <Note tone="warn"><b>Older than it should be:</b> {loaded.problem.detail}</Note>}
          <section className="card" aria-label="Average active sessions">
            <div className="card-head">
              <h2>Average active sessions</h2><p>exact, from spans; each point {duration(hub.step_s * 1e9)}</p>
              <div className="seg push" role="group" aria-label="Stacked by">{BY.map(([id, label]) => <button key={id} type="button" aria-pressed={id === by} onClick={() => setParams({ by: id === "wait" ? null : id })}>{label}</button>)}</div>
            </div>
            <div className="card-body">
              {hub.series.length === 0
                ? <Empty title="The databases were idle">No session was active in this time, as far as spans tell.</Empty>
                : <Area title={`Average active sessions by ${by}`} {...bands(hub)} format={sessions} formatTick={(tick) => String(tick)} height={240} onBrush={brush} onPick={(at) => brush(at, at)} />}
            </div>
            <div className="card-foot"><span>Draw over the plot to look closer.</span></div>
          </section>
          <Summary hub={hub} range={range} />
          <div className="grid g-hub">
            <Statements hub={hub} range={range} />
            <div className="stack stack-3">
              <Shares title="Waits" hub={hub} name="wait" rows={hub.waits} colorOf={(key) => WAITS[key] ?? OTHER_SERVICES} />
              <Shares title="Top ACTION" hub={hub} name="action" rows={hub.actions.slice(0, ACTIONS)} colorOf={() => "var(--accent)"} />
            </div>
          </div>
          <ServerSide service={query.get("service")} range={range} />
          <Pools of={hub} more={`/console/sessions${carried(range)}`} />
          {range.canBeLive && <SessionsNow range={range} />}
        </>
      )}
    </>
  );
}
