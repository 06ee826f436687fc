/*
 * What the console keeps of whom and since when, and what it removed for want of room, on the page of the audit.
 */
import { bytes, count } from "../kit/format";
import { useGet } from "../kit/load";
import { ProblemPanel, Skeleton, Table, Time, type Column } from "../kit/ui";
import { Service } from "./services";

interface Sender {
  service: string;
  since: string | null; // nothing is there
  spans: number;
  log_records: number;
  bytes: number; // about
  dropped_spans: number;
  dropped_log_records: number;
  dropped_bytes: number;
  dropped_until: string | null; // nothing was
}

interface Kept {
  keep_days: number;
  keep_bytes: number;
  bytes: number;
  since: string | null;
  senders: Sender[];
}

function gone(of: Sender) {
  return of.dropped_until === null ? <span className="muted">nothing</span> : (
    <span className="warn">{count(of.dropped_spans)} spans, {count(of.dropped_log_records)} log records before <Time at={of.dropped_until} /></span>
  );
}

const COLUMNS: Column<Sender>[] = [
  { id: "service", head: "Service", cell: (one) => <Service name={one.service} /> },
  { id: "since", head: "Since", cell: (one) => (one.since === null ? <span className="muted">—</span> : <Time at={one.since} />) },
  { id: "spans", head: "Spans", isNumber: true, className: "hide-s", cell: (one) => count(one.spans) },
  { id: "logs", head: "Log records", isNumber: true, className: "hide-s", cell: (one) => count(one.log_records) },
  { id: "bytes", head: "Room", isNumber: true, cell: (one) => bytes(one.bytes) },
  { id: "gone", head: "Removed for want of room", className: "full", cell: gone },
];

export function Retention() {
  const { value, problem, reload } = useGet<Kept>("/api/retention");
  return (
    <section className="card" aria-label="What is kept">
      <div className="card-head"><h2>What is kept</h2>{value !== undefined && <p>{bytes(value.bytes)} of {bytes(value.keep_bytes)}, for {value.keep_days} days at most</p>}</div>
      {value === undefined && (problem === undefined ? <Skeleton lines={3} /> : <ProblemPanel problem={problem} what="What is kept could not be told" retry={reload} />)}
      {value !== undefined && <Table caption="What is kept" columns={COLUMNS} rows={value.senders} keyOf={(one) => one.service} empty={<p className="card-pad muted">Nothing came in yet.</p>} />}
    </section>
  );
}
