/* Small things that pages are full of: badges, tags, ids with copy, figures, times, pairs, tabs, crumbs, pagers. */
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from "react";

import { lastTraceId, onTrace } from "./api";
import { time, age as ageOf, type Moment, type TimeStyle, millisOf } from "./format";
import { Icon } from "./icon";
import { Link, navigate, passFocusOn, takeFocusWish, useTitle, withParams } from "./url";

/** The page's one h1; after going to the page it has the focus. `tab`: where the browser's tab says more. */
export function PageTitle({ children, tab, app, className }: { children: ReactNode; tab: string; app: string; className?: string }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useTitle(tab === app ? app : `${tab} · ${app}`);
  useEffect(() => {
    if (takeFocusWish()) {
      ref.current?.focus({ preventScroll: true });
    }
  }, []);
  useLayoutEffect(() => {
    const title = ref.current;
    return () => {
      if (title !== null && document.activeElement === title) {
        passFocusOn();
      }
    };
  }, []);
  return <h1 ref={ref} tabIndex={-1} className={className}>{children}</h1>;
}

export type BadgeTone = "ok" | "warn" | "bad" | "info" | "accent" | "hollow" | "plain";

/** State of a thing: a word, and a dot or an icon besides the colour. */
export function Badge({ tone, icon, children }: { tone?: BadgeTone; icon?: string; children: ReactNode }) {
  return (
    <span className={tone === undefined ? "badge" : `badge badge-${tone}`}>
      {icon !== undefined && <Icon name={icon} />}{children}
    </span>
  );
}

export function Tag({ children }: { children: ReactNode }) {
  return <span className="tag">{children}</span>;
}

/** A filter that is set, with its cross; with `onEdit` a click on it changes it. */
export function Pill({ name, children, onRemove, onEdit }: { name: string; children: ReactNode; onRemove: () => void; onEdit?: () => void }) {
  const text = <>{name} <b className="clip" dir="auto">{children}</b></>;
  return (
    <span className="pill pill-on">{onEdit === undefined ? text : <button type="button" className="pill-text" title="Change" onClick={onEdit}>{text}</button>}
      <button type="button" aria-label={`Remove ${name}`} onClick={onRemove}><Icon name="x" /></button>
    </span>
  );
}

/* ---- copying ---- */

/** The clipboard is there for pages of safe origins alone; elsewhere a selection is copied. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(() => true, () => false);
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "vh";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  return isCopied;
}

/** `what`: "trace id". */
export function Copy({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = said === "" ? undefined : setTimeout(() => setSaid(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <>
      <button type="button" className="copy" aria-label={`Copy ${what}`} title={`Copy ${what}`}
        onClick={() => void copyText(text).then((isCopied) => setSaid(isCopied ? "Copied" : "Not copied"))}>
        <Icon name={said === "Copied" ? "check" : "copy"} />
      </button>
      <span className="vh" role="status">{said}</span>
    </>
  );
}

let consoleAddress = ""; // of other applications: where the console's pages are

/** Where traces and statements are shown, "http://127.0.0.1:8070"; the console itself leaves it empty. */
export function setConsoleAddress(origin: string): void {
  consoleAddress = origin.replace(/\/$/, "");
}

/** A link to the console's trace, with copy. */
export function TraceId({ id, short = false }: { id: string; short?: boolean }) {
  return (
    <span className="row nowrap">
      <Link className="id clip" href={`${consoleAddress}/console/traces/${encodeURIComponent(id)}`}>{short ? id.slice(0, 8) : id}</Link>
      <Copy text={id} what="trace id" />
    </span>
  );
}

/** The console's trace of what was done last, as of the load of the page that is shown. Nothing before there is one. */
export function HowMade({ asButton = false }: { asButton?: boolean }) {
  const id = useSyncExternalStore(onTrace, lastTraceId);
  const href = `${consoleAddress}/console/traces/${id}`;
  if (id === "") {
    return null;
  }
  return asButton
    ? <a className="btn btn-quiet btn-sm" href={href} aria-label="How was this made?" title="How was this made?"><Icon name="trace" /><span className="hide-s">How was this made?</span></a>
    : <a href={href}>How was this made?</a>;
}

/** A link to the console's page of a statement, with copy. `params`: the time range goes along. */
export function SqlId({ id, query = "" }: { id: string; query?: string }) {
  return (
    <span className="row nowrap">
      <Link className="tag tag-sql" href={`${consoleAddress}/console/statements/${encodeURIComponent(id)}${query}`}>{id}</Link>
      <Copy text={id} what="SQL_ID" />
    </span>
  );
}

/* ---- figures and times ---- */

interface KpiProps {
  label: string;
  value: ReactNode;
  unit?: string;
  tone?: "up" | "down" | "warn"; // of the figure: good, bad, watch it
  children?: ReactNode; // the comparison, in words
  href?: string; // what it counts
}

export function Kpis({ children, slim = false }: { children: ReactNode; slim?: boolean }) {
  return <div className={slim ? "kpis kpis-slim" : "kpis"}>{children}</div>;
}

export function Kpi({ label, value, unit, tone, children, href }: KpiProps) {
  const inside = (
    <>
      <span className="k">{label}</span>
      <span className={`v ${tone ?? ""}`.trim()}>{value}{unit !== undefined && unit !== "" && <> <small>{unit}</small></>}</span>
      {children !== undefined && <span className="d">{children}</span>}
    </>
  );
  return href === undefined ? <div className="kpi">{inside}</div> : <Link className="kpi" href={href}>{inside}</Link>;
}

/** How much of a whole, 0 to 1; `label` says it in words. */
export function Meter({ share, label, color = "var(--accent)" }: { share: number; label: string; color?: string }) {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return <span className="meter grow"><svg viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}><rect width={width} height="8" fill={color} /></svg></span>;
}

/** A list of pairs; those without a value are left out. */
export function Kv({ pairs, tight = true }: { pairs: [string, ReactNode][]; tight?: boolean }) {
  return (
    <dl className={tight ? "kv kv-tight" : "kv"}>
      {pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "").map(([name, value]) => (
        <FragmentPair key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

function FragmentPair({ name, value }: { name: string; value: ReactNode }) {
  return <><dt>{name}</dt><dd>{value}</dd></>;
}

/** A moment in UTC, in the local zone on hover. */
export function Time({ at, style = "day-time", showAge = false }: { at: Moment | null | undefined; style?: TimeStyle; showAge?: boolean }) {
  const millis = millisOf(at);
  if (!Number.isFinite(millis)) {
    return <>{time(null)}</>;
  }
  return (
    <time className="nowrap" dateTime={new Date(millis).toISOString()} title={`${time(millis, "full")} UTC, ${time(millis, "full", { local: true })} local`}>
      {showAge ? ageOf(millis) : time(millis, style)}
    </time>
  );
}

/** Text that came from anywhere: shown as it is, cut where it is long. */
export function LongText({ text, most = 300, className = "" }: { text: string; most?: number; className?: string }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > most;
  return (
    <span className={`long ${className}`.trim()} dir="auto">
      {isWhole || !isLong ? text : `${cut(text, most)}…`}
      {isLong && <> <button type="button" className="link-btn small" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>{isWhole ? "less" : "more"}</button></>}
    </span>
  );
}

/** Not within a character of two units. */
function cut(text: string, most: number): string {
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 1 : most);
}

/* ---- ways about ---- */

export interface Tab {
  id: string;
  label: string;
  count?: number;
}

/** The tab that is chosen stands in the address as `param`; arrows move. The panel is the caller's, with `tabPanel(id)`. */
export function Tabs({ tabs, current, label, param = "tab" }: { tabs: Tab[]; current: string; label: string; param?: string }) {
  const go = (id: string) => navigate(withParams({ [param]: id === tabs[0]?.id ? null : id }));
  const onKey = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = tabs.findIndex((tab) => tab.id === current);
    const to = event.key === "Home" ? 0 : event.key === "End" ? tabs.length - 1 : step === undefined ? -1 : (at + step + tabs.length) % tabs.length;
    const tab = tabs[to];
    if (tab !== undefined) {
      event.preventDefault();
      go(tab.id);
      document.getElementById(`tab-${tab.id}`)?.focus();
    }
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={onKey}>
      {tabs.map((tab) => (
        <button key={tab.id} type="button" role="tab" id={`tab-${tab.id}`} aria-selected={tab.id === current}
          aria-controls={tab.id === current ? `panel-${tab.id}` : undefined} tabIndex={tab.id === current ? 0 : -1} onClick={() => go(tab.id)}>
          {tab.label}{tab.count !== undefined && <span className="n">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

/** What ties a panel to its tab: <div {...tabPanel(id)}>. */
export function tabPanel(id: string): { role: "tabpanel"; id: string; "aria-labelledby": string } {
  return { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}` };
}

export interface Crumb {
  label: string;
  href?: string; // the last has none: it is the page
}

export function Breadcrumb({ crumbs }: { crumbs: Crumb[] }) {
  return (
    <nav className="grow" aria-label="Breadcrumb">
      <ol className="crumb">
        {crumbs.map((crumb, at) => (
          <li key={at} className={at < crumbs.length - 1 ? "hide-s" : undefined}>
            {crumb.href === undefined ? <span aria-current="page">{crumb.label}</span> : <Link href={crumb.href}>{crumb.label}</Link>}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** For lists by cursor: what is shown of how many, and how to go on. `next`: address of the next page; null: that was all. */
export function Pager({ shown, total, what, next, first }: { shown: number; total?: number; what: string; next: string | null; first?: string | null }) {
  const all = total === undefined ? `${shown} ${what}` : `${shown} of ${total} ${what}`;
  return (
    <div className="card-foot">
      <span role="status">{all}</span>
      <nav className="row push" aria-label="Pages">
        {first !== undefined && first !== null && <Link className="btn btn-sm" href={first}>First page</Link>}
        {next !== null && <Link className="btn btn-sm" rel="next" href={next}>Next page</Link>}
      </nav>
    </div>
  );
}
