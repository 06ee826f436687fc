/*
 * Pools of sessions over time, each with how many it may open at most, and all of them together: what a database has to
 * serve. How many are in use is told now and then, so that between two reports there may have been more.
 */
import { Levels, type Point, type Series } from "../kit/chart";
import { count, time } from "../kit/format";
import { Empty, Link, Table, setParams, useAddress, type Column } from "../kit/ui";
import { serviceColor, serviceKey, shortName } from "./services";

interface PoolPoint {
  time: string;
  limit: number;
  used_mean: number;
  used_most: number;
  idle_mean: number;
  pending_most: number;
}

export interface Pool {
  service: string;
  name: string;
  limit: number;
  used_mean: number;
  used_most: number;
  pending_most: number;
  points: PoolPoint[];
}

export interface PoolsOverTime {
  times: string[];
  step_s: number;
  pools: Pool[];
}

const USED = "used";
const OPEN = "open";
const HEIGHT = 112;
const OPEN_COLOR = "var(--c0)";
const DAY_S = 86_400;

const decimal = (value: number) => Number.isInteger(value) ? count(value) : value.toFixed(1);

/** One point of a plot: how many sessions were in use at most, and how many were open on average. */
interface Level { used: number; open: number }

function levelOf(point: PoolPoint): Level {
  return { used: point.used_most, open: Math.max(point.used_most, point.used_mean + point.idle_mean) };
}

/** By time. A pool that says nothing at a time adds nothing to all together. */
function levelsOf(pools: Pool[]): Map<number, Level> {
  const levels = new Map<number, Level>();
  for (const point of pools.flatMap((pool) => pool.points)) {
    const at = Date.parse(point.time);
    const [before, more] = [levels.get(at) ?? { used: 0, open: 0 }, levelOf(point)];
    levels.set(at, { used: before.used + more.used, open: before.open + more.open });
  }
  return levels;
}

function Plot({ title, name, of, limit, color, shown, children }: { title: string; name: string; of: Pool[]; limit: number; color: string; shown: PoolsOverTime; children: JSX.Element }) {
  const levels = levelsOf(of);
  const series: Series[] = [{ id: OPEN, label: "open", color: OPEN_COLOR }, { id: USED, label: "in use", color }];
  const points: Point[] = shown.times.map((moment) => {
    const level = levels.get(Date.parse(moment));
    const values: Point["values"] = level === undefined ? {} : { [OPEN]: level.open, [USED]: level.used };
    return { label: time(moment, shown.step_s >= DAY_S ? "day" : "clock"), values };
  });
  return (
    <figure className="pool" aria-label={title}>
      <figcaption className="row between"><b className="clip">{name}</b>{children}</figcaption>
      <Levels title={title} series={series} points={points} format={decimal} height={HEIGHT} hasLegend={false} hasSwitch={false}
        limit={limit > 0 ? { value: limit, label: count(limit) } : undefined} />
    </figure>
  );
}

function Waited({ most }: { most: number }) {
  return most > 0 ? <span className="small down strong nowrap">{count(most)} waited</span> : <span className="small muted nowrap">nobody waited</span>;
}

const nameOf = (pool: Pool) => `${shortName(pool.service)} ${pool.name}`;

const COLUMNS: Column<Pool>[] = [
  { id: "name", head: "Pool", cell: (pool) => <span className="row nowrap"><i className={`key ${serviceKey(pool.service)}`} aria-hidden="true" />{nameOf(pool)}</span> },
  { id: "limit", head: "At most", isNumber: true, cell: (pool) => count(pool.limit) },
  { id: "used", head: "In use", isNumber: true, cell: (pool) => <b>{decimal(pool.used_most)}</b> },
  { id: "mean", head: "Mean", isNumber: true, className: "hide-s", cell: (pool) => pool.used_mean.toFixed(2) },
  { id: "waited", head: "Waited", isNumber: true, className: "hide-s", cell: (pool) => pool.pending_most > 0 ? <span className="down">{count(pool.pending_most)}</span> : "0" },
];

/** An observer looks at sessions, and comes on top of those that work is done in. */
const isForWork = (pool: Pool) => pool.name !== "observer";

export function Pools({ of, more }: { of: PoolsOverTime; more?: string }) {
  const { query } = useAddress();
  const isTable = query.get("pools") === "table";
  const pools = of.pools.filter(isForWork);
  const observers = of.pools.length - pools.length;
  const limit = pools.reduce((sum, pool) => sum + pool.limit, 0);
  const most = Math.max(0, ...[...levelsOf(pools).values()].map((level) => level.used));
  return (
    <section className="card" id="pools" aria-label="Pools">
      <div className="card-head">
        <h2>Pools</h2>{pools.length > 0 && <p>{decimal(most)} of {count(limit)} sessions in use at the peak{observers > 0 && `; ${observers} that look at sessions come on top`}</p>}
        <div className="row row-wrap push">
          <div className="legend"><span><svg className="key-svg" width="14" height="4" aria-hidden="true"><path d="M0 2h14" stroke="var(--bad)" strokeWidth="2" strokeDasharray="4 3" /></svg>at most</span><span><i className="key" aria-hidden="true" />open</span></div>
          <div className="seg" role="group" aria-label="Pools as">
            <button type="button" aria-pressed={!isTable} onClick={() => setParams({ pools: null })}>Plots</button>
            <button type="button" aria-pressed={isTable} onClick={() => setParams({ pools: "table" })}>Table</button>
          </div>
          {more !== undefined && <Link className="small" href={more}>Sessions and pools</Link>}
        </div>
      </div>
      {pools.length > 0 && !isTable && (
        <div className="card-body pools">
          <Plot title="All pools together" name="Together" of={pools} limit={limit} color="var(--c5)" shown={of}><Waited most={pools.reduce((sum, pool) => sum + pool.pending_most, 0)} /></Plot>
          {pools.map((pool) => <Plot key={nameOf(pool)} title={`Pool ${nameOf(pool)}`} name={nameOf(pool)} of={[pool]} limit={pool.limit} color={serviceColor(pool.service)} shown={of}><Waited most={pool.pending_most} /></Plot>)}
        </div>
      )}
      {(pools.length === 0 || isTable) && (
        <Table caption="Pools" columns={COLUMNS} rows={pools} keyOf={nameOf}
          empty={<Empty title="No pool told of itself">Services say so by OTLP&apos;s metrics, once a minute unless told otherwise. None did in this time.</Empty>} />
      )}
      {pools.length > 0 && <div className="card-foot"><span>As pools say of themselves, once a minute unless told otherwise: between two reports there may have been more.</span></div>}
    </section>
  );
}
