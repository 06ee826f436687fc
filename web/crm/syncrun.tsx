/*
 * A run of the synchronisation that somebody asks for. Where another one is at it, the timer's or of somebody else, it is
 * said so and shown how far that one has come; the run that was asked for begins when it has ended.
 */
import { useEffect, useRef, useState } from "react";

import { asProblem, send, type Problem } from "../kit/api";
import { count, time } from "../kit/format";
import { useLive } from "../kit/live";
import { reloadAll, useGet } from "../kit/load";
import { sentence } from "../kit/states";
import { Meter, Note, ProblemNote, TraceId, useForm, useToast } from "../kit/ui";
import { useMay } from "./session";
import type { SyncEntry, SyncHealth, SyncResult } from "./types";
import { SYNC_RUN } from "./words/syncrun";

export const SYNC_EVENTS = "/api/events/sync";
const LOOK_MS = 2000; // how often it is asked whether the other run is still at it: one of another replica sends no events here
const TURNS = 5; // whoever was first each time, then the service's answer is shown

/** How many orders a run has read, of how many, where the shop says so. */
export interface Read {
  read: number;
  total: number | null;
}

/** A run that has ended. */
export interface Run {
  at: string;
  trace_id: string;
  status: string;
  code: string | null;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
}

export interface Sync {
  problem: Problem | undefined;
  busy: string | undefined; // what the button says while it works
  isWaiting: boolean; // for another run
  run: (full?: boolean) => void;
  goOn: () => void; // the other run has ended
}

export function toldOf({ status, reason, code, created, updated, failed }: Partial<SyncResult & Run> & Pick<Run, "status" | "created" | "updated" | "failed">): string {
  if (status === "skipped") {
    return reason ?? SYNC_RUN.nothingWasSynced;
  }
  if (status === "failed") {
    return SYNC_RUN.theRunFailed(sentence(code ?? null).toLowerCase());
  }
  const changed = created + updated;
  const parts = [changed === 0 ? SYNC_RUN.noOrderIsNewOr : SYNC_RUN.synced(count(changed), changed === 1)];
  if (failed > 0) {
    parts.push(SYNC_RUN.failed(count(failed)));
  }
  return `${parts.join(", ")}.`;
}

/** Who has the lease; undefined for whom it is not shown to. */
export function leaseOf({ running, leader }: { running?: boolean; leader?: boolean }): string | undefined {
  return running === undefined ? undefined : !running ? SYNC_RUN.nobodyIsAtIt : leader ? SYNC_RUN.aRunOfThisPortal : SYNC_RUN.aRunOfAnotherReplica;
}

/** Runs the synchronisation, and asks everything on the page again. */
export function useSync(): Sync {
  const say = useToast();
  const isFull = useRef(false);
  const turns = useRef(0);
  const [isWaiting, setWaiting] = useState(false);
  const form = useForm(async () => {
    setWaiting(false);
    try {
      const result = await send<SyncResult>("POST", isFull.current ? "/api/orders/sync?full=true" : "/api/orders/sync");
      say(<span>{toldOf(result)} <TraceId id={result.correlation_id} short /></span>);
      reloadAll();
    } catch (error) {
      if (asProblem(error).status !== 409 || turns.current++ === TURNS) {
        throw error;
      }
      setWaiting(true);
    }
  });
  return {
    problem: form.problem, busy: form.isBusy ? SYNC_RUN.syncing : isWaiting ? SYNC_RUN.waiting : undefined, isWaiting, goOn: form.submit,
    run: (full = false) => {
      isFull.current = full;
      turns.current = 0;
      form.submit();
    },
  };
}

/** How far a run has come. */
export function Progress({ read }: { read: Read }) {
  const text = read.total === null ? SYNC_RUN.read(count(read.read)) : SYNC_RUN.readOf(count(read.read), count(read.total));
  return (
    <div className="stack stack-1">
      <span>{text}</span>
      {read.total !== null && read.total > 0 && <Meter share={Math.min(1, read.read / read.total)} label={text} />}
    </div>
  );
}

function OtherRun({ onEnd }: { onEnd: () => void }) {
  const [read, setRead] = useState<Read>();
  const health = useGet<SyncHealth>("/api/observability/360/sync-health", {}, { everyMs: LOOK_MS });
  useLive(useMay("watch") ? SYNC_EVENTS : null, ["progress", "run", "missed"], (data, type) => {
    if (type === "progress") {
      setRead(data as Read);
    } else {
      health.reload();
    }
  });
  const end = useRef(onEnd);
  end.current = onEnd;
  const isOver = !health.isLoading && health.value?.running === false;
  useEffect(() => {
    if (isOver) {
      end.current();
    }
  }, [isOver]);
  return (
    <div role="status">
      <Note tone="info">
        <b>{SYNC_RUN.anotherIsAtIt}</b> {SYNC_RUN.yoursBegins}
        {read !== undefined && <Progress read={read} />}
      </Note>
    </div>
  );
}

/** What became of what was asked for, where that is no success; that is a toast. */
export function SyncSays({ sync }: { sync: Sync }) {
  return (
    <>
      {sync.isWaiting && <OtherRun onEnd={sync.goOn} />}
      {sync.problem !== undefined && <ProblemNote problem={sync.problem} what={SYNC_RUN.nothingWasSynced} />}
    </>
  );
}

/* ---- the last runs, as bars ---- */

const ENTRIES = 200; // lines of the trail that are looked at
const RUNS_MOST = 24;
const BAR = { width: 7, gap: 3, height: 36, least: 4 };

interface Done {
  at: string;
  synced: number;
  failed: number;
}

/** What each run did, by the trace that its lines share, oldest first; one that began before the lines that are known is left out. */
function runsOf(entries: SyncEntry[], total: number): Done[] {
  const runs = new Map<string, Done>();
  for (const entry of entries) {
    const run = runs.get(entry.trace_id ?? "") ?? { at: entry.created_at, synced: 0, failed: 0 };
    run[entry.sync_status === "failed" ? "failed" : "synced"]++;
    runs.set(entry.trace_id ?? "", run);
  }
  const done = [...runs.values()];
  return done.slice(0, total > entries.length ? Math.max(1, done.length - 1) : done.length).slice(0, RUNS_MOST).reverse();
}

/** A bar a run: what it took over, and above it what failed. For who may see the trail. */
export function RunBars() {
  const trail = useGet<{ entries: SyncEntry[]; total: number }>(useMay("write") ? "/api/orders/sync/audit" : null, { limit: ENTRIES }, { everyMs: 30_000 });
  const runs = runsOf(trail.value?.entries ?? [], trail.value?.total ?? 0);
  if (runs.length === 0) {
    return null;
  }
  const most = Math.max(...runs.map((run) => run.synced + run.failed));
  const tall = (many: number) => many === 0 ? 0 : Math.max(BAR.least, (many / most) * (BAR.height - BAR.least));
  const toldBy = (run: Done) => SYNC_RUN.ofARun(time(run.at), toldOf({ status: "completed", created: run.synced, updated: 0, failed: run.failed }));
  const width = runs.length * (BAR.width + BAR.gap);
  return (
    <div className="stack stack-1">
      <svg className="run-bars" width={width} height={BAR.height} viewBox={`0 0 ${width} ${BAR.height}`} role="img" aria-label={`${SYNC_RUN.lastRuns(runs.length)}. ${toldBy(runs[runs.length - 1]!)}`}>
        {runs.map((run, at) => {
          const [ok, bad] = [tall(run.synced), tall(run.failed)];
          const x = at * (BAR.width + BAR.gap);
          return (
            <g key={at}>
              <title>{toldBy(run)}</title>
              {ok > 0 && <rect x={x} y={BAR.height - ok} width={BAR.width} height={ok} rx="1.5" fill="var(--ok)" />}
              {bad > 0 && <rect x={x} y={Math.max(0, BAR.height - ok - bad - (ok > 0 ? 1 : 0))} width={BAR.width} height={bad} rx="1.5" fill="var(--bad)" />}
            </g>
          );
        })}
      </svg>
      <p className="small muted">{SYNC_RUN.lastRuns(runs.length)}</p>
    </div>
  );
}
