/* Which values the requests have that are shown, field by field and how often; a click makes one a condition. */
import { useState } from "react";

import { count, shortCount } from "../kit/format";
import type { Loaded } from "../kit/load";
import { Button, Dialog, Icon, Note, ProblemNote, Skeleton } from "../kit/ui";
import { turnClause } from "./searchbox";
import { fieldOf, partsOf, textOf, type Clause } from "./where";

export interface Facet {
  field: string;
  count: number; // spans that have it
  value_count: number;
  values: { value: string; count: number }[];
}

export interface Facets {
  total: number;
  facets: Facet[];
  is_cut: boolean;
}

const SHOWN = 5; // values of a field before it is opened
const USUAL: [string, string][] = [["service", "Service"], ["name", "Request"], ["http_status", "HTTP status"], ["status", "Result"]];
const SHARE = 0.05; // of the requests that have it; what fewer have is shown when it is asked for
export const OF_A_PROCESS = /^resource\.(?:process\.|service\.instance)/;
/* Said once more by fields above, or of the program and not of the request. */
const LEFT_OUT = /^(?:kind|http\.(?:route|request\.method|response\.status_code)|network\.|url\.scheme|resource\.(?:service\.name|telemetry\.))/;

/** Those first that part the requests: two values or more, and not one of its own for each. */
export function ordered(facets: Facet[], total: number): { usual: Facet[]; others: Facet[] } {
  const usual = USUAL.flatMap(([name]) => facets.filter((facet) => facet.field === name));
  const rest = facets.filter((facet) => !usual.includes(facet) && !LEFT_OUT.test(facet.field));
  const parts = (facet: Facet) => facet.value_count > 1 && facet.value_count <= Math.max(20, facet.count / 4) && facet.count >= total * SHARE && !OF_A_PROCESS.test(facet.field);
  return { usual: [...usual, ...rest.filter(parts)], others: rest.filter((facet) => !parts(facet)) };
}

function Values({ facet, where }: { facet: Facet; where: string }) {
  const [isOpen, setOpen] = useState(false);
  const field = fieldOf(facet.field);
  const set = new Set(partsOf(where).flatMap((part) => part.clause === undefined ? [] : [textOf(part.clause)]));
  const clause = (value: string, test: "=" | "!="): Clause => ({ field, test, value, most: "" });
  const shown = isOpen ? facet.values : facet.values.slice(0, SHOWN);
  const hidden = facet.value_count - shown.length;
  return (
    <div className="facet">
      <h3 className={USUAL.some(([name]) => name === facet.field) ? undefined : "mono long"}>{USUAL.find(([name]) => name === facet.field)?.[1] ?? facet.field}</h3>
      <ul>
        {shown.map(({ value, count: times }) => {
          const isSet = set.has(textOf(clause(value, "=")));
          return (
            <li key={value} className="facet-row">
              <button type="button" className="facet-value" aria-pressed={isSet} title={value} onClick={() => turnClause(where, clause(value, "="))}>
                <Icon name={isSet ? "check" : "plus"} /><span className="clip" dir="auto">{value === "" ? "(empty)" : value}</span><span className="c" title={count(times)}>{shortCount(times)}</span>
              </button>
              <button type="button" className="copy facet-not" aria-label={`Without ${facet.field} ${value}`} title="Without these" onClick={() => turnClause(where, clause(value, "!="))}><Icon name="minus" /></button>
            </li>
          );
        })}
      </ul>
      {hidden > 0 && (isOpen || facet.values.length <= SHOWN
        ? <p className="muted small">{count(hidden)} more values</p>
        : <button type="button" className="link-btn small" onClick={() => setOpen(true)}>{count(facet.value_count - SHOWN)} more</button>)}
      {isOpen && <button type="button" className="link-btn small" onClick={() => setOpen(false)}>Fewer</button>}
    </div>
  );
}

function List({ loaded, where }: { loaded: Loaded<Facets>; where: string }) {
  const [isAll, setAll] = useState(false);
  const { value, problem } = loaded;
  if (value === undefined) {
    return problem === undefined ? <Skeleton lines={14} /> : <div className="stack stack-2"><ProblemNote problem={problem} what="Values could not be counted." /><Button size="sm" onClick={loaded.reload}>Try again</Button></div>;
  }
  const { usual, others } = ordered(value.facets, value.total);
  return (
    <>
      {problem !== undefined && <Note tone="warn">Older than it should be: {problem.detail}</Note>}
      {value.total === 0 && <p className="muted small">Nothing fits, so there is nothing to choose.</p>}
      {(isAll ? [...usual, ...others] : usual).map((facet) => <Values key={facet.field} facet={facet} where={where} />)}
      {value.is_cut && <p className="muted small">There are more values than are told apart: the rarest may be missing.</p>}
      {others.length > 0 && <button type="button" className="link-btn small" aria-expanded={isAll} onClick={() => setAll(!isAll)}>{isAll ? "Fewer fields" : `${count(others.length)} more fields`}</button>}
    </>
  );
}

/** Beside the list; where there is little room, a dialog. */
export function FacetsCard({ loaded, where }: { loaded: Loaded<Facets>; where: string }) {
  return (
    <aside className="facets card card-pad hide-s" aria-label="Filters">
      <h2 className="vh">Filters</h2>
      <List loaded={loaded} where={where} />
    </aside>
  );
}

export function FacetsButton({ loaded, where }: { loaded: Loaded<Facets>; where: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon="filter" className="only-s" onClick={() => setOpen(true)}>Filters</Button>
      {isOpen && <Dialog title="Filters" onClose={() => setOpen(false)}><div className="facets"><List loaded={loaded} where={where} /></div></Dialog>}
    </>
  );
}
