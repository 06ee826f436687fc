/* Durations over time: as a heat map of all requests, or as dots of those in the list; and what those in a box have that others lack. */
import { useMemo } from "react";

import { count, duration, percent, time } from "../kit/format";
import { useGet, type Loaded } from "../kit/load";
import type { Scale } from "../kit/scale";
import { Button, Empty, ProblemNote, Skeleton, navigate, setParams } from "../kit/ui";
import type { Params } from "../kit/api";
import { Plane, type Box } from "./plane";
import { OF_A_PROCESS } from "./facets";
import { turnClause } from "./searchbox";
import { serviceColor } from "./services";
import { FIELDS, fieldOf } from "./where";

const NS_PER_MS = 1e6;
const NS_PER_US = 1000;

/* ---- a box in the address: "from,to,least,most", in UTC and microseconds ---- */

export function boxOf(text: string): Box | undefined {
  const [from, to, least, most, ...more] = text.split(",");
  const box = { from: Date.parse(from ?? ""), to: Date.parse(to ?? ""), minNs: Number(least || NaN) * NS_PER_US, maxNs: Number(most || NaN) * NS_PER_US };
  return more.length === 0 && box.from <= box.to && box.minNs >= 0 && box.minNs <= box.maxNs && box.maxNs <= 86_400e9 ? box : undefined;
}

const microseconds = (box: Box) => ({ least: Math.max(0, Math.floor(box.minNs / NS_PER_US)), most: Math.max(1, Math.ceil(box.maxNs / NS_PER_US)) });

export function textOfBox(box: Box): string {
  const { least, most } = microseconds(box);
  return [new Date(box.from).toISOString(), new Date(box.to).toISOString(), least, most].join(",");
}

/** A box as a test of durations. */
export function durationsOf(box: Box): string {
  const { least, most } = microseconds(box);
  return `duration = ${least}us..${most}us`;
}

/* ---- the heat map ---- */

export interface Heatmap {
  since: string;
  step_ns: number;
  columns: number;
  rows_begin_ns: number[];
  cells: { column: number; row: number; count: number; error_count: number }[];
  total: number;
  skipped: number;
}

const COLUMNS = 120;
const SHADES = 6;

/** The part of the time in which there is anything, with a column more at each side; in milliseconds. */
export function occupied(map: Heatmap): { from: number; to: number; share: number } | undefined {
  if (map.cells.length === 0) {
    return undefined;
  }
  const columns = map.cells.map((cell) => cell.column);
  const [first, last] = [Math.min(...columns), Math.max(...columns) + 1];
  const at = (column: number) => Date.parse(map.since) + (column * map.step_ns) / NS_PER_MS;
  return { from: at(Math.max(0, first - 1)), to: at(Math.min(map.columns, last + 1)), share: (last - first) / map.columns };
}

/** Without bounds of time the first answer says where anything is, and the second looks at that part. */
function useHeatmap(params: Params, again: number): Loaded<Heatmap> {
  const all = useGet<Heatmap>("/api/traces/heatmap", { ...params, columns: COLUMNS }, { again });
  const part = all.value !== undefined && params.since === undefined ? occupied(all.value) : undefined;
  const isSmall = part !== undefined && part.share < 0.5;
  const fine = useGet<Heatmap>(isSmall ? "/api/traces/heatmap" : null, {
    ...params, since: part && new Date(part.from).toISOString(), until: part && new Date(part.to).toISOString(), columns: COLUMNS,
  }, { again });
  return isSmall && (fine.value !== undefined || fine.problem !== undefined) ? fine : { ...all, value: isSmall ? undefined : all.value };
}

function cellPaths(map: Heatmap, x: Scale, y: Scale): { shades: string[]; failed: string } {
  const most = Math.log(Math.max(2, ...map.cells.map((cell) => cell.count)));
  const since = Date.parse(map.since);
  const shades = Array.from({ length: SHADES }, () => "");
  let failed = "";
  for (const cell of map.cells) {
    const [left, right] = [0, 1].map((more) => x(since + ((cell.column + more) * map.step_ns) / NS_PER_MS));
    const begins = map.rows_begin_ns[cell.row]!;
    const [top, bottom] = [y(map.rows_begin_ns[cell.row + 1] ?? begins * 1.4), y(begins)];
    const shade = Math.min(SHADES - 1, Math.floor((Math.log(cell.count) / most) * (SHADES - 1) + 0.999));
    shades[shade] += `M${left!.toFixed(1)} ${top.toFixed(1)}H${Math.max(left! + 1, right! - 0.6).toFixed(1)}V${(bottom - 0.6).toFixed(1)}H${left!.toFixed(1)}z`;
    if (cell.error_count > 0) {
      failed += `M${((left! + right!) / 2 - 3).toFixed(1)} ${((top + bottom) / 2 - 3).toFixed(1)}l6 6m0-6l-6 6`;
    }
  }
  return { shades, failed };
}

function Heat({ map, box, onBox }: { map: Heatmap; box: Box | undefined; onBox: (box: Box | undefined) => void }) {
  const since = Date.parse(map.since);
  const end = since + (map.columns * map.step_ns) / NS_PER_MS;
  const rows = map.rows_begin_ns;
  const [minNs, maxNs] = [Math.max(1, rows[0]! / 1.4), rows[rows.length - 1]! * 2];
  const failed = map.cells.reduce((sum, cell) => sum + cell.error_count, 0);
  const cellBox = (ms: number, ns: number): Box => {
    const column = Math.floor(((ms - since) * NS_PER_MS) / map.step_ns);
    const row = rows.filter((begins) => begins <= ns).length - 1;
    const at = (k: number) => since + (k * map.step_ns) / NS_PER_MS;
    return { from: Math.floor(at(column)), to: Math.ceil(at(column + 1)), minNs: rows[row] ?? minNs, maxNs: rows[row + 1] ?? maxNs };
  };
  const countOf = (of: Box) => `about ${count(map.cells.filter((cell) => {
    const middle = since + ((cell.column + 0.5) * map.step_ns) / NS_PER_MS;
    const ns = rows[cell.row]! * 1.2;
    return middle >= of.from && middle <= of.to && ns >= of.minNs && ns <= of.maxNs;
  }).reduce((sum, cell) => sum + cell.count, 0))} requests`;
  return (
    <Plane from={since} to={end} minNs={minNs} maxNs={maxNs} box={box} onBox={onBox} countOf={countOf}
      label={`Durations of ${count(map.total)} requests from ${time(since, "clock")} to ${time(end, "clock")}, ${count(failed)} of them failed`}
      onClick={({ ms, ns }) => onBox(cellBox(ms, ns))}>
      {(x, y) => {
        const paths = cellPaths(map, x, y);
        return <>{paths.shades.map((path, k) => <path key={k} d={path} fill={`var(--h${k + 1})`} />)}<path d={paths.failed} stroke="var(--bad)" strokeWidth="1.8" fill="none" /></>;
      }}
    </Plane>
  );
}

/* ---- dots ---- */

export interface Dot {
  id: string;
  at: number; // ms
  ns: number;
  service: string;
  isError: boolean;
}

function Dots({ dots, box, onBox, hrefOf }: { dots: Dot[]; box: Box | undefined; onBox: (box: Box | undefined) => void; hrefOf: (id: string) => string }) {
  const sizes = dots.map((dot) => Math.max(NS_PER_US, dot.ns));
  const from = Math.min(...dots.map((dot) => dot.at));
  const to = Math.max(...dots.map((dot) => dot.at), from + 1000);
  const countOf = (of: Box) => {
    const inside = dots.filter((dot) => dot.at >= of.from && dot.at <= of.to && dot.ns >= of.minNs && dot.ns <= of.maxNs).length;
    return `${count(inside)} ${inside === 1 ? "request" : "requests"}`;
  };
  return (
    <Plane from={from} to={to} minNs={Math.min(...sizes) * 0.8} maxNs={Math.max(...sizes) * 1.25} box={box} onBox={onBox} countOf={countOf} label={`Durations of ${count(dots.length)} requests`}
      onClick={({ isNear }) => {
        const near = dots.find((dot) => isNear(dot.at, dot.ns));
        if (near !== undefined) {
          navigate(hrefOf(near.id));
        }
      }}>
      {(x, y) => dots.map((dot) => {
        const [cx, cy] = [x(dot.at), y(Math.max(NS_PER_US, dot.ns))];
        return dot.isError
          ? <path key={dot.id} d={`M${cx - 4} ${cy - 4}l8 8m0-8l-8 8`} stroke="var(--bad)" strokeWidth="2" />
          : <circle key={dot.id} cx={cx} cy={cy} r="3.5" fill={serviceColor(dot.service)} fillOpacity="0.75" />;
      })}
    </Plane>
  );
}

/* ---- both ---- */

interface DurationsProps {
  plot: "heat" | "dots";
  params: Params; // of the search, without the box
  again: number;
  dots: Dot[];
  box: Box | undefined;
  hrefOf: (id: string) => string;
}

export function Durations({ plot, params, again, dots, box, hrefOf }: DurationsProps) {
  const heat = useHeatmap(plot === "heat" ? params : { since: params.since, until: params.until }, again);
  const map = heat.value;
  const onBox = (next: Box | undefined) => setParams({ box: next === undefined ? null : textOfBox(next), cursor: null });
  return (
    <section className="card" aria-label="Durations">
      <div className="card-head">
        <h2>Durations</h2><p className="hide-s">{plot === "dots" ? `of the ${count(dots.length)} in the list; ` : ""}draw a box to look at those in it</p>
        <div className="row row-wrap push">
          <div className="seg" role="group" aria-label="Plot">
            <button type="button" aria-pressed={plot === "heat"} onClick={() => setParams({ plot: null })}>Heat map</button>
            <button type="button" aria-pressed={plot === "dots"} onClick={() => setParams({ plot: "dots" })}>Dots</button>
          </div>
          {plot === "heat"
            ? <div className="legend"><span>few {[1, 2, 3, 4, 5, 6].map((shade) => <svg key={shade} className="heat-key" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" fill={`var(--h${shade})`} /></svg>)} many</span><span><span className="down" aria-hidden="true">×</span> failed</span></div>
            : <div className="legend"><span><i className="key k1" />Shop</span><span><i className="key k2" />CRM</span><span><i className="key" />others</span><span><span className="down" aria-hidden="true">×</span> failed</span></div>}
        </div>
      </div>
      <div className="card-body plane-room">
        {plot === "dots" && (dots.length > 0 ? <Dots dots={dots} box={box} onBox={onBox} hrefOf={hrefOf} /> : <p className="muted">None.</p>)}
        {plot === "heat" && map === undefined && (heat.problem === undefined ? <Skeleton lines={8} /> : <div className="stack stack-2"><ProblemNote problem={heat.problem} what="The heat map could not be made." /><Button size="sm" onClick={heat.reload}>Try again</Button></div>)}
        {plot === "heat" && map !== undefined && (map.cells.length > 0 ? <Heat map={map} box={box} onBox={onBox} /> : <p className="muted">No request in this time.</p>)}
        {plot === "heat" && map !== undefined && map.skipped > 0 && <p className="muted small">{count(map.skipped)} without a place here: they end before they begin.</p>}
      </div>
    </section>
  );
}

/* ---- what is different ---- */

interface Difference {
  field: string;
  value: string;
  selected: number;
  rest: number;
  difference: number;
}

interface Comparison {
  selected: number;
  rest: number;
  differences: Difference[];
  is_cut: boolean;
}

const DIFFERENCES = 6;
const ASKED = 60;

/** What says the same twice, as http_status and its attribute, once; and nothing that a single one of many has. */
export function telling(comparison: Comparison, where: string): Difference[] {
  const seen = new Set<string>();
  const least = comparison.selected > 4 ? 2 : 1;
  return [...comparison.differences].sort((a, b) => b.difference - a.difference || Number(FIELDS.includes(b.field)) - Number(FIELDS.includes(a.field))).filter((one) => {
    const same = `${one.value.replace(/^[A-Z]+ /, "")} ${one.selected} ${one.rest}`;
    const isNew = !seen.has(same) && one.selected >= least && !where.includes(fieldOf(one.field)) && !OF_A_PROCESS.test(one.field);
    seen.add(same);
    return isNew;
  }).slice(0, DIFFERENCES);
}

export function Differences({ params, box, where, again }: { params: Params; box: Box | undefined; where: string; again: number }) {
  const sides = box === undefined ? {} : { box_since: new Date(box.from).toISOString(), box_until: new Date(box.to).toISOString(), box_min_us: microseconds(box).least, box_max_us: microseconds(box).most };
  const hasQuestion = box !== undefined || where !== "";
  const loaded = useGet<Comparison>(hasQuestion ? "/api/traces/compare" : null, { ...params, ...sides, limit: ASKED }, { again });
  const value = hasQuestion ? loaded.value : undefined;
  const shown = useMemo(() => value === undefined ? [] : telling(value, where), [value, where]);
  const search = () => box !== undefined && setParams({
    from: new Date(box.from).toISOString(), to: new Date(box.to).toISOString(), box: null, cursor: null,
    q: [where === "" ? [] : [where], durationsOf(box)].flat().join(" and "),
  });
  return (
    <section className="card" aria-label="What is different here">
      <div className="card-head"><h2>What is different here</h2>{value !== undefined && <p>{count(value.selected)} against {count(value.rest)}</p>}</div>
      {!hasQuestion && <p className="card-pad muted">Draw a box over requests that you wonder about: what they have more often than all others stands here.</p>}
      {hasQuestion && value === undefined && (loaded.problem === undefined ? <Skeleton lines={6} /> : <div className="card-pad stack stack-2"><ProblemNote problem={loaded.problem} what="They could not be compared." /><Button size="sm" onClick={loaded.reload}>Try again</Button></div>)}
      {value !== undefined && value.selected === 0 && <Empty title="Nothing in the box">Draw it around some requests.</Empty>}
      {value !== undefined && value.selected > 0 && shown.length === 0 && <p className="card-pad muted">{value.rest === 0 ? "There is nothing else to compare them with." : "They have nothing more often than the others."}</p>}
      {value !== undefined && shown.length > 0 && (
        <ul className="card-pad stack stack-2">
          {shown.map((one) => {
            const [here, there] = [one.selected / value.selected, value.rest > 0 ? one.rest / value.rest : 0];
            return (
              <li key={`${one.field} ${one.value}`}>
                <button type="button" className="differ" title={`${one.field} ${one.value}: a click searches for it`} onClick={() => turnClause(where, { field: fieldOf(one.field), test: "=", value: one.value, most: "" })}>
                  <span className="row between"><span className="clip" dir="auto"><span className="muted">{one.field}</span> <span className="strong">{one.value === "" ? "(empty)" : one.value}</span></span><span className="nowrap small"><b>{percent(here)}</b> / {percent(there)}</span></span>
                  <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" fill="var(--sunken)" /><rect width={here * 100} height="6" fill="var(--accent)" /><rect y="7" width={Math.max(0.5, there * 100)} height="3" fill="var(--text-3)" /></svg>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {value?.is_cut === true && <p className="card-pad muted small">There are more values than are told apart: rare ones may be missing.</p>}
      {box !== undefined && <div className="card-foot"><Button size="sm" onClick={search}>Search within</Button><Button size="sm" kind="quiet" onClick={() => setParams({ box: null, cursor: null })}>Drop the box</Button></div>}
    </section>
  );
}

/** For the head of the list. */
export function boxLabel(box: Box): string {
  return `${time(box.from, "clock-ms")} – ${time(box.to, "clock-ms")}, ${duration(box.minNs)} – ${duration(box.maxNs)}`;
}
