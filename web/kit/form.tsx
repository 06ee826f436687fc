/* Controls: buttons that say when they work, fields with their label, hint and error, a form that shows a Problem at its fields. */
import {
  cloneElement, useEffect, useId, useRef, useState,
  type ButtonHTMLAttributes, type FormEvent, type ReactElement, type ReactNode,
} from "react";

import { asProblem, type Problem } from "./api";
import { ProblemNote } from "./feedback";
import { Icon } from "./icon";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: "primary" | "quiet" | "danger";
  size?: "sm" | "lg";
  icon?: string;
  busy?: string; // what it says while it works: "Placing order"; it then does nothing
};

/** With an icon alone it needs an aria-label. */
export function Button({ kind, size, icon, busy, children, className = "", onClick, type = "button", ...rest }: ButtonProps) {
  const classes = ["btn", kind && `btn-${kind}`, size && `btn-${size}`, children === undefined && "btn-icon", className];
  return (
    <button type={type} className={classes.filter(Boolean).join(" ")} aria-busy={busy !== undefined || undefined}
      onClick={busy === undefined ? onClick : (event) => event.preventDefault()} {...rest}>
      {icon !== undefined && busy === undefined && <Icon name={icon} />}
      {busy ?? children}
    </button>
  );
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string;
  children: ReactElement<Record<string, unknown>>; // one input, select or textarea
}

/** Its label above, hint or error below; both are tied to the control. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error !== undefined ? `${id}e` : hint !== undefined ? `${id}h` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, { id, "aria-describedby": note, "aria-invalid": error !== undefined || undefined })}
      {error !== undefined
        ? <p className="error" id={`${id}e`}><Icon name="warn" />{error}</p>
        : hint !== undefined && <p className="hint" id={`${id}h`}>{hint}</p>}
    </div>
  );
}

/** The error of a field in a Problem: by its pointer, "email", "/email" or "/items/0/quantity". */
export function faultOf(problem: Problem | undefined, name: string): string | undefined {
  const bare = (text: string) => text.replace(/^#?\/?/, "");
  return problem?.errors.find((fault) => bare(fault.pointer) === bare(name))?.message;
}

interface FormState {
  problem: Problem | undefined;
  isBusy: boolean;
  /** Runs what is sent; nothing that was typed is lost whatever becomes of it. */
  submit: (event?: FormEvent) => void;
  clear: () => void;
}

/** Sends once at a time. Where the Problem names fields, the first of them gets the focus. */
export function useForm(work: () => Promise<void>): FormState {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const isRunning = useRef(false);

  useEffect(() => {
    if (problem !== undefined && problem.errors.length > 0) {
      document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [problem]);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (isRunning.current) {
      return;
    }
    isRunning.current = true;
    setBusy(true);
    setProblem(undefined);
    work().catch((error: unknown) => setProblem(asProblem(error))).finally(() => {
      isRunning.current = false;
      setBusy(false);
    });
  };
  return { problem, isBusy, submit, clear: () => setProblem(undefined) };
}

/** What a form's fields do not say themselves. */
export function FormProblem({ problem, names }: { problem: Problem | undefined; names: string[] }) {
  const isAtFields = problem !== undefined && names.some((name) => faultOf(problem, name) !== undefined);
  return problem === undefined || isAtFields ? null : <ProblemNote problem={problem} />;
}
