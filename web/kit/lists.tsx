/* What pages of lists are made of: names, filters in the address, lists by cursor or by page, drawers beside them. */
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";

import type { Params } from "./api";
import { useGet, type Loaded } from "./load";
import { sentence } from "./states";
import { Button, Empty, Icon, Link, Pager, Pill, ProblemPanel, Skeleton, Table, setParams, useParam, withParams, type Column } from "./ui";

export interface Page {
  next_cursor: string | null;
}

/** A name that somebody typed, where there is little room: as text, cut between characters. */
export function Name({ text, most = 60 }: { text: string | null | undefined; most?: number }) {
  const characters = Array.from(text ?? "");
  if (characters.length === 0) {
    return <span className="muted">—</span>;
  }
  return <span className="long" dir="auto">{characters.length > most ? `${characters.slice(0, most).join("")}…` : text}</span>;
}

/* ---- filters, which stand in the address ---- */

const FROM_START: Params = { cursor: null, page: null };

/** One of some words, or any. */
export function Choice({ name, label, words, labelOf = sentence }: { name: string; label: string; words: string[]; labelOf?: (word: string) => string }) {
  const [chosen] = useParam(name);
  if (chosen !== "") {
    return <Pill name={label} onRemove={() => setParams({ ...FROM_START, [name]: null })}>{labelOf(chosen)}</Pill>;
  }
  return (
    <select className="select sel-sm" aria-label={label} value="" onChange={(event) => setParams({ ...FROM_START, [name]: event.target.value })}>
      <option value="">{label}: any</option>
      {words.map((word) => <option key={word} value={word}>{labelOf(word)}</option>)}
    </select>
  );
}

const TYPING_MS = 250;

/** Text that is searched for a moment after it was typed; "/" goes there. */
export function Search({ label, name = "q" }: { label: string; name?: string }) {
  const [asked] = useParam(name);
  const [typed, setTyped] = useState(asked);
  const sent = useRef(asked);
  useEffect(() => {
    if (asked !== sent.current) { // by back, forward or a link
      sent.current = asked;
      setTyped(asked);
    }
  }, [asked]);
  useEffect(() => {
    if (typed === sent.current) {
      return undefined;
    }
    const timer = setTimeout(() => {
      sent.current = typed;
      setParams({ ...FROM_START, [name]: typed }, { replace: true });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, name]);
  return (
    <div className="search grow">
      <Icon name="search" />
      <input className="input" type="search" data-search aria-label={label} placeholder={label} maxLength={200} value={typed} onChange={(event) => setTyped(event.target.value)} />
    </div>
  );
}

/* ---- lists ---- */

export const ROWS = 25;

/** Of lists with numbered pages. */
export function NumberedPages({ total, what, limit = ROWS }: { total: number; what: string; limit?: number }) {
  const [page] = useParam("page", "1");
  const at = Math.max(1, Number(page) || 1);
  const first = (at - 1) * limit + 1;
  const last = Math.min(total, at * limit);
  return (
    <div className="card-foot">
      <span role="status">{total === 0 ? `0 ${what}` : `${first}–${last} of ${total} ${what}`}</span>
      <nav className="row push" aria-label="Pages">
        {at > 1 && <Link className="btn btn-sm" rel="prev" href={withParams({ page: at === 2 ? null : at - 1 })}>Previous page</Link>}
        {last < total && <Link className="btn btn-sm" rel="next" href={withParams({ page: at + 1 })}>Next page</Link>}
      </nav>
    </div>
  );
}

export function useOffset(limit = ROWS): number {
  const [page] = useParam("page", "1");
  return (Math.max(1, Number(page) || 1) - 1) * limit;
}

interface CursorListProps<T> {
  path: string;
  name: string; // of the rows in the answer
  what: string; // "invoices"
  caption: string;
  params?: Params;
  columns: Column<T>[];
  keyOf: (row: T) => string | number;
  hrefOf?: (row: T) => string;
  selected?: number;
  filters?: ReactNode;
  isFiltered?: boolean;
  empty: ReactNode; // where nothing was filtered
  limit?: number;
  /** Called with how to ask again. */
  onReload?: (reload: () => void) => void;
}

/** How to have the list ask again, for what stands beside it, and its `onReload`. */
export function useReload(): [() => void, (next: () => void) => void] {
  const [reload, setReload] = useState<() => void>(() => () => undefined);
  return [reload, useCallback((next: () => void) => setReload(() => next), [])];
}

/** A card with filters, a table and the way to the next page, of a route that pages by cursor. */
export function CursorList<T>(props: CursorListProps<T>) {
  const { path, name, what, caption, params = {}, columns, keyOf, hrefOf, selected, filters, isFiltered = false, empty, limit = ROWS, onReload } = props;
  const [cursor] = useParam("cursor");
  const list = useGet<Page & Record<string, T[]>>(path, { ...params, limit, cursor });
  const rows = list.value?.[name];
  const { reload } = list;
  useEffect(() => onReload?.(reload), [onReload, reload]);
  return (
    <section className="card" aria-label={sentence(what)}>
      {filters !== undefined && <div className="card-head">{filters}</div>}
      <Table caption={caption} columns={columns} rows={rows} keyOf={keyOf} hrefOf={hrefOf} selected={selected} isLoading={list.isLoading} problem={list.problem}
        what={sentence(what)} retry={reload} empty={isFiltered ? <NoMatch what={what} /> : empty} />
      {list.value !== undefined && rows !== undefined && rows.length > 0 && <Pager shown={rows.length} what={what}
        next={list.value.next_cursor === null ? null : withParams({ cursor: list.value.next_cursor })} first={cursor === "" ? null : withParams({ cursor: null })} />}
    </section>
  );
}

export function NoMatch({ what }: { what: string }) {
  return (
    <Empty title={`No ${what} match`} action={<Link className="btn" href={location.pathname}>Clear filters</Link>}>
      The filters stand in the address; without them all {what} are shown.
    </Empty>
  );
}

/* ---- drawers: one thing beside its list, by ?id= ---- */

export function useChosen(): number | undefined {
  const [id] = useParam("id");
  const number = Number(id);
  return id !== "" && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

export function closeDrawer(): void {
  setParams({ id: null });
}

export function hrefOfId(id: number): string {
  return withParams({ id });
}

interface DrawerProps {
  title: ReactNode;
  label: string;
  lead?: ReactNode; // an avatar
  sub?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Drawer({ title, label, lead, sub, actions, children }: DrawerProps) {
  return (
    <aside className="card sticky-app drawer-page" aria-label={label}>
      <div className="panel-head">
        <div className="row top">
          {lead}
          <div className="grow"><h2>{title}</h2>{sub !== undefined && <p className="soft">{sub}</p>}</div>
          <Button kind="quiet" icon="x" aria-label="Close" onClick={closeDrawer} />
        </div>
        {actions !== undefined && <div className="row row-wrap">{actions}</div>}
      </div>
      {children}
    </aside>
  );
}

/** What the drawer shows, as soon as it is there. */
export function DrawerOf<T>({ loaded, what, children }: { loaded: Loaded<T>; what: string; children: (value: T) => ReactNode }) {
  if (loaded.value === undefined) {
    return (
      <aside className="card sticky-app drawer-page" aria-label={what} aria-busy={loaded.isLoading}>
        {loaded.problem === undefined ? <Skeleton lines={6} /> : (
          <>
            <ProblemPanel problem={loaded.problem} what={`${what} could not be loaded`} retry={loaded.reload} />
            <p className="card-pad"><Button onClick={closeDrawer}>Close</Button></p>
          </>
        )}
      </aside>
    );
  }
  return <>{children(loaded.value)}</>;
}
