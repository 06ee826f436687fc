/*
 * One dialog for all that is made and changed: fields by a list, the service's errors at their fields, nothing typed
 * lost. A change names the version that it is of; where somebody else was first, that is said, and what was typed stays.
 */
import { useState } from "react";

import { Button, Dialog, Field, FormProblem, Note, faultOf, useForm, useToast } from "./ui";

export interface FieldSpec {
  name: string; // of the body
  label: string;
  kind?: "text" | "area" | "number" | "select" | "email" | "password" | "date";
  options?: { value: string; label: string }[];
  hint?: string;
  isRequired?: boolean;
}

type Values = Record<string, string>;
export type Body = Record<string, string | number | null>;

interface FormDialogProps {
  title: string;
  verb: string; // "Save"
  busy: string; // "Saving"
  done: string; // said when it is: "Customer saved"
  fields: FieldSpec[];
  initial?: Values;
  /** What was there before is changed: fields that were not touched are not sent, those that were emptied become null. */
  isChange?: boolean;
  send: (body: Body) => Promise<void>;
  /** After "somebody was first": asks for the version that is there now. */
  onNewer?: () => void;
  onClose: () => void;
}

function valueOf(spec: FieldSpec, text: string): string | number | null {
  return text === "" ? null : spec.kind === "number" ? Number(text) : text;
}

function Control({ spec, value, onChange, ...tied }: { spec: FieldSpec; value: string; onChange: (text: string) => void }) {
  const common = { ...tied, name: spec.name, value, required: spec.isRequired };
  switch (spec.kind) {
    case "area":
      return <textarea className="input" rows={4} {...common} onChange={(event) => onChange(event.target.value)} />;
    case "select":
      return (
        <select className="select" {...common} onChange={(event) => onChange(event.target.value)}>
          {spec.options?.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      );
    default:
      return <input className="input" {...common} type={spec.kind === "number" ? "text" : spec.kind ?? "text"} inputMode={spec.kind === "number" ? "decimal" : undefined}
        autoComplete={spec.kind === "password" ? "new-password" : "off"} onChange={(event) => onChange(event.target.value)} />;
  }
}

export function FormDialog({ title, verb, busy, done, fields, initial = {}, isChange = false, send, onNewer, onClose }: FormDialogProps) {
  const [typed, setTyped] = useState<Values>({});
  const [wrong, setWrong] = useState<Values>({}); // found here, by name
  const say = useToast();
  const shown = (name: string) => typed[name] ?? initial[name] ?? "";

  const form = useForm(async () => {
    const body: Body = {};
    for (const spec of fields) {
      const text = shown(spec.name).trim();
      const isTouched = typed[spec.name] !== undefined && typed[spec.name] !== (initial[spec.name] ?? "");
      if (isChange ? isTouched : text !== "") {
        body[spec.name] = valueOf(spec, text);
      }
    }
    await send(body);
    say(done);
    onClose();
  });

  /** Says what is missing before anything is sent. */
  const check = (spec: FieldSpec): string | undefined => {
    const text = shown(spec.name).trim();
    if (spec.isRequired && text === "") {
      return `${spec.label} is missing.`;
    }
    if (spec.kind === "number" && text !== "" && !Number.isFinite(Number(text))) {
      return "This is no number. Example: 1250.50";
    }
    if (spec.kind === "email" && text !== "" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) {
      return "This is no address. Example: name@company.com";
    }
    return undefined;
  };
  const checkAll = () => {
    const found: Values = {};
    for (const spec of fields) {
      const fault = check(spec);
      if (fault !== undefined) {
        found[spec.name] = fault;
      }
    }
    setWrong(found);
    return Object.keys(found).length === 0;
  };
  const isOvertaken = form.problem?.status === 412;
  return (
    <Dialog title={title} onClose={onClose} keepsTyped={Object.keys(typed).length > 0} actions={
      <>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit" form="form-dialog" busy={form.isBusy ? busy : undefined}>{verb}</Button>
      </>
    }>
      <form id="form-dialog" className="stack stack-3" noValidate onSubmit={(event) => {
        event.preventDefault();
        if (checkAll()) {
          form.submit();
        }
      }}>
        {isOvertaken ? (
          <div role="alert">
            <Note tone="warn">
              <b>Somebody changed this in the meantime.</b> What you typed is still here.
              {onNewer !== undefined && <p><button type="button" className="link-btn" onClick={() => { onNewer(); form.clear(); }}>Go on from the newer version</button></p>}
            </Note>
          </div>
        ) : <FormProblem problem={form.problem} names={fields.map((spec) => spec.name)} />}
        {fields.map((spec) => (
          <Field key={spec.name} label={spec.label} hint={spec.hint} error={wrong[spec.name] ?? faultOf(form.problem, spec.name)}>
            <Control spec={spec} value={shown(spec.name)} onChange={(text) => {
              setTyped((before) => ({ ...before, [spec.name]: text }));
              setWrong((before) => Object.fromEntries(Object.entries(before).filter(([name]) => name !== spec.name)));
            }} />
          </Field>
        ))}
      </form>
    </Dialog>
  );
}

export function optionsOf(words: string[], labelOf: (word: string) => string, none?: string): { value: string; label: string }[] {
  return [...(none === undefined ? [] : [{ value: "", label: none }]), ...words.map((word) => ({ value: word, label: labelOf(word) }))];
}
