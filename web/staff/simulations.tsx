/*
 * Faults on purpose (docs/operations.md): what is on, scenarios to arm, switches for all requests. Everybody of the staff
 * sees what is on, since it explains what else looks odd; who may arm and end it is an operator or an administrator.
 */
import { useState } from "react";

import { send } from "../kit/api";
import { count, percent } from "../kit/format";
import { FormDialog, type Body } from "../kit/formdialog";
import { useGet, type Loaded } from "../kit/load";
import { useSendKey } from "../kit/sendkey";
import { Badge, Button, Empty, Kv, Note, PageTitle, ProblemNote, Table, Time, TraceId, useForm, useToast, type Column } from "../kit/ui";
import { useMay } from "./session";
import { SIMULATIONS } from "./words/simulations";
import { APP } from "./words/staff";

interface Preset {
  id: string;
  description: string;
  targets: string[];
  faults: string[];
  share: number; // per cent
  default_ttl_seconds: number;
}

interface Armed {
  scenario_id: string;
  applied_by: string;
  applied_at: string;
  expires_at: string;
  faults: string[];
  trace_id: string;
}

interface Switches {
  error_rate: number; // of all requests, 0 to 1
  slow_responses: boolean;
  db_latency_ms: number;
  db_disconnect: boolean;
  expires_at: string | null;
}

const AGAIN_MS = 5000;

/** "db.slow", "workflow:checkout" */
function Faults({ of }: { of: string[] }) {
  return <span className="row row-wrap">{of.map((word) => <span key={word} className="tag">{word}</span>)}</span>;
}

/* ---- what is on ---- */

const ARMED: Column<Armed>[] = [
  { id: "what", head: SIMULATIONS.columns.what, cell: (row) => <span className="mono strong">{row.scenario_id}</span> },
  { id: "ends", head: SIMULATIONS.columns.ends, className: "r", cell: (row) => <Time at={row.expires_at} style="full" /> },
  { id: "faults", head: SIMULATIONS.columns.faults, className: "full", cell: (row) => <Faults of={row.faults} /> },
  { id: "by", head: SIMULATIONS.columns.by, cell: (row) => <bdi>{row.applied_by}</bdi> },
  { id: "trace", head: SIMULATIONS.columns.trace, className: "r", cell: (row) => row.trace_id === "" ? <span className="muted">—</span> : <TraceId id={row.trace_id} short /> },
];

function OnNow({ state, onChange }: { state: Loaded<{ scenarios: Armed[] }>; onChange: () => void }) {
  const mayArm = useMay("simulate");
  const say = useToast();
  const end = useForm(async () => {
    await send("POST", "/api/chaos/clear");
    say(SIMULATIONS.ended);
    onChange();
  });
  const isOn = (state.value?.scenarios.length ?? 0) > 0;
  return (
    <section className="card" aria-labelledby="on-now">
      <div className="card-head"><h2 id="on-now">{SIMULATIONS.onNow}</h2>{isOn && <Badge tone="warn">{SIMULATIONS.on}</Badge>}
        {isOn && mayArm && <Button size="sm" kind="danger" className="push" busy={end.isBusy ? SIMULATIONS.ending : undefined} onClick={() => end.submit()}>{SIMULATIONS.endAll}</Button>}</div>
      {end.problem !== undefined && <div className="card-body"><ProblemNote problem={end.problem} what={SIMULATIONS.notEnded} /></div>}
      <Table caption={SIMULATIONS.onNow} what={SIMULATIONS.onNow} columns={ARMED} rows={state.value?.scenarios} keyOf={(row) => row.scenario_id} isLoading={state.isLoading} isQuiet={state.value !== undefined}
        problem={state.problem} retry={state.reload} skeletonRows={1} empty={<Empty title={SIMULATIONS.nothing}>{SIMULATIONS.nothingAbout}</Empty>} />
    </section>
  );
}

/* ---- scenarios ---- */

function Arm({ preset, most, onClose, onDone }: { preset: Preset; most: number; onClose: () => void; onDone: () => void }) {
  const keyFor = useSendKey();
  return (
    <FormDialog title={SIMULATIONS.armTitle(preset.id)} verb={SIMULATIONS.arm} busy={SIMULATIONS.arming} done={SIMULATIONS.armed} onClose={onClose}
      initial={{ share: String(preset.share), ttl_seconds: String(Math.min(preset.default_ttl_seconds, most)) }}
      fields={[
        { name: "share", label: SIMULATIONS.share, kind: "number", isRequired: true, hint: preset.description },
        { name: "ttl_seconds", label: SIMULATIONS.seconds, kind: "number", isRequired: true, hint: SIMULATIONS.secondsHint(count(most)) },
        { name: "amount", label: SIMULATIONS.amount, kind: "number", hint: SIMULATIONS.amountHint },
        { name: "note", label: SIMULATIONS.note, hint: SIMULATIONS.noteHint },
      ]}
      send={async (body) => {
        const whole = { scenario_id: preset.id, target: "shop", ...body };
        await send("POST", "/api/chaos/apply", whole, { key: keyFor(whole) });
        onDone();
      }} />
  );
}

function Scenarios({ presets, most, mayArm, onChange }: { presets: Preset[] | undefined; most: number; mayArm: boolean; onChange: () => void }) {
  const [chosen, setChosen] = useState<Preset>();
  const columns: Column<Preset>[] = [
    { id: "what", head: SIMULATIONS.columns.what, cell: (row) => <span className="mono strong">{row.id}</span> },
    { id: "arm", head: <span className="vh">{SIMULATIONS.arm}</span>, className: "r", cell: (row) => !row.targets.includes("shop") ? <span className="muted small">{SIMULATIONS.portalsOnly}</span>
      : mayArm && <Button size="sm" icon="bolt" aria-label={SIMULATIONS.armOf(row.id)} onClick={() => setChosen(row)}>{SIMULATIONS.arm}</Button> },
    { id: "about", head: SIMULATIONS.columns.about, className: "full", cell: (row) => row.description },
    { id: "faults", head: SIMULATIONS.columns.faults, className: "hide-s", cell: (row) => <Faults of={row.faults} /> },
    { id: "share", head: SIMULATIONS.columns.share, isNumber: true, className: "hide-s", cell: (row) => percent(row.share / 100) },
  ];
  return (
    <section className="card" aria-labelledby="scenarios">
      <div className="card-head"><h2 id="scenarios">{SIMULATIONS.scenarios}</h2><p>{SIMULATIONS.scenariosAbout}</p></div>
      <Table caption={SIMULATIONS.scenarios} what={SIMULATIONS.scenarios} columns={columns} rows={presets} keyOf={(row) => row.id} skeletonRows={9} />
      {chosen !== undefined && <Arm key={chosen.id} preset={chosen} most={most} onClose={() => setChosen(undefined)} onDone={onChange} />}
    </section>
  );
}

/* ---- switches ---- */

const WHETHER = [{ value: "0", label: SIMULATIONS.no }, { value: "1", label: SIMULATIONS.yes }];

function switchesOf({ error_rate, db_latency_ms, ttl_seconds, ...words }: Body) {
  const numbers = Object.entries({ error_rate, db_latency_ms, ttl_seconds }).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries([...numbers, ...Object.entries(words).map(([name, word]) => [name, word === "1"])]);
}

function SwitchesCard({ isEnabled, onChange }: { isEnabled: boolean; onChange: () => void }) {
  const { value, problem, reload } = useGet<Switches>("/api/simulate/status", {}, { everyMs: AGAIN_MS });
  const [isEdit, setEdit] = useState(false);
  const keyFor = useSendKey();
  const done = () => { reload(); onChange(); };
  const off = useForm(async () => { await send("POST", "/api/simulate/reset"); done(); });
  return (
    <section className="card" aria-labelledby="switches">
      <div className="card-head"><h2 id="switches">{SIMULATIONS.switches}</h2><p>{SIMULATIONS.switchesAbout}</p>
        {isEnabled && value !== undefined && <div className="row push">
          {value.expires_at !== null && <Button size="sm" busy={off.isBusy ? SIMULATIONS.ending : undefined} onClick={() => off.submit()}>{SIMULATIONS.off}</Button>}
          <Button size="sm" onClick={() => setEdit(true)}>{SIMULATIONS.set}</Button></div>}</div>
      <div className="card-body">
        {(problem ?? off.problem) !== undefined && <ProblemNote problem={(problem ?? off.problem)!} />}
        {value !== undefined && <Kv pairs={[
          [SIMULATIONS.errors, percent(value.error_rate)], [SIMULATIONS.slow, value.slow_responses ? SIMULATIONS.yes : SIMULATIONS.no], [SIMULATIONS.latency, `${count(value.db_latency_ms)} ms`],
          [SIMULATIONS.lost, value.db_disconnect ? SIMULATIONS.yes : SIMULATIONS.no], [SIMULATIONS.columns.ends, value.expires_at === null ? "—" : <Time at={value.expires_at} style="full" />],
        ]} />}
      </div>
      {isEdit && value !== undefined && <FormDialog title={SIMULATIONS.setTitle} verb={SIMULATIONS.set} busy={SIMULATIONS.setting} done={SIMULATIONS.isSet} onClose={() => setEdit(false)}
        initial={{ error_rate: String(value.error_rate), db_latency_ms: String(value.db_latency_ms), slow_responses: value.slow_responses ? "1" : "0", db_disconnect: value.db_disconnect ? "1" : "0", ttl_seconds: "300" }}
        fields={[
          { name: "error_rate", label: SIMULATIONS.errors, kind: "number", hint: SIMULATIONS.errorsHint }, { name: "slow_responses", label: SIMULATIONS.slow, kind: "select", options: WHETHER },
          { name: "db_latency_ms", label: SIMULATIONS.latencyMs, kind: "number" }, { name: "db_disconnect", label: SIMULATIONS.lost, kind: "select", options: WHETHER },
          { name: "ttl_seconds", label: SIMULATIONS.seconds, kind: "number" },
        ]}
        send={async (typed) => {
          const body = switchesOf(typed);
          await send("POST", "/api/simulate/configure", body, { key: keyFor(body) });
          done();
        }} />}
    </section>
  );
}

/* ---- the page ---- */

export function SimulationsPage() {
  const presets = useGet<{ presets: Preset[]; max_ttl_seconds: number; enabled: boolean }>("/api/chaos/presets");
  const state = useGet<{ scenarios: Armed[] }>("/api/chaos/state", {}, { everyMs: AGAIN_MS });
  const maySimulate = useMay("simulate");
  const isEnabled = presets.value?.enabled === true;
  return (
    <>
      <div className="page-head"><div><PageTitle tab={SIMULATIONS.title} app={APP}>{SIMULATIONS.title}</PageTitle><p className="soft">{SIMULATIONS.about}</p></div></div>
      {presets.problem !== undefined && <ProblemNote problem={presets.problem} />}
      {presets.value !== undefined && !isEnabled && <Note>{SIMULATIONS.disabled}</Note>}
      {!maySimulate && <p className="small muted">{SIMULATIONS.readOnly}</p>}
      <OnNow state={state} onChange={state.reload} />
      <Scenarios presets={presets.value?.presets} most={presets.value?.max_ttl_seconds ?? 0} mayArm={isEnabled && maySimulate} onChange={state.reload} />
      {maySimulate && <SwitchesCard isEnabled={isEnabled} onChange={state.reload} />}
    </>
  );
}
