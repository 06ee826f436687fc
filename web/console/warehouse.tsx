/* SQL Warehouse: what became of statements from day to day. Categories and where they begin are the console's; they can be moved. */
import { useState, type FormEvent } from "react";

import { Spark } from "../kit/chart";
import { count, duration, percent, shortCount, time } from "../kit/format";
import { useGet } from "../kit/load";
import { Badge, Button, Dialog, Empty, Field, Icon, Link, Note, PageTitle, SqlId, Table, Time, setParams, useAddress, withParams, type BadgeTone, type Column } from "../kit/ui";
import { carried, type Range } from "./range";

interface Day {
  start: string;
  executions: number;
  p50_ns: number;
}

interface Entry {
  sql_id: string;
  name: string;
  executions: number;
  active_ns: number;
  is_degrading: boolean;
  is_improving: boolean;
  is_variant: boolean;
  is_inefficient: boolean;
  change_percent: number | null; // null: too few days tell something
  variability_percent: number;
  waiting_percent: number;
  days: Day[];
}

interface Limits {
  change: number;
  variability: number;
  waiting: number;
}

interface Warehouse {
  from: string;
  to: string;
  limits: Limits;
  counts: { statements: number; degrading: number; improving: number; variant: number; inefficient: number };
  statements: Entry[];
  total: number;
  next_cursor: string | null;
}

type Category = "degrading" | "variant" | "inefficient" | "improving";

interface Kind {
  id: Category;
  label: string;
  icon: string;
  tone: BadgeTone;
  className: string;
  says: (limits: Limits) => string;
  holds: (entry: Entry) => boolean;
}

const KINDS: Kind[] = [
  { id: "degrading", label: "Degrading", icon: "trend", tone: "bad", className: "down", says: (limits) => `median up by more than ${limits.change} %`, holds: (entry) => entry.is_degrading },
  { id: "variant", label: "Variant", icon: "wave", tone: "warn", className: "warn", says: (limits) => `deviation above ${limits.variability / 100} means`, holds: (entry) => entry.is_variant },
  { id: "inefficient", label: "Inefficient", icon: "leak", tone: "warn", className: "warn", says: (limits) => `more than ${limits.waiting} % of the time waiting`, holds: (entry) => entry.is_inefficient },
  { id: "improving", label: "Improving", icon: "trenddn", tone: "ok", className: "up", says: (limits) => `median down by more than ${limits.change} %`, holds: (entry) => entry.is_improving },
];
const CATEGORIES = [...KINDS.map((kind) => kind.id as string), "any", "all"];
const LIMITS: { name: keyof Limits; label: string; hint: string }[] = [
  { name: "change", label: "Change of the median, in percent", hint: "Degrading and Improving; usually 20" },
  { name: "variability", label: "Deviation, in percent of the mean", hint: "Variant; usually 166" },
  { name: "waiting", label: "Waiting, in percent of the time", hint: "Inefficient; usually 20" },
];
const PERCENT_MOST = 100_000;
const PAGE = 100;

const isLimit = (text: string) => /^\d{1,6}$/.test(text) && Number(text) >= 1 && Number(text) <= PERCENT_MOST;

function LimitsDialog({ limits, onClose }: { limits: Limits; onClose: () => void }) {
  const [typed, setTyped] = useState<Record<keyof Limits, string>>({ change: String(limits.change), variability: String(limits.variability), waiting: String(limits.waiting) });
  const [isSent, setSent] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSent(true);
    if (Object.values(typed).every(isLimit)) {
      setParams({ ...typed, cursor: null });
      onClose();
    }
  };
  const reset = () => {
    setParams({ change: null, variability: null, waiting: null, cursor: null });
    onClose();
  };
  return (
    <Dialog title="Thresholds" onClose={onClose} actions={<><Button kind="quiet" onClick={reset}>As usual</Button><Button onClick={onClose}>Cancel</Button><Button kind="primary" type="submit" form="limits-form">Apply</Button></>}>
      <form id="limits-form" className="stack stack-3" onSubmit={submit}>
        {LIMITS.map(({ name, label, hint }) => (
          <Field key={name} label={label} hint={hint} error={isSent && !isLimit(typed[name]) ? "A whole number from 1 to 100,000" : undefined}>
            <input className="input" inputMode="numeric" value={typed[name]} onChange={(event) => setTyped({ ...typed, [name]: event.target.value.trim() })} />
          </Field>
        ))}
      </form>
    </Dialog>
  );
}

function Tiles({ warehouse, category }: { warehouse: Warehouse; category: string }) {
  const { counts, limits } = warehouse;
  const href = (id: string) => withParams({ category: id === category ? null : id, cursor: null });
  return (
    <nav className="cat-tiles cat-tiles-5" aria-label="Categories">
      {KINDS.map((kind) => (
        <Link key={kind.id} className="cat-tile" href={href(kind.id)} aria-current={category === kind.id ? "true" : undefined}>
          <span className={`k ${kind.className}`}><Icon name={kind.icon} />{kind.label}</span><b>{count(counts[kind.id])}</b><small>{kind.says(limits)}</small>
        </Link>
      ))}
      <Link className="cat-tile" href={href("all")} aria-current={category === "all" ? "true" : undefined}>
        <span className="k"><Icon name="list" />All statements</span><b>{count(counts.statements)}</b><small>that ran in this time</small>
      </Link>
    </nav>
  );
}

const changed = (entry: Entry) => entry.change_percent === null ? <span title="A trend takes three days on which it ran">—</span>
  : <b className={entry.is_degrading ? "down" : entry.is_improving ? "up" : undefined}>{entry.change_percent > 0 ? "+" : ""}{percent(entry.change_percent / 100)}</b>;

/** Days on which it did not run tell nothing of its duration. */
function MedianPlot({ entry }: { entry: Entry }) {
  const days = entry.days.filter((day) => day.executions > 0);
  if (days.length < 2) {
    return <span className="muted small nowrap">{days.length === 0 ? "—" : `${duration(days[0]!.p50_ns)} (one day)`}</span>;
  }
  const [first, last] = [days[0]!, days[days.length - 1]!];
  return <Spark values={days.map((day) => day.p50_ns)} color={entry.is_degrading ? "var(--bad)" : entry.is_improving ? "var(--ok)" : "var(--c1)"}
    label={`Median of ${days.length} days: ${duration(first.p50_ns)} on ${time(first.start, "day")}, ${duration(last.p50_ns)} on ${time(last.start, "day")}`} />;
}

function columns(range: Range): Column<Entry>[] {
  return [
    { id: "name", head: "Statement", className: "full", cell: (entry) => <Link className="cell mono small clip-name" href={hrefOf(entry, range)}>{entry.name === "" ? entry.sql_id : entry.name}</Link> },
    { id: "id", head: "SQL_ID", cell: (entry) => <SqlId id={entry.sql_id} query={carried(range)} /> },
    { id: "category", head: "Category", className: "full", cell: (entry) => {
      const kinds = KINDS.filter((kind) => kind.holds(entry));
      return kinds.length === 0 ? <span className="muted">none</span> : <span className="row row-wrap">{kinds.map((kind) => <Badge key={kind.id} tone={kind.tone} icon={kind.icon}>{kind.label}</Badge>)}</span>;
    } },
    { id: "median", head: "Median by day", cell: (entry) => <MedianPlot entry={entry} /> },
    { id: "change", head: "Change", isNumber: true, className: "late", cell: changed },
    { id: "variability", head: "Deviation", isNumber: true, className: "hide-s", cell: (entry) => percent(entry.variability_percent / 100) },
    { id: "waiting", head: "Waiting", isNumber: true, className: "hide-s", cell: (entry) => percent(entry.waiting_percent / 100) },
    { id: "executions", head: "Executions", isNumber: true, className: "hide-s", cell: (entry) => <span title={count(entry.executions)}>{shortCount(entry.executions)}</span> },
    { id: "active", head: "Time", isNumber: true, className: "hide-s", cell: (entry) => duration(entry.active_ns) },
  ];
}

const hrefOf = (entry: Entry, range: Range) => `/console/statements/${entry.sql_id}${carried(range)}`;

export function WarehousePage({ range }: { range: Range & { tick: number } }) {
  const { query } = useAddress();
  const [isOpen, setOpen] = useState(false);
  const asked = query.get("category") ?? "any";
  const category = CATEGORIES.includes(asked) ? asked : "any";
  const cursor = query.get("cursor");
  const wrong = LIMITS.filter(({ name }) => query.get(name) !== null && !isLimit(query.get(name)!)).map(({ name }) => `${name}=${query.get(name)!}`);
  const ignored = [...range.ignored, ...(category === asked ? [] : [`category=${asked}`]), ...wrong];
  const limits = Object.fromEntries(LIMITS.flatMap(({ name }) => isLimit(query.get(name) ?? "") ? [[name, query.get(name)!]] : []));
  const loaded = useGet<Warehouse>("/api/warehouse", { from: range.since, to: range.until, category, ...limits, cursor, limit: PAGE });
  const value = loaded.value;
  const kind = KINDS.find((one) => one.id === category);
  return (
    <>
      <div className="page-head">
        <div className="stack stack-1 grow">
          <PageTitle tab="SQL Warehouse" app="Console">SQL Warehouse</PageTitle>
          <p className="soft">How each statement changed: medians by day, and a straight line through them.{value !== undefined && <> <Time at={value.from} style="day" /> – <Time at={Date.parse(value.to) - 1} style="day" />, UTC.</>}</p>
        </div>
        {value !== undefined && <Button icon="cog" onClick={() => setOpen(true)}>Thresholds</Button>}
      </div>
      {ignored.length > 0 && <Note tone="warn"><b>Left out of the address:</b> <span className="long" dir="auto">{ignored.join(", ")}</span>, which cannot be understood. The rest is shown.</Note>}
      {value !== undefined && <Tiles warehouse={value} category={category} />}
      <section className="card" aria-label="Statements">
        <div className="card-head"><h2>{value === undefined ? "Statements" : `${count(value.total)} ${value.total === 1 ? "statement" : "statements"}`}</h2><p>{kind?.label ?? (category === "all" ? "all that ran" : "with a category")}, those first that took the most time</p></div>
        <Table caption="Statements and what became of them" columns={columns(range)} rows={value?.statements} keyOf={(entry) => entry.sql_id} hrefOf={(entry) => hrefOf(entry, range)}
          isLoading={loaded.isLoading} problem={loaded.problem} what="Statements" retry={loaded.reload}
          empty={value?.counts.statements === 0
            ? <Empty title="No statement ran">None was told of in this time by a span with a SQL_ID.</Empty>
            : <Empty title="No statement is of this kind" action={<Link className="btn" href={withParams({ category: "all", cursor: null })}>All statements</Link>}>Within the thresholds nothing changed, varied or waited.</Empty>} />
        {value !== undefined && value.statements.length > 0 && (
          <div className="card-foot">
            <span role="status">{count(value.statements.length)} of {count(value.total)}</span>
            <nav className="row push" aria-label="Pages">
              {cursor !== null && <Link className="btn btn-sm" href={withParams({ cursor: null })}>First page</Link>}
              {value.next_cursor !== null && <Link className="btn btn-sm" rel="next" href={withParams({ cursor: value.next_cursor })}>Next {PAGE}</Link>}
            </nav>
          </div>
        )}
      </section>
      {isOpen && value !== undefined && <LimitsDialog limits={value.limits} onClose={() => setOpen(false)} />}
    </>
  );
}
