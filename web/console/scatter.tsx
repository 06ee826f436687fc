/*
 * Durations over time, one dot a request, on a scale of powers of ten; a box that is drawn around some becomes the range and
 * the bounds of the search. By the keyboard: B starts a box in the middle, arrows move it, Shift and arrows widen it, Enter
 * takes it, Escape drops it.
 */
import { scaleLinear, scaleLog } from "d3-scale";
import { useRef, useState, type KeyboardEvent, type PointerEvent } from "react";

import { useWidth } from "../kit/chart";
import { duration, time } from "../kit/format";
import { serviceColor } from "./services";

export interface Dot {
  id: string;
  at: number; // ms
  ns: number;
  service: string;
  isError: boolean;
}

export interface Box {
  from: number;
  to: number;
  minNs: number;
  maxNs: number;
}

const HEIGHT = 200;
const LEFT = 56;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;
const STEP = 0.02; // of the plot, for an arrow

interface Corners { x1: number; y1: number; x2: number; y2: number }

export function Scatter({ dots, onSelect, onOpen }: { dots: Dot[]; onSelect: (box: Box) => void; onOpen: (id: string) => void }) {
  const [ref, width] = useWidth();
  const [box, setBox] = useState<Corners>();
  const start = useRef<{ x: number; y: number }>();
  const times = dots.map((dot) => dot.at);
  const sizes = dots.map((dot) => Math.max(1000, dot.ns));
  const first = Math.min(...times);
  const last = Math.max(...times, first + 1000);
  const x = scaleLinear().domain([first, last]).range([LEFT, Math.max(LEFT + 1, width - RIGHT)]);
  const y = scaleLog().domain([Math.min(...sizes) * 0.8, Math.max(...sizes) * 1.25]).range([HEIGHT - BOTTOM, TOP]);
  const decades = Array.from({ length: 9 }, (_, at) => 10 ** (at + 3)).filter((tick) => tick >= y.domain()[0]! && tick <= y.domain()[1]!);

  const place = (event: PointerEvent) => {
    const bounds = ref.current!.getBoundingClientRect();
    return {
      x: Math.min(width - RIGHT, Math.max(LEFT, event.clientX - bounds.left)),
      y: Math.min(HEIGHT - BOTTOM, Math.max(TOP, event.clientY - bounds.top)),
    };
  };
  const selected = (corners: Corners): Box => ({
    from: Math.floor(x.invert(Math.min(corners.x1, corners.x2))),
    to: Math.ceil(x.invert(Math.max(corners.x1, corners.x2))),
    minNs: y.invert(Math.max(corners.y1, corners.y2)),
    maxNs: y.invert(Math.min(corners.y1, corners.y2)),
  });
  const inside = (corners: Corners) => {
    const { from, to, minNs, maxNs } = selected(corners);
    return dots.filter((dot) => dot.at >= from && dot.at <= to && dot.ns >= minNs && dot.ns <= maxNs).length;
  };
  const take = (corners: Corners | undefined) => {
    setBox(undefined);
    if (corners !== undefined) {
      onSelect(selected(corners));
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const dx = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const dy = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
    if (event.key.toLowerCase() === "b") {
      setBox({ x1: LEFT + (width - LEFT) * 0.4, x2: LEFT + (width - LEFT) * 0.6, y1: TOP, y2: HEIGHT / 2 });
    } else if (box === undefined) {
      return;
    } else if (event.key === "Enter") {
      take(box);
    } else if (event.key === "Escape") {
      setBox(undefined);
    } else if (dx !== 0 || dy !== 0) {
      const [sx, sy] = [dx * STEP * width, dy * STEP * HEIGHT];
      const fixed = event.shiftKey;
      setBox({ x1: fixed ? box.x1 : box.x1 + sx, y1: fixed ? box.y1 : box.y1 + sy, x2: box.x2 + sx, y2: box.y2 + sy });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={ref} className="plot-frame scatter" role="group" aria-roledescription="chart" tabIndex={0} onKeyDown={onKey}
      aria-label={`Durations of ${dots.length} requests. B starts a box, arrows move it, Shift and arrows widen it, Enter searches within`}
      onPointerDown={(event) => {
        if (event.button === 0) {
          start.current = place(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }
      }}
      onPointerMove={(event) => {
        if (start.current !== undefined) {
          const at = place(event);
          setBox({ x1: start.current.x, y1: start.current.y, x2: at.x, y2: at.y });
        }
      }}
      onPointerUp={(event) => {
        const from = start.current;
        start.current = undefined;
        if (box !== undefined && Math.abs(box.x2 - box.x1) > 5 && Math.abs(box.y2 - box.y1) > 5) {
          take(box);
        } else if (from !== undefined) {
          setBox(undefined);
          const near = dots.find((dot) => Math.hypot(x(dot.at)! - from.x, y(Math.max(1000, dot.ns))! - from.y) < 6);
          if (near !== undefined && event.button === 0) {
            onOpen(near.id);
          }
        }
      }}>
      {width > 0 && dots.length > 0 && (
        <svg className="plot" width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
          {decades.map((tick) => (
            <g key={tick}>
              <line className="axis" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 8} y={(y(tick) ?? 0) + 4} textAnchor="end">{duration(tick).replace(/\.0+ /, " ").replace(".00", "")}</text>
            </g>
          ))}
          {dots.map((dot) => {
            const [cx, cy] = [x(dot.at)!, y(Math.max(1000, dot.ns))!];
            return dot.isError
              ? <path key={dot.id} d={`M${cx - 4} ${cy - 4}l8 8m0-8l-8 8`} stroke="var(--bad)" strokeWidth="2" />
              : <circle key={dot.id} cx={cx} cy={cy} r="3.5" fill={serviceColor(dot.service)} fillOpacity="0.75" />;
          })}
          {[0, 0.5, 1].map((share) => {
            const at = first + (last - first) * share;
            return <text key={share} x={x(at)} y={HEIGHT - 5} textAnchor={share === 0 ? "start" : share === 1 ? "end" : "middle"}>{time(at, last - first < 120_000 ? "clock-ms" : last - first > 86_400_000 ? "day-time" : "clock")}</text>;
          })}
          {box !== undefined && <rect className="scatter-box" x={Math.min(box.x1, box.x2)} y={Math.min(box.y1, box.y2)} width={Math.abs(box.x2 - box.x1)} height={Math.abs(box.y2 - box.y1)} />}
        </svg>
      )}
      {box !== undefined && <div className="plot-says" role="status">{inside(box)} requests, {time(selected(box).from, "clock-ms")} – {time(selected(box).to, "clock-ms")}, {duration(selected(box).minNs)} – {duration(selected(box).maxNs)}</div>}
    </div>
  );
}
