/* The control of the time range: presets, two fields in UTC, arrows that shift, live or paused. */
import { useState, type FormEvent } from "react";

import { Button, Dialog, Field, Icon, setParams, useKeys } from "../kit/ui";
import { PRESETS, momentOf, shiftRange, type Range } from "./range";

function RangeDialog({ range, onClose }: { range: Range; onClose: () => void }) {
  const [from, setFrom] = useState(range.from);
  const [to, setTo] = useState(range.to);
  const [wrong, setWrong] = useState("");
  const choose = (preset: string) => {
    setParams({ from: preset, to: null, cursor: null, live: null });
    onClose();
  };
  const apply = (event: FormEvent) => {
    event.preventDefault();
    // What has no zone is meant in UTC, as the labels say.
    const inUtc = (text: string) => /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? `${text.replace(" ", "T")}Z` : text;
    const [first, last] = [inUtc(from.trim()), inUtc(to.trim())];
    const [a, b] = [first, last].map((text) => text === "" ? null : momentOf(text, Date.now()));
    if (Number.isNaN(a)) {
      setWrong("from");
    } else if (Number.isNaN(b) || (typeof a === "number" && typeof b === "number" && a >= b)) {
      setWrong("to");
    } else {
      setParams({ from: first, to: last, cursor: null, live: null });
      onClose();
    }
  };
  return (
    <Dialog title="Time range" onClose={onClose} actions={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" type="submit" form="range-form">Apply</Button></>}>
      <div className="range-pop">
        <div className="menu range-presets">
          {PRESETS.filter(([value]) => value !== "" || range.usual === "").map(([value, label]) => (
            <button key={label} type="button" aria-pressed={value === range.from && range.canBeLive} onClick={() => choose(value)}>{label}</button>
          ))}
        </div>
        <form id="range-form" className="stack stack-2" onSubmit={apply}>
          <Field label="From (UTC)" error={wrong === "from" ? "A moment, 2026-11-29 14:09, or now-15m" : undefined}>
            <input className="input mono" autoFocus value={from} placeholder="now-60m" onChange={(event) => setFrom(event.target.value)} />
          </Field>
          <Field label="To (UTC)" error={wrong === "to" ? "A later moment, or empty for now" : undefined} hint="Empty: now">
            <input className="input mono" value={to} placeholder="now" onChange={(event) => setTo(event.target.value)} />
          </Field>
        </form>
      </div>
    </Dialog>
  );
}

export function RangePicker({ range }: { range: Range }) {
  const [isOpen, setOpen] = useState(false);
  const isBounded = Number.isFinite(range.sinceMs);
  const turnLive = () => setParams({ live: range.isLive ? "0" : null });
  useKeys([
    { keys: "[", does: "Earlier, by the range's length", run: () => shiftRange(range, -1) },
    { keys: "]", does: "Later", run: () => shiftRange(range, 1) },
    { keys: "l", does: "Live or paused", run: () => range.canBeLive && turnLive() },
  ]);
  return (
    <>
      <div className="range" role="group" aria-label="Time range">
        {isBounded && <button type="button" aria-label="Earlier" onClick={() => shiftRange(range, -1)}><Icon name="left" /></button>}
        <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}><Icon name="clock" /><b>{range.label}</b><span className="muted hide-s">UTC</span></button>
        {isBounded && !range.canBeLive && <button type="button" aria-label="Later" onClick={() => shiftRange(range, 1)}><Icon name="right" /></button>}
      </div>
      {range.canBeLive && (
        <button type="button" className="btn btn-quiet btn-sm hide-s" aria-pressed={range.isLive} onClick={turnLive}>
          <span className={range.isLive ? "live" : "live live-off"}>{range.isLive ? "Live" : "Paused"}</span>
        </button>
      )}
      {isOpen && <RangeDialog range={range} onClose={() => setOpen(false)} />}
    </>
  );
}
