/*
 * Reports: a question that the portal knows, its parameters, and the answer as a plot, a table and a CSV file. Question and
 * parameters stand in the address, so that a link gives the same report; saved ones are such links under a name.
 */
import { useEffect, useRef, useState, type FormEvent } from "react";

import { send } from "../kit/api";
import { Bars } from "../kit/chart";
import { count, money, shortCount } from "../kit/format";
import { FormDialog } from "../kit/formdialog";
import { Name } from "../kit/lists";
import { useGet } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { sentence } from "../kit/states";
import { Button, Empty, Field, Icon, Link, PageTitle, Pager, ProblemNote, Skeleton, Table, Time, faultOf, navigate, useAddress, useForm, useParam, useToast, withParams, type Column } from "../kit/ui";
import { RoleNote, useMay } from "./session";
import type { Page } from "./types";
import { APP } from "./words/app";
import { REPORTS } from "./words/reports";

interface Parameter {
  name: string;
  type: string;
  is_required: boolean;
}

interface Query {
  query: string;
  about: string;
  parameters: Parameter[];
  columns: string[];
}

interface Saved {
  id: number;
  name: string;
  query: string | null;
  parameters: Record<string, string> | null;
  created_at: string;
}

type Cell = string | number | boolean | null;
type Row = Record<string, Cell>;

interface Result {
  query: string;
  columns: string[];
  data: Row[];
  row_count: number;
  limit: number;
  is_truncated: boolean;
}

const BARS_MOST = 40; // more are no longer told apart
const AMOUNTS = ["revenue", "largest", "total", "budget", "spent"];

/* ---- the answer ---- */

function shown(column: string, value: Cell | undefined) {
  if (value === null || value === undefined) {
    return <span className="muted">—</span>;
  }
  if (typeof value === "number") {
    return AMOUNTS.includes(column) ? money(value) : column.endsWith("_id") ? String(value) : count(value);
  }
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) {
    return <Time at={value} style="day" />;
  }
  return column === "status" ? sentence(String(value)) : <Name text={String(value)} />;
}

/** What each bar is called: the first text, or the first column. */
function nameColumn(result: Result): string {
  return result.columns.find((column) => result.data.some((row) => typeof row[column] === "string")) ?? result.columns[0]!;
}

/** What the bars are of: amounts before counts; ids are neither. */
function valueColumn(result: Result): string | undefined {
  const numbers = result.columns.filter((column) => !column.endsWith("_id") && result.data.some((row) => typeof row[column] === "number"));
  return numbers.find((column) => AMOUNTS.includes(column)) ?? numbers[0];
}

function Plot({ result }: { result: Result }) {
  const value = valueColumn(result);
  if (value === undefined || result.data.length < 2 || result.data.length > BARS_MOST) {
    return null;
  }
  const name = nameColumn(result);
  const isAmount = AMOUNTS.includes(value);
  const points = result.data.map((row) => ({ label: String(row[name] ?? "—"), values: { value: Number(row[value] ?? 0) } }));
  return (
    <div className="card-body">
      <Bars title={`${sentence(value)} by ${sentence(name).toLowerCase()}`} points={points} height={220}
        series={[{ id: "value", label: sentence(value), color: "var(--c2)" }]} format={(amount) => isAmount ? `$${shortCount(amount)}` : shortCount(amount)} />
    </div>
  );
}

function Answer({ result, about }: { result: Result; about: string }) {
  const columns: Column<[Row, number]>[] = result.columns.map((column, at) => ({
    id: column, head: sentence(column), isNumber: result.data.some((row) => typeof row[column] === "number"),
    className: at === 0 ? "full" : undefined, cell: ([row]) => <>{at > 0 && <span className="card-label">{sentence(column)} </span>}{shown(column, row[column])}</>,
  }));
  return (
    <>
      <Plot result={result} />
      <Table caption={about} columns={columns} rows={result.data.map((row, at): [Row, number] => [row, at])} keyOf={([, at]) => at} what={REPORTS.theReport}
        empty={<Empty title={REPORTS.nothingMatches}>{REPORTS.theReportHasRunNo}</Empty>}
        partial={result.is_truncated ? REPORTS.onlyTheFirstRowsAre(count(result.limit)) : undefined} />
      {result.data.length > 0 && <div className="card-foot"><span role="status">{count(result.row_count)} {result.row_count === 1 ? REPORTS.row : REPORTS.rows}</span></div>}
    </>
  );
}

/* ---- asking ---- */

/** Parameters stand in the address as "p.since". */
function useGiven(query: Query | undefined): Record<string, string> {
  const { query: address } = useAddress();
  const given: Record<string, string> = {};
  for (const { name } of query?.parameters ?? []) {
    const value = address.get(`p.${name}`);
    if (value !== null && value !== "") {
      given[name] = value;
    }
  }
  return given;
}

/** A file of an answer, under its name. */
function saveFile(text: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function labelOf({ name, type }: Parameter): string {
  return `${sentence(name)}${type === "time" ? REPORTS.aDayUtc : ""}`;
}

function Parameters({ query, given, problem, onRun }: { query: Query; given: Record<string, string>; problem: ReturnType<typeof useForm>["problem"]; onRun: (values: Record<string, string>) => void }) {
  const [typed, setTyped] = useState(given);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onRun(typed);
  };
  return (
    <form className="report-form" onSubmit={submit} noValidate>
      {query.parameters.map((parameter) => (
        <Field key={parameter.name} label={labelOf(parameter)} hint={parameter.is_required ? undefined : REPORTS.mayBeLeftOut} error={faultOf(problem, `parameters/${parameter.name}`)}>
          <input className="input" type={parameter.type === "time" ? "date" : "text"} value={typed[parameter.name] ?? ""} onChange={(event) => setTyped({ ...typed, [parameter.name]: event.target.value })} />
        </Field>
      ))}
      <Button type="submit" kind="primary" icon="chart">{REPORTS.run}</Button>
    </form>
  );
}

function Report({ query, onSaved }: { query: Query; onSaved: () => void }) {
  const given = useGiven(query);
  const asked = JSON.stringify([query.query, given]);
  const [result, setResult] = useState<Result>();
  const [isSaving, setSaving] = useState(false);
  const keyFor = useSendKey();
  const say = useToast();
  const body = { query: query.query, parameters: given };
  const run = useForm(async () => setResult(await send<Result>("POST", "/api/reports/execute", body)));
  const file = useForm(async () => saveFile(await send<string>("POST", "/api/reports/export", { ...body, limit: 10_000 }), `${query.query}.csv`));
  const submit = useRef(run.submit);
  submit.current = run.submit;
  useEffect(() => submit.current(), [asked]);
  const again = (values: Record<string, string>) => {
    const href = withParams(Object.fromEntries(query.parameters.map(({ name }) => [`p.${name}`, values[name]])));
    if (href === withParams({})) {
      run.submit();
    } else {
      navigate(href); // which runs it
    }
  };
  return (
    <section className="card" aria-labelledby="report">
      <div className="card-head">
        <h2 id="report">{query.about}</h2>
        <div className="row push">
          <Button size="sm" icon="save" busy={file.isBusy ? REPORTS.writing : undefined} onClick={() => file.submit()}>{REPORTS.csv}</Button>
          <Button size="sm" onClick={() => setSaving(true)}>{REPORTS.keepUnderAName}</Button>
        </div>
      </div>
      <div className="card-body stack stack-3">
        <Parameters key={asked} query={query} given={given} problem={run.problem} onRun={again} />
        {run.problem !== undefined && <ProblemNote problem={run.problem} what={REPORTS.theReportHasNotRun} />}
        {file.problem !== undefined && <ProblemNote problem={file.problem} what={REPORTS.theFileWasNotWritten} />}
      </div>
      {run.isBusy && result === undefined && <Skeleton lines={6} />}
      {result !== undefined && result.query === query.query && <Answer result={result} about={query.about} />}
      {isSaving && <FormDialog title={REPORTS.keepThisReport} verb={REPORTS.keep} busy={REPORTS.keeping} done={REPORTS.reportKept} fields={[{ name: "name", label: REPORTS.name, isRequired: true }]} onClose={() => setSaving(false)}
        send={async (named) => { const whole = { ...named, ...body }; await send("POST", "/api/reports", whole, { key: keyFor(whole) }); say(REPORTS.itStandsAmongThoseThat); onSaved(); }} />}
    </section>
  );
}

/* ---- the page ---- */

function hrefOf(query: string, parameters: Record<string, string> = {}): string {
  return withParams({ query, ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`p.${name}`, value])) }, "/reports");
}

function Kept({ list, onChange }: { list: ReturnType<typeof useGet<Page & { reports: Saved[] }>>; onChange: () => void }) {
  const mayReport = useMay("report");
  const keyFor = useSendKey();
  const say = useToast();
  const unwanted = useRef<Saved>();
  const form = useForm(async () => {
    const { id, name } = unwanted.current!;
    await send("DELETE", `/api/reports/${id}`, undefined, { key: keyFor(["remove", id]) });
    say(<span><Name text={name} /> {REPORTS.isNoLongerKept}</span>);
    onChange();
  });
  const rows = list.value?.reports ?? [];
  return (
    <section className="card" aria-labelledby="kept">
      <div className="card-head"><h2 id="kept">{REPORTS.kept}</h2></div>
      {(list.problem ?? form.problem) !== undefined && <div className="card-body"><ProblemNote problem={(list.problem ?? form.problem)!} /></div>}
      {list.value !== undefined && rows.length === 0 && <p className="card-body soft">{REPORTS.noneYetRunOneAnd}</p>}
      <ul className="split-list">
        {rows.map((report) => (
          <li key={report.id}>
            <span className="grow">{report.query === null ? <Name text={report.name} /> : <Link className="strong no-u" href={hrefOf(report.query, report.parameters ?? {})}><Name text={report.name} /></Link>}</span>
            <span className="muted small hide-s"><Time at={report.created_at} style="day" /></span>
            {mayReport && <button type="button" className="copy" aria-label={REPORTS.removeReport(report.id)} onClick={() => { unwanted.current = report; form.submit(); }}><Icon name="x" /></button>}
          </li>
        ))}
      </ul>
      {list.value !== undefined && rows.length > 0 && <Pager shown={rows.length} what={REPORTS.reports} next={list.value.next_cursor === null ? null : withParams({ cursor: list.value.next_cursor })} />}
    </section>
  );
}

export function ReportsPage() {
  const [chosen] = useParam("query", "revenue_by_month");
  const [cursor] = useParam("cursor");
  const mayReport = useMay("report");
  const queries = useGet<{ queries: Query[] }>("/api/reports/queries");
  const kept = useGet<Page & { reports: Saved[] }>("/api/reports", { limit: 20, cursor });
  const query = queries.value?.queries.find((one) => one.query === chosen);
  return (
    <>
      <div className="page-head"><PageTitle tab={REPORTS.reportsAgain} app={APP}>{REPORTS.reportsAgain}</PageTitle></div>
      <RoleNote right="report" doing={REPORTS.runningReports} />
      <div className="grid g-side">
        <div className="stack">
          <section className="card" aria-labelledby="questions">
            <div className="card-head"><h2 id="questions">{REPORTS.questions}</h2></div>
            {queries.problem !== undefined && <div className="card-body"><ProblemNote problem={queries.problem} /></div>}
            {queries.value === undefined && queries.problem === undefined && <Skeleton lines={7} />}
            <ul className="split-list">
              {queries.value?.queries.map((one) => <li key={one.query}><Link className={one.query === chosen ? "strong no-u grow" : "no-u grow"} href={hrefOf(one.query)} aria-current={one.query === chosen ? "page" : undefined}>{one.about}</Link></li>)}
            </ul>
          </section>
          <Kept list={kept} onChange={kept.reload} />
        </div>
        {query !== undefined && mayReport && <Report key={query.query} query={query} onSaved={kept.reload} />}
        {queries.value !== undefined && query === undefined && <section className="card"><Empty title={REPORTS.thereIsNoSuchQuestion} action={<Link className="btn" href="/reports">{REPORTS.reportsAgain}</Link>} /></section>}
      </div>
    </>
  );
}
