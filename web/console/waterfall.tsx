/*
 * The waterfall: an ARIA tree grid of which only the rows in view exist, a map of the whole above it, zoom down to a
 * microsecond. Bars of requests are filled in their service's colour, inner spans are thin, SQL has the colour of what it did.
 */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import { useWidth } from "../kit/chart";
import { duration } from "../kit/format";
import { Icon } from "../kit/ui";
import { serviceColor, serviceKey } from "./services";
import { CAUSES, causeOf, numberOf, waitsOf, type Row, type Span, type Trace } from "./tree";
import { WATERFALL } from "./words/waterfall";

const ROW = 26; // px, as .wf-row
const AROUND = 12; // rows beyond what is seen
const MAP_HEIGHT = 44;
const MAP_MOST = 1200; // bars of the map: the longest
const LEAST_NS = 1000; // what the plot's width can be at least

export interface Window {
  from: number; // ns since the trace's start
  to: number;
}

interface WaterfallProps {
  trace: Trace;
  rows: Row[];
  selected: string | null; // span id
  matches: ReadonlySet<string>;
  idle: Map<string, { from: number; ns: number }>;
  view: Window;
  onView: (view: Window) => void;
  onSelect: (spanId: string) => void;
  onToggle: (row: Row) => void;
}

export function isRequest(span: Span): boolean {
  return span.kind === "server" || span.kind === "consumer";
}

function percentOf(ns: number, view: Window): number {
  return ((ns - view.from) / (view.to - view.from)) * 100;
}

/* A bar within the plot, in percent; what lies outside is left out. */
function Bar({ from, to, view, ...rest }: { from: number; to: number; view: Window; y: number; height: number; fill: string; rx?: number; fillOpacity?: number; className?: string }) {
  const left = Math.max(0, percentOf(from, view));
  const right = Math.min(100, percentOf(to, view));
  if (right < 0 || left > 100 || right < left) {
    return null;
  }
  return <rect x={`${left}%`} width={`${Math.max(0.15, right - left)}%`} {...rest} />;
}

function SpanBars({ span, view }: { span: Span; view: Window }) {
  const end = span.offset_ns + Math.max(0, span.duration_ns);
  const cause = causeOf(span);
  if (isRequest(span)) {
    return <Bar from={span.offset_ns} to={end} view={view} y={7} height={12} rx={2} fill={serviceColor(span.service)} />;
  }
  if (cause === "sql" || cause === "pool") {
    return <Bar from={span.offset_ns} to={end} view={view} y={7} height={12} fill={CAUSES[cause].color} />;
  }
  const { queueNs, commitNs } = waitsOf(span);
  return (
    <>
      <Bar from={span.offset_ns} to={end} view={view} y={10} height={6} rx={2} fill={serviceColor(span.service)} fillOpacity={0.6} />
      {queueNs > 0 && <Bar from={span.offset_ns} to={span.offset_ns + queueNs} view={view} y={7} height={12} fill={CAUSES.queue.color} />}
      {commitNs > 0 && <Bar from={end - commitNs} to={end} view={view} y={7} height={12} fill={CAUSES.commit.color} />}
    </>
  );
}

/* Beside the bar, where there is room: what it waited for, or how much of it there was. */
function remarkOf(span: Span): string {
  const { commitNs } = waitsOf(span);
  const units = numberOf(span, "db.commit_units");
  if (commitNs > 0) {
    return `commit ${duration(commitNs)}${units > 1 ? `, with ${units - 1} ${units === 2 ? "other" : "others"}` : ""}`;
  }
  const sets = numberOf(span, "db.operation.batch.size");
  if (sets > 1) {
    return `${sets} sets in one`;
  }
  return typeof span.attributes["db.pool"] === "string" && span.name === "db.checkout" ? `pool ${span.attributes["db.pool"]}` : "";
}

function Remark({ at, start, text, view }: { at: number; start: number; text: string; view: Window }) {
  const right = percentOf(at, view);
  if (text === "" || right < 0 || percentOf(start, view) > 100) {
    return null;
  }
  return right < 62
    ? <text x={`${Math.max(0, right)}%`} dx={8} y={17}>{text}</text>
    : <text x={`${Math.max(0, percentOf(start, view))}%`} dx={-6} y={17} textAnchor="end">{text}</text>;
}

function Plot({ row, view, idle, isSelected }: { row: Row; view: Window; idle: WaterfallProps["idle"]; isSelected: boolean }) {
  const spans = row.kind === "span" ? [row.span] : row.fold.spans;
  const first = spans[0]!;
  const start = first.offset_ns;
  const end = Math.max(...spans.slice(-1).map((span) => span.offset_ns + span.duration_ns), start);
  const gap = row.kind === "span" ? idle.get(row.span.span_id) : undefined;
  return (
    <svg className="plot" role="presentation" width="100%" height={ROW}>
      {[0, 25, 50, 75].map((x) => <line key={x} x1={`${x}%`} x2={`${x}%`} y1={0} y2={ROW} stroke="var(--line)" strokeWidth={1} />)}
      {gap !== undefined && <line x1={`${Math.max(0, percentOf(gap.from, view))}%`} x2={`${Math.min(100, percentOf(gap.from + gap.ns, view))}%`} y1={13} y2={13} stroke="var(--text-3)" strokeDasharray="1 5" strokeWidth={1.5} />}
      {gap !== undefined && <text x={`${Math.min(100, Math.max(0, percentOf(gap.from + gap.ns, view)))}%`} dx={-6} y={9} textAnchor="end">{duration(gap.ns)} nothing under way</text>}
      {row.kind === "span" ? <SpanBars span={row.span} view={view} /> : foldBars(spans, view)}
      {row.kind === "span" && numberOf(row.span, "db.round_trips") > 0 && percentOf(end, view) >= 0 && percentOf(end, view) <= 100 &&
        <circle cx={`${percentOf(end, view)}%`} cy={13} r={3} fill="none" stroke="var(--text-2)" strokeWidth={1.5} />}
      {isSelected && <Bar from={start} to={end} view={view} y={4} height={18} rx={3} fill="none" className="wf-picked" />}
      {gap === undefined && <Remark at={end} start={start} view={view} text={row.kind === "span" ? remarkOf(row.span) : `${row.fold.spans.length} times, slowest ${duration(row.fold.slowest.duration_ns)}`} />}
    </svg>
  );
}

/* One path of all, however many they are. */
function foldBars(spans: Span[], view: Window) {
  const shown = spans.filter((span) => span.offset_ns + span.duration_ns >= view.from && span.offset_ns <= view.to);
  const step = Math.max(1, Math.ceil(shown.length / 100));
  return shown.filter((_, at) => at % step === 0).map((span) => (
    <Bar key={span.span_id} from={span.offset_ns} to={span.offset_ns + span.duration_ns} view={view} y={7} height={12} fill={CAUSES.sql.color} />
  ));
}

function NameCell({ row, onToggle }: { row: Row; onToggle: () => void }) {
  const indent = { paddingLeft: `${0.75 + Math.min(row.level - 1, 14) * 0.75}rem` };
  if (row.kind === "fold") {
    return (
      <div className="wf-name" role="gridcell" style={indent}>
        <button type="button" className="wf-tw" tabIndex={-1} aria-label="Show each" onClick={(event) => { event.stopPropagation(); onToggle(); }}><Icon name="right" className="tw" /></button>
        <i className="key svc k5" aria-hidden="true" />
        <span className="clip wf-sql">{row.fold.repeat.statement || row.fold.repeat.sql_id}</span>
        <span className="fold"><Icon name="loop" />N+1 ×{row.fold.spans.length}</span>
      </div>
    );
  }
  const { span } = row;
  const cause = causeOf(span);
  const key = cause === "sql" || cause === "pool" ? CAUSES[cause].key : serviceKey(span.service);
  return (
    <div className="wf-name" role="gridcell" style={indent}>
      {row.hasChildren
        ? <button type="button" className="wf-tw" tabIndex={-1} aria-label={row.isOpen ? "Fold" : "Unfold"} onClick={(event) => { event.stopPropagation(); onToggle(); }}><Icon name={row.isOpen ? "down" : "right"} className="tw" /></button>
        : <span className="tw" />}
      <i className={`key svc ${key}`} aria-hidden="true" />
      <span className={`clip ${isRequest(span) ? "strong" : cause === "sql" ? "wf-sql" : ""}`} title={span.name} dir="auto">{span.name === "" ? "(no name)" : span.name}</span>
      {span.status === "error" && <span className="wf-bad"><Icon name="bad" /><span className="vh">failed</span></span>}
      {span.has_odd_clock && <span className="wf-odd" title="Its times do not fit its parent's: shown as received"><Icon name="clock" /><span className="vh">odd clock</span></span>}
    </div>
  );
}

function Line(props: { row: Row; index: number; isSelected: boolean; isFocus: boolean; isMatch: boolean; view: Window; idle: WaterfallProps["idle"]; onPick: () => void; onToggle: () => void }) {
  const { row, index, isSelected, isFocus, isMatch, view, idle, onPick, onToggle } = props;
  const expanded = row.kind === "fold" ? false : row.hasChildren ? row.isOpen : undefined;
  const ns = row.kind === "fold" ? row.fold.repeat.total_ns : row.span.duration_ns;
  const first = row.kind === "fold" ? row.fold.spans[0]! : row.span;
  return (
    <div className={isMatch ? "wf-row wf-match" : "wf-row"} role="row" aria-level={row.level} aria-rowindex={index + 2} aria-expanded={expanded} aria-selected={isSelected}
      tabIndex={isFocus ? 0 : -1} data-index={index} style={{ transform: `translateY(${index * ROW}px)` }} onClick={onPick}>
      <NameCell row={row} onToggle={onToggle} />
      <div className="wf-bar" role="gridcell"><span className="vh">{WATERFALL.begins(duration(first.offset_ns))}</span><Plot row={row} view={view} idle={idle} isSelected={isSelected} /></div>
      <div className="wf-dur" role="gridcell">{duration(ns)}</div>
    </div>
  );
}

/* ---- the map ---- */

function MiniMap({ trace, view, onView }: { trace: Trace; view: Window; onView: (view: Window) => void }) {
  const [ref, width] = useWidth();
  const drag = useRef<number>();
  const whole = Math.max(1, trace.duration_ns);
  const paths = useMemo(() => {
    const { spans } = trace;
    const shown = spans.length <= MAP_MOST ? spans.map((_, at) => at)
      : spans.map((_, at) => at).sort((a, b) => spans[b]!.duration_ns - spans[a]!.duration_ns).slice(0, MAP_MOST);
    const byColor = new Map<string, string>();
    for (const at of shown) {
      const span = spans[at]!;
      const cause = causeOf(span);
      const color = cause === "sql" || cause === "pool" ? CAUSES[cause].color : serviceColor(span.service);
      const y = 2 + (at / Math.max(1, spans.length - 1)) * (MAP_HEIGHT - 4);
      const x1 = (span.offset_ns / whole) * 1000;
      const x2 = Math.max(x1 + 1.5, ((span.offset_ns + Math.max(0, span.duration_ns)) / whole) * 1000);
      byColor.set(color, `${byColor.get(color) ?? ""}M${x1.toFixed(1)} ${y.toFixed(1)}H${x2.toFixed(1)}`);
    }
    return [...byColor];
  }, [trace, whole]);
  const at = (event: PointerEvent) => {
    const box = ref.current!.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / Math.max(1, width))) * whole;
  };
  const x = (ns: number) => (ns / whole) * 1000;
  return (
    <div ref={ref} className="mini-wrap" onPointerDown={(event) => { drag.current = at(event); event.currentTarget.setPointerCapture(event.pointerId); }}
      onPointerUp={(event) => {
        const from = drag.current;
        drag.current = undefined;
        const to = at(event);
        if (from !== undefined) {
          onView(Math.abs(to - from) < whole / 200 ? { from: 0, to: whole } : { from: Math.min(from, to), to: Math.max(from, to, Math.min(from, to) + LEAST_NS) });
        }
      }}>
      <svg className="plot mini-map" viewBox={`0 0 1000 ${MAP_HEIGHT}`} preserveAspectRatio="none" role="img" aria-label="The whole trace, with the part that is shown marked">
        {paths.map(([color, path]) => <path key={color} d={path} stroke={color} strokeWidth={1.8} vectorEffect="non-scaling-stroke" fill="none" />)}
        <rect className="mini-rest" x={0} y={0} width={Math.max(0, x(view.from))} height={MAP_HEIGHT} />
        <rect className="mini-rest" x={x(view.to)} y={0} width={Math.max(0, 1000 - x(view.to))} height={MAP_HEIGHT} />
        <rect x={x(view.from)} y={0.5} width={Math.max(1, x(view.to) - x(view.from))} height={MAP_HEIGHT - 1} fill="none" stroke="var(--line-strong)" vectorEffect="non-scaling-stroke" />
      </svg>
    </div>
  );
}

/** Narrower (factor below 1) or wider around a moment, within the trace. */
export function zoomed(view: Window, whole: number, factor: number, around = (view.from + view.to) / 2): Window {
  const width = Math.min(whole, Math.max(LEAST_NS, (view.to - view.from) * factor));
  const share = (around - view.from) / (view.to - view.from);
  const from = Math.min(whole - width, Math.max(0, around - width * share));
  return { from, to: from + width };
}

/* ---- all of it ---- */

export function Waterfall(props: WaterfallProps) {
  const { trace, rows, selected, matches, idle, view, onView, onSelect, onToggle } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [focus, setFocus] = useState(0);
  const wantsFocus = useRef(false);
  const whole = Math.max(1, trace.duration_ns);
  const at = Math.min(focus, Math.max(0, rows.length - 1));
  const first = Math.max(0, Math.floor(top / ROW) - AROUND);
  const last = Math.min(rows.length, Math.ceil((top + height) / ROW) + AROUND);

  useEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const reveal = (index: number) => {
    const element = scroller.current!;
    const y = index * ROW;
    if (y < element.scrollTop || y + 2 * ROW > element.scrollTop + element.clientHeight) {
      element.scrollTop = Math.max(0, y - element.clientHeight / 3);
      setTop(element.scrollTop);
    }
  };
  const selectedAt = useMemo(() => selected === null ? -1
    : rows.findIndex((row) => row.kind === "span" ? row.span.span_id === selected : row.fold.spans.some((span) => span.span_id === selected)), [rows, selected]);
  useEffect(() => {
    if (selectedAt >= 0) {
      setFocus(selectedAt);
      reveal(selectedAt);
    }
  // Only when another is selected: folding must not scroll.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [selected]);

  useLayoutEffect(() => {
    if (wantsFocus.current) {
      wantsFocus.current = false;
      scroller.current!.querySelector<HTMLElement>(`[data-index="${at}"]`)?.focus({ preventScroll: true });
    }
  });
  const go = (index: number) => {
    const to = Math.min(rows.length - 1, Math.max(0, index));
    wantsFocus.current = true;
    setFocus(to);
    reveal(to);
  };
  const idOf = (row: Row) => row.kind === "span" ? row.span.span_id : row.fold.slowest.span_id;
  const parentAt = (index: number) => {
    const level = rows[index]!.level;
    for (let k = index - 1; k >= 0; k--) {
      if (rows[k]!.level < level) {
        return k;
      }
    }
    return index;
  };
  const onKey = (event: KeyboardEvent) => {
    const row = rows[at];
    if (row === undefined || (event.target as Element).closest("[role=row]") === null || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const isOpen = row.kind === "span" && row.hasChildren && row.isOpen;
    const isShut = row.kind === "fold" || (row.hasChildren && !row.isOpen);
    const page = Math.max(1, Math.floor(height / ROW) - 2);
    const steps: Record<string, () => void> = {
      ArrowDown: () => go(at + 1), ArrowUp: () => go(at - 1), PageDown: () => go(at + page), PageUp: () => go(at - page), Home: () => go(0), End: () => go(rows.length - 1),
      j: () => go(at + 1), k: () => go(at - 1),
      ArrowRight: () => isShut ? onToggle(row) : isOpen && go(at + 1),
      ArrowLeft: () => isOpen ? onToggle(row) : go(parentAt(at)),
      Enter: () => onSelect(idOf(row)), " ": () => onSelect(idOf(row)),
      "+": () => onView(zoomed(view, whole, 0.5)), "-": () => onView(zoomed(view, whole, 2)), "0": () => onView({ from: 0, to: whole }),
    };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      step();
    }
  };
  const ticks = [0, 0.25, 0.5, 0.75].map((share) => view.from + (view.to - view.from) * share);
  return (
    <>
      <MiniMap trace={trace} view={view} onView={onView} />
      <div className="wf-scroll" role="group" aria-label={WATERFALL.rows} ref={scroller} onScroll={(event) => setTop(event.currentTarget.scrollTop)} tabIndex={rows.length === 0 ? 0 : -1}>
        <div className="wf" role="treegrid" aria-label="Spans" aria-rowcount={rows.length + 1} onKeyDown={onKey}>
          <div className="wf-row wf-head" role="row" aria-rowindex={1}>
            <div className="wf-name" role="columnheader">Span</div>
            <div className="wf-axis" role="columnheader">
              <svg className="plot" role="presentation" width="100%" height={ROW}>{ticks.map((tick, k) => <text key={k} x={`${k * 25}%`} dx={3} y={17}>{tick === 0 ? "0" : duration(tick)}</text>)}</svg>
              <span className="vh">Time</span>
            </div>
            <div className="wf-dur" role="columnheader">Duration</div>
          </div>
          <div className="wf-rows" role="rowgroup" style={{ height: `${rows.length * ROW}px` }}>
            {rows.slice(first, last).map((row, k) => (
              <Line key={row.key} row={row} index={first + k} view={view} idle={idle} isFocus={first + k === at}
                isSelected={row.kind === "span" ? row.span.span_id === selected : selectedAt === first + k}
                isMatch={row.kind === "span" ? matches.has(row.span.span_id) : row.fold.spans.some((span) => matches.has(span.span_id))}
                onPick={() => { setFocus(first + k); onSelect(idOf(row)); }} onToggle={() => onToggle(row)} />
            ))}
          </div>
        </div>
      </div>
    </>
  );
}
