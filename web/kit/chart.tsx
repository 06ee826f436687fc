/*
 * Plots as SVG, drawn at the width that there is, so that text is never scaled. Each has a name that says its message
 * and a table behind it; arrows walk the points and what is there is read out.
 */
import { area, line, stack } from "d3-shape";
import { Fragment, useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";

import { UNKNOWN } from "./format";
import { linear, ticksUpTo, type Scale } from "./scale";

type Place = (value: number) => number;

/** A line without axes, beside a number. */
export function Spark({ values, label, color = "var(--accent)" }: { values: number[]; label: string; color?: string }) {
  const width = 72;
  const height = 28;
  const y = linear([0, Math.max(1, ...values)], [height - 1, 1]);
  const x = linear([0, Math.max(1, values.length - 1)], [1, width - 1]);
  const path = line<number>().x((_, at) => x(at)).y(y)(values) ?? "";
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={path} fill="none" stroke={color} strokeWidth="1.5" />
    </svg>
  );
}

/** The width of an element, as it changes. */
export function useWidth(): [RefObject<HTMLDivElement>, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) {
      return undefined;
    }
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    observer.observe(element);
    setWidth(Math.floor(element.getBoundingClientRect().width));
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

export interface Series {
  id: string;
  label: string;
  color: string; // a custom property: "var(--c1)"
}

export interface Point {
  label: string; // of the axis: a time, a name
  values: Record<string, number>; // by the series' id; one that is not there is not known
}

interface FrameProps {
  title: string; // the message: "Average active sessions, by MODULE"
  series: Series[];
  points: Point[];
  format: (value: number) => string;
  height?: number;
  limit?: { value: number; label: string }; // a line across
  hasLegend?: boolean; // usually where there are several series
  hasSwitch?: boolean; // to the table behind it: not where the page has one for several plots
  formatTick?: (value: number) => string; // of the axis, where that is not `format`
  onPick?: (at: number) => void; // Enter or a click on a point
  onBrush?: (from: number, to: number) => void; // a drag over points, or Shift with arrows and Enter
}

const LEFT = 48;
const BOTTOM = 20;
const TOP = 8;
const LETTER = 6.5; // of a label, px
const LABEL_MOST = 14; // letters, of a label under a bar
const LABEL_USUAL = 8; // letters that a label should have room for, rather than that there be many
const LINE = 13; // of one, px high

function valueOf(point: Point, one: Series, format: (value: number) => string): string {
  const value = point.values[one.id];
  return value === undefined ? UNKNOWN : format(value);
}

function totalOf(point: Point, series: Series[]): number {
  return series.reduce((sum, one) => sum + (point.values[one.id] ?? 0), 0);
}

function Axis({ y, width, format, ticks }: { y: Place; width: number; format: (value: number) => string; ticks: number[] }) {
  return (
    <g aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick}>
          <line className="axis" x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">{format(tick)}</text>
        </g>
      ))}
    </g>
  );
}

const SHARES = [[0, 0.25, 0.5, 0.75, 1], [0, 0.5, 1], [0, 1]];
const BAR_MOST = 40; // px wide

/** The middle of each point's share of the width. */
function bandsOf(points: Point[], width: number): Scale {
  const half = (width - LEFT) / Math.max(1, points.length) / 2;
  return linear([0, Math.max(1, points.length - 1)], [LEFT + half, Math.max(LEFT + half + 1, width - half)]);
}

/** Under each bar, or under every second, third and so on, where there is no room for more. */
function BandLabels({ points, x, height }: { points: Point[]; x: Place; height: number }) {
  const longest = Math.max(1, ...points.map((point) => Math.min(point.label.length, LABEL_MOST)));
  const every = points.length < 2 ? 1 : Math.max(1, Math.ceil(((longest + 1) * LETTER) / (x(1) - x(0))));
  return (
    <g aria-hidden="true">
      {points.map((point, at) => at % every === 0 && <text key={at} x={x(at)} y={height - 4} textAnchor="middle">{cut(point.label, LABEL_MOST)}</text>)}
    </g>
  );
}

function cut(label: string, most: number): string {
  const letters = Array.from(label);
  return letters.length <= most ? label : `${letters.slice(0, most - 1).join("")}…`;
}

function Labels({ points, x, height }: { points: Point[]; x: Place; height: number }) {
  const last = points.length - 1;
  const roomOf = (places: number[]) => last < 1 ? Infinity : (x(last) - x(0)) / new Set(places).size;
  const longest = Math.max(0, ...points.map((point) => point.label.length));
  const sets = SHARES.map((shares) => last < 1 ? [0] : shares.map((share) => Math.round(share * last)));
  const shown = sets.find((places) => roomOf(places) >= (Math.min(longest, LABEL_USUAL) + 3) * LETTER) ?? sets[0]!;
  const room = roomOf(shown);
  const fit = (label: string) => label.length * LETTER <= room ? label : `${Array.from(label).slice(0, Math.max(3, Math.floor(room / LETTER) - 1)).join("")}…`;
  return (
    <g aria-hidden="true">
      {[...new Set(shown)].map((at) => points[at] && (
        <text key={at} x={x(at)} y={height - 4} textAnchor={at === 0 && last > 0 ? "start" : at === last && last > 0 ? "end" : "middle"}>{fit(points[at]!.label)}</text>
      ))}
    </g>
  );
}

function DataTable({ title, series, points, format }: FrameProps) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
      <table className="table">
        <caption className="vh">{title}</caption>
        <thead><tr><th scope="col">At</th>{series.map((one) => <th key={one.id} scope="col" className="num">{one.label}</th>)}</tr></thead>
        <tbody>
          {points.map((point, at) => (
            <tr key={at}><td>{point.label}</td>{series.map((one) => <td key={one.id} className="num">{valueOf(point, one, format)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Frame(props: FrameProps & { hasBands?: boolean; draw: (x: Place, y: Place, width: number, height: number) => ReactNode }) {
  const { title, series, points, format, height = 180, limit, hasLegend = series.length > 1, hasSwitch = true, formatTick = format, onPick, onBrush, hasBands = false, draw } = props;
  const [anchor, setAnchor] = useState<number>(); // where a brush began
  const isDragging = useRef(false);
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number>();
  const [isTable, setTable] = useState(false);
  const id = useId();
  const most = Math.max(...points.map((point) => totalOf(point, series)), limit?.value ?? 0, 0) || 1;
  const ticks = ticksUpTo(most, 4);
  const y = linear([0, ticks[ticks.length - 1]!], [height - BOTTOM, TOP]);
  const x = hasBands ? bandsOf(points, width) : linear([0, Math.max(1, points.length - 1)], [LEFT, Math.max(LEFT + 1, width - 4)]);
  const point = at === undefined ? undefined : points[at];
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined && points.length > 0) {
      event.preventDefault();
      setAnchor(event.shiftKey && onBrush !== undefined ? anchor ?? at : undefined);
      setAt(at === undefined ? (step > 0 ? 0 : points.length - 1) : Math.min(points.length - 1, Math.max(0, at + step)));
    } else if (event.key === "Enter" && at !== undefined) {
      take(anchor, at);
    } else if (event.key === "Escape") {
      setAnchor(undefined);
    }
  };
  const take = (from: number | undefined, to: number) => {
    setAnchor(undefined);
    if (from !== undefined && from !== to) {
      onBrush?.(Math.min(from, to), Math.max(from, to));
    } else {
      onPick?.(to);
    }
  };
  const nearest = (clientX: number, box: DOMRect) => Math.min(points.length - 1, Math.max(0, Math.round(x.invert(clientX - box.left))));
  const said = point && `${point.label}: ${series.map((one) => `${one.label} ${valueOf(point, one, format)}`).join(", ")}`;
  return (
    <div className="chart">
      {(hasLegend || hasSwitch) && (
        <div className="plot-head">
          {hasLegend && <div className="legend">{series.map((one) => <span key={one.id}><svg className="key-svg" width="11" height="11" aria-hidden="true"><rect width="11" height="11" rx="2" fill={one.color} /></svg>{one.label}</span>)}</div>}
          {hasSwitch && <button type="button" className="link-btn small push" onClick={() => setTable(!isTable)}>{isTable ? "Show as plot" : "Show as table"}</button>}
        </div>
      )}
      {isTable ? <DataTable {...props} /> : (
        <div ref={ref} className="plot-frame" role="group" aria-roledescription="chart" aria-labelledby={id} tabIndex={0} onKeyDown={onKey} onBlur={() => { setAt(undefined); setAnchor(undefined); }}
          onMouseMove={(event) => points.length > 0 && setAt(nearest(event.clientX, event.currentTarget.getBoundingClientRect()))}
          onMouseLeave={() => !isDragging.current && setAt(undefined)}
          onPointerDown={(event) => {
            if (event.button === 0 && points.length > 0 && onBrush !== undefined) {
              isDragging.current = true;
              event.currentTarget.setPointerCapture(event.pointerId);
              setAnchor(nearest(event.clientX, event.currentTarget.getBoundingClientRect()));
            }
          }}
          onPointerUp={(event) => {
            if (event.button === 0 && points.length > 0) {
              isDragging.current = false;
              take(anchor, nearest(event.clientX, event.currentTarget.getBoundingClientRect()));
            }
          }}>
          <span id={id} className="vh">{title}</span>
          {width > 0 && (
            <svg className="plot" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
              <Axis y={y} width={width} format={formatTick} ticks={ticks.filter((tick, k, all) => k === 0 || formatTick(tick) !== formatTick(all[k - 1]!))} />
              {draw(x, y, width, height)}
              {limit !== undefined && <g><line x1={LEFT} x2={width} y1={y(limit.value)} y2={y(limit.value)} stroke="var(--bad)" strokeDasharray="4 3" /><text x={width - 4} y={y(limit.value) + (y(limit.value) < TOP + LINE ? LINE : -4)} textAnchor="end">{limit.label}</text></g>}
              {at !== undefined && anchor !== undefined && <rect className="plot-brush" x={x(Math.min(at, anchor))} width={Math.abs(x(at) - x(anchor))} y={TOP} height={height - BOTTOM - TOP} />}
              {at !== undefined && point !== undefined && <line className="axis-strong" x1={x(at)} x2={x(at)} y1={TOP} y2={height - BOTTOM} />}
              {hasBands ? <BandLabels points={points} x={x} height={height} /> : <Labels points={points} x={x} height={height} />}
            </svg>
          )}
          {said !== undefined && <div className="plot-says">{said}</div>}
          <span className="vh" role="status">{said}</span>
        </div>
      )}
    </div>
  );
}

/** Stacked areas over time; bands are parted by a line in the surface's colour. */
export function Area(props: FrameProps) {
  const { series, points } = props;
  const layers = stack<unknown, Point, string>().keys(series.map((one) => one.id)).value((point, key) => point.values[key] ?? 0)(points);
  return (
    <Frame {...props} draw={(x, y) => layers.map((layer, k) => (
      <path key={series[k]!.id} fill={series[k]!.color} stroke="var(--surface)" strokeWidth="1"
        d={area<[number, number]>().x((_, at) => x(at)).y0((band) => y(band[0])).y1((band) => y(band[1]))(layer as unknown as [number, number][]) ?? ""} />
    ))} />
  );
}

/** Stacked bars; for few points. */
export function Bars(props: FrameProps) {
  const { series, points } = props;
  return (
    <Frame {...props} hasBands draw={(x, y, width, height) => {
      const size = Math.max(1, Math.min(BAR_MOST, ((width - LEFT) / Math.max(1, points.length)) * 0.7));
      return points.map((point, at) => {
        let below = 0;
        return series.map((one) => {
          const value = point.values[one.id] ?? 0;
          const top = y(below + value);
          const tall = Math.max(0, y(below) - top - (below > 0 ? 1 : 0)); // a line of the surface between bands
          below += value;
          return value > 0 && <rect key={`${at} ${one.id}`} x={x(at) - size / 2} width={size} y={Math.min(top, height - BOTTOM)} height={tall} rx={Math.min(2, tall / 2)} fill={one.color} />;
        });
      });
    }} />
  );
}

/** Lines of their own, not stacked. */
export function Lines(props: FrameProps) {
  const { series, points } = props;
  return (
    <Frame {...props} draw={(x, y) => series.map((one) => (
      <path key={one.id} fill="none" stroke={one.color} strokeWidth="1.75"
        d={line<Point>().x((_, at) => x(at)).y((point) => y(point.values[one.id] ?? 0))(points) ?? ""} />
    ))} />
  );
}

/** Lines of their own with a tint below, as of levels; nothing is drawn where nothing is known. */
export function Levels(props: FrameProps) {
  const { series, points } = props;
  return (
    <Frame {...props} draw={(x, y) => series.map(({ id, color }) => {
      const isKnown = (point: Point) => point.values[id] !== undefined;
      const heightOf = (point: Point) => y(point.values[id] ?? 0);
      const isAlone = (at: number) => isKnown(points[at]!) && ![at - 1, at + 1].some((other) => points[other] !== undefined && isKnown(points[other]!));
      return (
        <Fragment key={id}>
          <path fill={color} fillOpacity="0.15" d={area<Point>().defined(isKnown).x((_, at) => x(at)).y0(y(0)).y1(heightOf)(points) ?? ""} />
          <path fill="none" stroke={color} strokeWidth="1.75" d={line<Point>().defined(isKnown).x((_, at) => x(at)).y(heightOf)(points) ?? ""} />
          {points.map((point, at) => isAlone(at) && <circle key={at} cx={x(at)} cy={heightOf(point)} r="2.5" fill={color} />)}
        </Fragment>
      );
    })} />
  );
}
