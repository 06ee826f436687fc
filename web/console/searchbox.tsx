/* The conditions of a search: typed, pasted, or put together test by test; each is a chip that can be changed and taken away. */
import { useRef, useState, type FormEvent } from "react";

import { Button, Dialog, Field, Icon, Pill, navigate, setParams, useKeys } from "../kit/ui";
import { read, type Conditions } from "./conditions";
import type { Facet } from "./facets";
import { FIELDS, TESTS, fieldOf, joined, partsOf, textOf, withClause, withoutPart, type Clause, type Part, type Test } from "./where";

const HAS_NO_VALUE: Test[] = ["exists", "absent"];
const EMPTY: Clause = { field: "", test: "=", value: "", most: "" };

/** One test, by fields. `known`: what the spans that are shown have. */
function ClauseDialog({ part, known, onClose, onDone }: { part: Part | undefined; known: Facet[]; onClose: () => void; onDone: (text: string) => void }) {
  const [clause, setClause] = useState<Clause>(part?.clause ?? EMPTY);
  const [text, setText] = useState(part?.text ?? "");
  const [wrong, setWrong] = useState("");
  const isText = part !== undefined && part.clause === undefined; // more than one test: as it was written
  const change = (what: Partial<Clause>) => setClause({ ...clause, ...what });
  const values = known.find((facet) => fieldOf(facet.field) === clause.field)?.values ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const field = clause.field.trim();
    if (isText) {
      onDone(text);
    } else if (field === "") {
      setWrong("field");
    } else if (!HAS_NO_VALUE.includes(clause.test) && clause.value.trim() === "") {
      setWrong("value");
    } else if (clause.test === "range" && clause.most.trim() === "") {
      setWrong("most");
    } else {
      onDone(textOf({ ...clause, field: fieldOf(field), value: clause.value.trim(), most: clause.most.trim() }));
    }
  };
  return (
    <Dialog title={part === undefined ? "Add a condition" : "Change the condition"} onClose={onClose} keepsTyped
      actions={<><Button onClick={onClose}>Cancel</Button><Button kind="primary" type="submit" form="clause-form">{part === undefined ? "Add" : "Change"}</Button></>}>
      <form id="clause-form" className="stack stack-3" onSubmit={submit}>
        {isText ? <Field label="Condition"><textarea className="input mono" rows={3} autoFocus value={text} onChange={(event) => setText(event.target.value)} /></Field> : (
          <>
            <Field label="Field or attribute" hint="As duration, http_status, db.rows" error={wrong === "field" ? "The name of a field or an attribute" : undefined}>
              <input className="input mono" list="clause-fields" autoFocus value={clause.field} onChange={(event) => change({ field: event.target.value })} />
            </Field>
            <datalist id="clause-fields">{[...new Set([...FIELDS, ...known.map((facet) => fieldOf(facet.field))])].map((name) => <option key={name} value={name} />)}</datalist>
            <Field label="Test">
              <select className="select" value={clause.test} onChange={(event) => change({ test: event.target.value as Test })}>{TESTS.map(([test, label]) => <option key={test} value={test}>{label}</option>)}</select>
            </Field>
            {!HAS_NO_VALUE.includes(clause.test) && (
              <Field label={clause.test === "range" ? "From" : "Value"} error={wrong === "value" ? "A value" : undefined} hint={clause.field === "duration" ? "As 250ms, 1.5s" : undefined}>
                <input className="input mono" list="clause-values" value={clause.value} onChange={(event) => change({ value: event.target.value })} />
              </Field>
            )}
            <datalist id="clause-values">{values.map(({ value }) => <option key={value} value={value} />)}</datalist>
            {clause.test === "range" && (
              <Field label="To" error={wrong === "most" ? "A value; it belongs to the range" : undefined}>
                <input className="input mono" value={clause.most} onChange={(event) => change({ most: event.target.value })} />
              </Field>
            )}
          </>
        )}
      </form>
    </Dialog>
  );
}

function wordsOf({ text, clause }: Part): string {
  if (clause === undefined) {
    return text;
  }
  const test = TESTS.find(([one]) => one === clause.test)![1];
  switch (clause.test) {
    case "=": return clause.value;
    case "exists": case "absent": return test;
    case "range": return `${clause.value} – ${clause.most}`;
    case "!=": return `≠ ${clause.value}`;
    case ">=": return `≥ ${clause.value}`;
    case "<=": return `≤ ${clause.value}`;
    case ">": case "<": return `${clause.test} ${clause.value}`;
    default: return `${test} ${clause.value}`;
  }
}

export function SearchBox({ conditions, names, known }: { conditions: Conditions; names: string[]; known: Facet[] }) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const [edited, setEdited] = useState<number>(); // place of a part; -1: a new one
  const input = useRef<HTMLInputElement>(null);
  useKeys([{ keys: "/", does: "Search", run: () => input.current?.focus() }]);
  const { where, parts } = conditions;
  const setWhere = (text: string) => setParams({ q: text, cursor: null });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === "") {
      return;
    }
    const found = read(typed);
    if (found.kind === "wrong") {
      setWrong(found.why);
      return;
    }
    setWrong("");
    setTyped("");
    if (found.kind === "trace") {
      navigate(`/console/traces/${found.id}`);
    } else {
      setParams({ ...found.params, ...(found.where !== undefined && { q: joined([...parts, ...partsOf(found.where)]) }), cursor: null });
    }
  };
  const take = (text: string) => {
    setWhere(edited === -1 ? joined([...parts, ...partsOf(text)]) : joined(parts.flatMap((part, at) => at === edited ? partsOf(text) : [part])));
    setEdited(undefined);
  };
  return (
    <>
      <form className="stack stack-1" role="search" onSubmit={submit}>
        <div className="row row-wrap">
          <div className="query grow">
            <Icon name="search" />
            {conditions.set.map(({ condition, value }) => (
              <Pill key={condition.name} name={condition.label} onRemove={() => setParams({ [condition.name]: null, cursor: null })}>{condition.shown?.(value) ?? value}</Pill>
            ))}
            {parts.map((part, at) => (
              <Pill key={`${at} ${part.text}`} name={part.clause?.field ?? "where"} onRemove={() => setWhere(withoutPart(where, at))} onEdit={() => setEdited(at)}>{wordsOf(part)}</Pill>
            ))}
            <input ref={input} className="bare grow" list="traces-known" aria-label="Add a condition, or paste a trace id or SQL_ID" aria-invalid={wrong !== "" || undefined}
              aria-describedby={wrong === "" ? undefined : "traces-wrong"} placeholder="Add a condition, or paste a trace id or SQL_ID" value={typed}
              onChange={(event) => { setTyped(event.target.value); setWrong(""); }} />
            <datalist id="traces-known">{names.map((one) => <option key={one} value={one} />)}<option value="status:error" /><option value="min:100ms" /><option value="duration > 250ms" /></datalist>
            <Button kind="quiet" size="sm" icon="plus" aria-label="Put a condition together" title="Put a condition together" onClick={() => setEdited(-1)} />
            <kbd aria-hidden="true">/</kbd>
          </div>
          <Button type="submit" kind="primary">Search</Button>
        </div>
        {wrong !== "" && <p className="field-error" id="traces-wrong" role="alert"><Icon name="warn" />{wrong}</p>}
      </form>
      {edited !== undefined && <ClauseDialog part={parts[edited]} known={known} onClose={() => setEdited(undefined)} onDone={take} />}
    </>
  );
}

/** A click in a facet: the value becomes a condition, or is one no longer. */
export function turnClause(where: string, clause: Clause): void {
  const text = textOf(clause);
  const parts = partsOf(where);
  const at = parts.findIndex((part) => part.clause !== undefined && textOf(part.clause) === text);
  setParams({ q: at >= 0 ? withoutPart(where, at) : withClause(where, clause), cursor: null });
}
