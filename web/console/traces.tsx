/* The Trace Explorer: which requests there were, the newest or the slowest first. */
import { useGet } from "../kit/load";
import { Empty, PageTitle, Table, TraceId, Time, type Column } from "../kit/ui";
import { duration } from "../kit/format";

export interface TraceEntry {
  trace_id: string;
  span_id: string;
  service: string;
  name: string;
  start: string;
  duration_ns: number;
  status: "unset" | "ok" | "error";
  http_status: number | null;
}

interface TraceList {
  traces: TraceEntry[];
  total: number;
  next_cursor: string | null;
}

const COLUMNS: Column<TraceEntry>[] = [
  { id: "start", head: "Started", cell: (entry) => <Time at={entry.start} style="clock-ms" /> },
  { id: "name", head: "Request", cell: (entry) => entry.name },
  { id: "duration", head: "Duration", cell: (entry) => duration(entry.duration_ns), isNumber: true },
  { id: "trace", head: "Trace", cell: (entry) => <TraceId id={entry.trace_id} short /> },
];

export function TracesPage() {
  const list = useGet<TraceList>("/api/traces");
  return (
    <>
      <PageTitle tab="Traces" app="Console" className="vh">Trace Explorer</PageTitle>
      <section className="card">
        <Table caption="Traces" columns={COLUMNS} rows={list.value?.traces} keyOf={(entry) => entry.span_id} isLoading={list.isLoading}
          problem={list.problem} what="Traces" retry={list.reload}
          empty={<Empty title="No spans yet">Send some to port 4318 by OTLP over HTTP; what <code>octo up</code> starts does so by itself.</Empty>} />
      </section>
    </>
  );
}
