/*
 * A table of things: a caption, columns that may be sorted by the address, all states (loading, empty, problem,
 * partial), rows as cards where there is little room. A row opens as a whole, but its first cell holds the real link.
 */
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";

import type { Problem } from "./api";
import { ProblemPanel } from "./feedback";
import { Icon } from "./icon";
import { navigate, withParams } from "./url";

export interface Column<T> {
  id: string;
  head: ReactNode;
  cell: (row: T) => ReactNode;
  isNumber?: boolean;
  sort?: string; // the word of the address's `sort` for ascending; "-word" is descending
  className?: string; // of the cells: "hide-s", "full", "r"
}

interface TableProps<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[] | undefined; // undefined: not there yet
  keyOf: (row: T) => string | number;
  hrefOf?: (row: T) => string; // what a row opens
  sort?: string; // as it is now
  sortsDownOnly?: boolean; // the question has no other order
  isQuiet?: boolean; // it is asked anew all the time: no sign of it
  isLoading?: boolean;
  problem?: Problem;
  what?: string; // "Orders": for what is said of a problem
  retry?: () => void;
  empty?: ReactNode;
  partial?: ReactNode; // what is missing of the rows
  selected?: string | number;
  skeletonRows?: number;
}

function Head<T>({ column, sort, sortsDownOnly }: { column: Column<T>; sort: string | undefined; sortsDownOnly: boolean }) {
  const numeric = column.isNumber ? "num" : undefined;
  if (column.sort === undefined) {
    return <th scope="col" className={numeric}>{column.head}</th>;
  }
  const isUp = sort === column.sort;
  const isDown = sort === `-${column.sort}`;
  const next = isDown && !sortsDownOnly ? column.sort : `-${column.sort}`;
  return (
    <th scope="col" className={numeric} aria-sort={isUp ? "ascending" : isDown ? "descending" : undefined}>
      <button type="button" onClick={() => navigate(withParams({ sort: next, cursor: null, page: null }))}>
        {column.head}<Icon name={isUp ? "up" : "down"} />
      </button>
    </th>
  );
}

/** A click on a link, a button or a selection within the row is theirs. */
function opens(event: MouseEvent<HTMLTableRowElement>): boolean {
  return (event.target as Element).closest("a, button, input, select, label") === null && String(getSelection()) === "";
}

function moveBetweenRows(event: KeyboardEvent<HTMLTableSectionElement>): void {
  const step = { j: 1, J: 1, ArrowDown: 1, k: -1, K: -1, ArrowUp: -1 }[event.key];
  const row = (event.target as Element).closest("tr");
  if (step === undefined || row === null || (event.target as Element).matches("input, select, textarea")) {
    return;
  }
  const other = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const link = other?.querySelector<HTMLElement>("a, button, input");
  if (link != null) {
    event.preventDefault();
    link.focus();
  }
}

export function Table<T>(props: TableProps<T>) {
  const { caption, columns, rows, keyOf, hrefOf, sort, isLoading = false, problem, what = "Rows", retry, empty, partial, selected, skeletonRows = 8, sortsDownOnly = false, isQuiet = false } = props;
  if (problem !== undefined && (rows === undefined || rows.length === 0)) {
    return <ProblemPanel problem={problem} what={`${what} could not be loaded`} retry={retry} />;
  }
  if (rows !== undefined && rows.length === 0 && !isLoading) {
    return <>{empty}</>;
  }
  return (
    <div className={isLoading && rows !== undefined && !isQuiet ? "table-wrap refreshing" : "table-wrap"}>
      <table className="table cards-s" aria-busy={(isLoading && !isQuiet) || undefined}>
        <caption className="vh">{caption}</caption>
        <thead><tr>{columns.map((column) => <Head key={column.id} column={column} sort={sort} sortsDownOnly={sortsDownOnly} />)}</tr></thead>
        <tbody onKeyDown={moveBetweenRows}>
          {rows === undefined
            ? Array.from({ length: skeletonRows }, (_, at) => (
              <tr key={at} aria-hidden="true">{columns.map((column, k) => <td key={column.id}><span className={`skel w-${(at + k) % 4 + 1}`} /></td>)}</tr>
            ))
            : rows.map((row) => (
              <tr key={keyOf(row)} aria-selected={selected === undefined ? undefined : selected === keyOf(row)}
                onClick={hrefOf === undefined ? undefined : (event) => opens(event) && navigate(hrefOf(row))}>
                {columns.map((column) => (
                  <td key={column.id} className={[column.isNumber && "num", column.className].filter(Boolean).join(" ") || undefined}>{column.cell(row)}</td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
      {rows === undefined && <div className="card-foot" role="status">Loading…</div>}
      {problem !== undefined && rows !== undefined && <div className="card-foot" role="status"><span className="warn">Older than it should be: {problem.detail}</span>{retry !== undefined && <button type="button" className="link-btn" onClick={retry}>Try again</button>}</div>}
      {partial !== undefined && <div className="card-foot" role="status">{partial}</div>}
    </div>
  );
}
