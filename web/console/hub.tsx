/*
 * The Performance Hub: average active sessions over time, stacked by what one likes, and who had the most of them. A
 * part of the time that is drawn over becomes the range of everything below.
 */
import { Area, type Point, type Series } from "../kit/chart";
import { count, duration, percent, time } from "../kit/format";
import { useGet } from "../kit/load";
import { Empty, Link, Note, PageTitle, Pill, ProblemPanel, Skeleton, SqlId, Table, Time, navigate, setParams, useAddress, useKeys, withParams, type Column } from "../kit/ui";
import { carried, type Range } from "./range";
import { OTHER_SERVICES, serviceColor } from "./services";

interface Entry {
  key: string | null;
  name: string | null; // of a statement
  active_sessions: number;
  active_ns: number;
  executions: number;
  mean_ns: number;
}

interface Hub {
  from: string;
  to: string;
  step_s: number;
  by: string;
  active_ns: number;
  active_sessions: number;
  times: string[];
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

function columns(hub: Hub, name: string, label: string, range: Range): Column<Entry>[] {
  const filter = (entry: Entry) => entry.key === null ? <span className="muted">not told</span>
    : <Link className="cell mono small clip-name" href={withParams({ [name]: entry.key })} title={nameOf(entry)}>{nameOf(entry)}</Link>;
  return [
    { id: "key", head: label, className: "full", cell: filter },
    ...(name === "sql_id" ? [{ id: "id", head: "SQL_ID", cell: (entry: Entry) => entry.key === null ? "—" : <SqlId id={entry.key} query={carried(range)} /> }] : []),
    { id: "active", head: "Sessions", isNumber: true, cell: (entry) => <b>{sessions(entry.active_sessions)}</b> },
    { id: "share", head: "Share", isNumber: true, cell: (entry) => hub.active_ns > 0 ? percent(entry.active_ns / hub.active_ns) : "—" },
    ...(name === "wait" ? [] : [
      { id: "executions", head: "Executions", isNumber: true, className: "hide-s", cell: (entry: Entry) => count(entry.executions) },
      { id: "mean", head: "Mean", isNumber: true, className: "hide-s", cell: (entry: Entry) => duration(entry.mean_ns) },
    ]),
  ];
}

function Top({ title, hub, name, label, rows, range }: { title: string; hub: Hub; name: string; label: string; rows: Entry[]; range: Range }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head"><h2>{title}</h2></div>
      <Table caption={title} columns={columns(hub, name, label, range)} rows={rows} keyOf={(entry) => entry.key ?? "-"} empty={<p className="card-pad muted">None in this time.</p>} />
    </section>
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
              <h2>Average active sessions</h2><p>{sessions(hub.active_sessions)} in <Time at={hub.from} /> – <Time at={hub.to} /> UTC, each point {duration(hub.step_s * 1e9)}</p>
              <div className="seg push" role="group" aria-label="Stacked by">{BY.map(([id, label]) => <button key={id} type="button" aria-pressed={id === by} onClick={() => setParams({ by: id === "wait" ? null : id })}>{label}</button>)}</div>
            </div>
            <div className="card-body">
              {hub.series.length === 0
                ? <Empty title="The databases were idle">No session was active in this time, as far as spans tell.</Empty>
                : <Area title={`Average active sessions by ${by}`} {...bands(hub)} format={sessions} height={240} onBrush={brush} onPick={(at) => brush(at, at)} />}
            </div>
            <div className="card-foot"><span>Draw over the plot to look closer.</span><Link className="push" href={`/console/traces${carried(range)}`}>Traces of this time</Link></div>
          </section>
          <div className="grid g-hub">
            <Top title="Top SQL" hub={hub} name="sql_id" label="Statement" rows={hub.statements} range={range} />
            <Top title="Waits" hub={hub} name="wait" label="Wait" rows={hub.waits} range={range} />
          </div>
          <Top title="Top ACTION" hub={hub} name="action" label="ACTION" rows={hub.actions} range={range} />
        </>
      )}
    </>
  );
}
