/* What happened and what to do: notes, problems, empty views, skeletons, toasts, dialogs. */
import {
  createContext, useCallback, useContext, useEffect, useId, useRef, useState, type ReactNode, type RefObject,
} from "react";

import type { Problem } from "./api";
import { Icon } from "./icon";
import { TraceId } from "./parts";

export type Tone = "ok" | "warn" | "bad" | "info";

export function Note({ tone, children }: { tone?: Tone; children: ReactNode }) {
  return (
    <div className={tone === undefined ? "note" : `note note-${tone}`}>
      <Icon name={tone ?? "info"} />
      <div className="grow">{children}</div>
    </div>
  );
}

/** The error of the person's own action: it stands where it belongs and is read out at once. */
export function ProblemNote({ problem, what }: { problem: Problem; what?: string }) {
  return (
    <div role="alert">
      <Note tone="bad">
        {what !== undefined && <b>{what} </b>}
        {problem.detail}
        {problem.retryAfter > 0 && ` Try again in ${problem.retryAfter} s.`}
        {problem.traceId !== "" && <p className="small muted"><TraceId id={problem.traceId} /></p>}
      </Note>
    </div>
  );
}

/** In place of what could not be loaded. `what`: "Orders could not be loaded". */
export function ProblemPanel({ problem, what, retry }: { problem: Problem; what: string; retry?: () => void }) {
  return (
    <div className="empty">
      {problem.status !== 0 && <span className="badge badge-bad"><Icon name="bad" />{problem.status}</span>}
      <h2>{what}</h2>
      <p className="long">{problem.detail}</p>
      {retry !== undefined && <button type="button" className="btn btn-primary" onClick={retry}>Try again</button>}
      {problem.traceId !== "" && <p className="small muted row"><TraceId id={problem.traceId} /></p>}
    </div>
  );
}

/** Says what would be here, and offers the way out. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <svg className="pic" viewBox="0 0 120 70" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="2">
        <path d="M14 40h92M24 40l8-22h56l8 22v18H24z" /><path d="M24 40h22q2 9 14 9t14-9h22" />
      </svg>
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

/** Has the shape of what comes; shown after a moment only, so that quick answers do not flash. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="stack stack-3 card-pad" aria-hidden="true">
      {Array.from({ length: lines }, (_, at) => <span key={at} className={isShown ? `skel w-${(at % 4) + 1}` : "skel-none"}>{isShown ? "" : "\u00a0"}</span>)}
    </div>
  );
}

/* ---- toasts ---- */

interface Toast {
  id: number;
  text: ReactNode;
  undo?: () => void;
}

const SHOWN_MS = 6000;
const SHOWN_WITH_UNDO_MS = 10_000;
const ToastContext = createContext<(text: ReactNode, undo?: () => void) => void>(() => undefined);

/** Says what the person did; errors are no toasts. */
export function useToast(): (text: ReactNode, undo?: () => void) => void {
  return useContext(ToastContext);
}

function ToastCard({ toast, onEnd }: { toast: Toast; onEnd: () => void }) {
  const [isHeld, setHeld] = useState(false);
  const end = useRef(onEnd);
  end.current = onEnd;
  useEffect(() => {
    if (isHeld) {
      return undefined;
    }
    const timer = setTimeout(() => end.current(), toast.undo === undefined ? SHOWN_MS : SHOWN_WITH_UNDO_MS);
    return () => clearTimeout(timer);
  }, [isHeld, toast]);
  return (
    <div className="toast" onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
      <Icon name="ok" />
      <div className="grow" onClick={(event) => event.target instanceof HTMLAnchorElement && onEnd()}>{toast.text}</div>
      {toast.undo !== undefined &&
        <button type="button" className="link-btn" onClick={() => { toast.undo?.(); onEnd(); }}>Undo</button>}
      <button type="button" className="copy" aria-label="Close" onClick={onEnd}><Icon name="x" /></button>
    </div>
  );
}

export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(0);
  const show = useCallback((text: ReactNode, undo?: () => void) => {
    const id = next.current++;
    setToasts((before) => [...before.slice(-2), { id, text, undo }]);
  }, []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div className="toasts" role="status">
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} onEnd={() => setToasts((before) => before.filter((one) => one.id !== toast.id))} />
        ))}
      </div>
    </ToastContext.Provider>
  );
}

/* ---- dialogs ---- */

interface DialogProps {
  title: string; // a question where buttons are its answers
  onClose: () => void;
  children: ReactNode;
  actions?: ReactNode;
  keepsTyped?: boolean; // something was typed: neither the backdrop nor Escape closes it
}

/** Of a dialog that is shown as long as it is there; afterwards the focus goes to what opened it. */
export function useModal(): RefObject<HTMLDialogElement> {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current!;
    const opener = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (opener instanceof HTMLElement) {
        opener.focus();
      }
    };
  }, []);
  return ref;
}

/** Shown as long as it is there. Focus goes to what has autoFocus, afterwards to what opened it. */
export function Dialog({ title, onClose, children, actions, keepsTyped = false }: DialogProps) {
  const ref = useModal();
  const id = useId();
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id}
      onCancel={(event) => { event.preventDefault(); if (!keepsTyped) onClose(); }}
      onClick={(event) => event.target === ref.current && !keepsTyped && onClose()}>
      <header><h2 id={id}>{title}</h2></header>
      <div className="body">{children}</div>
      <footer>{actions ?? <button type="button" className="btn" onClick={onClose}>Close</button>}</footer>
    </dialog>
  );
}
