/* What was recorded: attacks, and who did what; each with the trace of its request. */
import { Choice, CursorList, Name, NoMatch, NumberedPages, ROWS, Search, useOffset } from "../kit/lists";
import { useGet } from "../kit/load";
import { State, sentence } from "../kit/states";
import { Empty, PageTitle, Table, Time, TraceId, useParam, type Column } from "../kit/ui";
import { AUDIT, RECORDS, SECURITY } from "./words/records";
import { APP } from "./words/staff";

interface Attack {
  id: number;
  attack_type: string;
  severity: string;
  endpoint: string | null;
  source_ip: string | null;
  payload: string | null;
  trace_id: string | null;
  details?: { mitre_technique_id: string; mitre_technique: string; owasp_category: string };
  created_at: string;
}

const TYPES = ["xss", "xxe", "idor", "cmd_injection", "csrf", "captcha_bypass", "mass_assign", "deserialization", "info_disclosure", "rate_limit", "brute_force", "sqli"];

const ATTACKS: Column<Attack>[] = [
  { id: "type", head: RECORDS.what, cell: (row) => <span className="strong nowrap">{sentence(row.attack_type)}</span> },
  { id: "severity", head: RECORDS.severity, className: "r", cell: (row) => <State word={row.severity} /> },
  { id: "payload", head: RECORDS.sent, className: "full", cell: (row) => <><span className="mono small"><Name text={row.payload} most={120} /></span><span className="sub"><Name text={row.endpoint} /></span></> },
  { id: "mitre", head: RECORDS.mitreOwasp, className: "hide-s", cell: (row) => row.details === undefined ? "—" : <span className="small">{row.details.mitre_technique_id} <span className="muted">{row.details.owasp_category}</span></span> },
  { id: "from", head: RECORDS.from, className: "hide-s", cell: (row) => <Name text={row.source_ip} /> },
  { id: "trace", head: RECORDS.trace, cell: (row) => row.trace_id === null ? <span className="muted">—</span> : <TraceId id={row.trace_id} short /> },
  { id: "at", head: RECORDS.at, isNumber: true, className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} /></span> },
];

export function SecurityPage() {
  const [severity] = useParam("severity");
  const [kind] = useParam("kind");
  const offset = useOffset();
  const { value, problem, isLoading, reload } = useGet<{ events: Attack[]; total: number }>("/api/analytics/security/events", { severity, attack_type: kind, limit: ROWS, offset });
  return (
    <>
      <div className="page-head"><div><PageTitle tab={SECURITY.title} app={APP}>{SECURITY.title}</PageTitle><p className="soft">{SECURITY.about}</p></div></div>
      <section className="card" aria-label={SECURITY.title}>
        <div className="card-head"><div className="filters"><Choice name="severity" label={RECORDS.severity} words={["low", "medium", "high", "critical"]} /><Choice name="kind" label={RECORDS.what} words={TYPES} /></div></div>
        <Table caption={SECURITY.caption} what={SECURITY.title} columns={ATTACKS} rows={value?.events} keyOf={(row) => row.id} isLoading={isLoading} problem={problem} retry={reload}
          empty={severity + kind !== "" ? <NoMatch what={RECORDS.events} /> : <Empty title={SECURITY.none} />} />
        {value !== undefined && value.total > 0 && <NumberedPages total={value.total} what={RECORDS.events} />}
      </section>
    </>
  );
}

interface Entry {
  id: number;
  username: string | null;
  action: string;
  resource: string | null;
  details: string | null;
  ip_address: string | null;
  trace_id: string | null;
  created_at: string;
}

const ENTRIES: Column<Entry>[] = [
  { id: "action", head: RECORDS.what, cell: (row) => <span className="mono long">{row.action}</span> },
  { id: "who", head: RECORDS.who, className: "r", cell: (row) => <Name text={row.username} most={40} /> },
  { id: "resource", head: RECORDS.ofWhat, className: "full", cell: (row) => <><Name text={row.resource} /><span className="sub mono"><Name text={row.details} most={100} /></span></> },
  { id: "from", head: RECORDS.from, className: "hide-s", cell: (row) => <Name text={row.ip_address} /> },
  { id: "trace", head: RECORDS.trace, cell: (row) => row.trace_id === null ? <span className="muted">—</span> : <TraceId id={row.trace_id} short /> },
  { id: "at", head: RECORDS.at, isNumber: true, className: "hide-s", cell: (row) => <span className="muted"><Time at={row.created_at} /></span> },
];

export function AuditPage() {
  const [action] = useParam("action");
  const [username] = useParam("who");
  return (
    <>
      <div className="page-head"><div><PageTitle tab={AUDIT.title} app={APP}>{AUDIT.title}</PageTitle><p className="soft">{AUDIT.about}</p></div></div>
      <CursorList<Entry> path="/api/admin/audit-logs" name="audit_logs" what={RECORDS.entries} caption={AUDIT.caption} columns={ENTRIES} keyOf={(row) => row.id} params={{ action, username }} isFiltered={action + username !== ""}
        empty={<Empty title={AUDIT.none} />} filters={<><Search label={AUDIT.what} name="action" /><Search label={AUDIT.who} name="who" /></>} />
    </>
  );
}
