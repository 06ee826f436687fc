/*
 * A plane of beginning and duration, on which a box is drawn. By the keyboard: B starts one in the middle, arrows move it,
 * Shift and arrows widen it, Enter takes it, Escape drops it.
 */
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

import { useWidth } from "../kit/chart";
import { duration, time } from "../kit/format";
import { decadesOf, linear, logarithmic, type Scale } from "../kit/scale";

export interface Box {
  from: number; // ms
  to: number;
  minNs: number;
  maxNs: number;
}

const HEIGHT = 296;
const LEFT = 56;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 22;
const STEP = 0.02; // of the plot, for an arrow
const LEAST_PX = 5; // what is smaller is a click

interface Corners { x1: number; y1: number; x2: number; y2: number }

interface PlaneProps {
  from: number; // ms
  to: number;
  minNs: number; // above 0
  maxNs: number;
  label: string; // what is to be seen
  box: Box | undefined; // that was taken
  onBox: (box: Box | undefined) => void;
  onClick?: (at: { ms: number; ns: number; isNear: (ms: number, ns: number) => boolean }) => void;
  countOf: (box: Box) => string; // "12 requests", while it is drawn
  children: (x: Scale, y: Scale) => ReactNode;
}

function TimeAxis({ x }: { x: Scale }) {
  const [first, last] = x.domain;
  const style = last - first < 120_000 ? "clock-ms" : last - first > 86_400_000 ? "day-time" : "clock";
  return (
    <>
      {[0, 0.5, 1].map((share) => {
        const at = first + (last - first) * share;
        return <text key={share} x={x(at)} y={HEIGHT - 5} textAnchor={share === 0 ? "start" : share === 1 ? "end" : "middle"}>{time(at, style)}</text>;
      })}
    </>
  );
}

export function Plane({ from, to, minNs, maxNs, label, box, onBox, onClick, countOf, children }: PlaneProps) {
  const [ref, width] = useWidth();
  const [drawn, setDrawn] = useState<Corners>();
  const start = useRef<{ x: number; y: number }>();
  const x = linear([from, to], [LEFT, Math.max(LEFT + 1, width - RIGHT)]);
  const y = logarithmic([minNs, maxNs], [HEIGHT - BOTTOM, TOP]);

  const place = (event: PointerEvent) => {
    const bounds = ref.current!.getBoundingClientRect();
    return {
      x: Math.min(width - RIGHT, Math.max(LEFT, event.clientX - bounds.left)),
      y: Math.min(HEIGHT - BOTTOM, Math.max(TOP, event.clientY - bounds.top)),
    };
  };
  const boxOf = (corners: Corners): Box => ({
    from: Math.floor(x.invert(Math.min(corners.x1, corners.x2))),
    to: Math.ceil(x.invert(Math.max(corners.x1, corners.x2))),
    minNs: y.invert(Math.max(corners.y1, corners.y2)),
    maxNs: y.invert(Math.min(corners.y1, corners.y2)),
  });
  const cornersOf = (of: Box): Corners => {
    const within = (value: number, [a, b]: readonly [number, number]) => Math.min(b, Math.max(a, value));
    return { x1: x(within(of.from, x.domain)), x2: x(within(of.to, x.domain)), y1: y(within(of.maxNs, y.domain)), y2: y(within(Math.max(of.minNs, minNs), y.domain)) };
  };
  const take = (corners: Corners) => {
    setDrawn(undefined);
    onBox(boxOf(corners));
  };
  const onKey = (event: KeyboardEvent) => {
    const dx = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
    const dy = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
    if (event.key.toLowerCase() === "b") {
      setDrawn({ x1: LEFT + (width - LEFT) * 0.4, x2: LEFT + (width - LEFT) * 0.6, y1: TOP, y2: HEIGHT / 2 });
    } else if (event.key === "Escape" && (drawn !== undefined || box !== undefined)) {
      setDrawn(undefined);
      if (drawn === undefined) {
        onBox(undefined);
      }
    } else if (drawn === undefined) {
      return;
    } else if (event.key === "Enter") {
      take(drawn);
    } else if (dx !== 0 || dy !== 0) {
      const [sx, sy] = [dx * STEP * width, dy * STEP * HEIGHT];
      const isWider = event.shiftKey;
      setDrawn({ x1: isWider ? drawn.x1 : drawn.x1 + sx, y1: isWider ? drawn.y1 : drawn.y1 + sy, x2: drawn.x2 + sx, y2: drawn.y2 + sy });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const shown = drawn ?? (box === undefined ? undefined : cornersOf(box));
  const said = drawn === undefined ? undefined : boxOf(drawn);
  return (
    <div ref={ref} className="plot-frame plane" role="group" aria-roledescription="chart" tabIndex={0} onKeyDown={onKey}
      aria-label={`${label}. B starts a box, arrows move it, Shift and arrows widen it, Enter selects what is in it`}
      onPointerDown={(event) => {
        if (event.button === 0) {
          start.current = place(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }
      }}
      onPointerMove={(event) => {
        if (start.current !== undefined) {
          const at = place(event);
          setDrawn({ x1: start.current.x, y1: start.current.y, x2: at.x, y2: at.y });
        }
      }}
      onPointerUp={() => {
        const at = start.current;
        start.current = undefined;
        if (drawn !== undefined && Math.abs(drawn.x2 - drawn.x1) > LEAST_PX && Math.abs(drawn.y2 - drawn.y1) > LEAST_PX) {
          take(drawn);
        } else if (at !== undefined) {
          setDrawn(undefined);
          onClick?.({ ms: x.invert(at.x), ns: y.invert(at.y), isNear: (ms, ns) => Math.hypot(x(ms) - at.x, y(Math.max(minNs, ns)) - at.y) < LEAST_PX + 1 });
        }
      }}
      onPointerCancel={() => { start.current = undefined; setDrawn(undefined); }}>
      {width > 0 && (
        <svg className="plot" width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
          {children(x, y)}
          {decadesOf(y.domain).map((tick) => (
            <g key={tick}>
              <line className="axis" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">{duration(tick).replace(/\.0+ /, " ")}</text>
            </g>
          ))}
          <TimeAxis x={x} />
          {shown !== undefined && <rect className="plane-box" x={Math.min(shown.x1, shown.x2)} y={Math.min(shown.y1, shown.y2)} width={Math.max(2, Math.abs(shown.x2 - shown.x1))} height={Math.max(2, Math.abs(shown.y2 - shown.y1))} />}
        </svg>
      )}
      {said !== undefined && <div className="plot-says" role="status">{countOf(said)}, {time(said.from, "clock-ms")} – {time(said.to, "clock-ms")}, {duration(said.minNs)} – {duration(said.maxNs)}</div>}
    </div>
  );
}
