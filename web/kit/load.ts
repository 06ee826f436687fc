/*
 * Data of a question as a component's state. While a new answer is on its way the old one stays, so that nothing jumps;
 * an answer that comes after a newer question is dropped.
 */
import { useCallback, useEffect, useRef, useState } from "react";

import { asProblem, ask, address, type Params, type Problem } from "./api";

export interface Loaded<T> {
  value: T | undefined;
  etag: string | null;
  traceId: string;
  problem: Problem | undefined; // of the last question; what is in `value` is then older
  isLoading: boolean;
  reload: () => void;
}

interface State<T> {
  asked: string | null;
  value: T | undefined;
  etag: string | null;
  traceId: string;
  problem: Problem | undefined;
  isLoading: boolean;
}

const RELOAD = "octo:reload";

/** Asks everything again that is on the page: after a sign-in, say. */
export function reloadAll(): void {
  dispatchEvent(new Event(RELOAD));
}

/** GET of a path; null: nothing is asked yet. `everyMs`: again after so long, as long as the page is seen; `again`: whenever it
 * is another number. */
export function useGet<T>(path: string | null, params: Params = {}, options: { everyMs?: number; again?: number } = {}): Loaded<T> {
  const asked = path === null ? null : address(path, params);
  const [state, setState] = useState<State<T>>({
    asked: null, value: undefined, etag: null, traceId: "", problem: undefined, isLoading: asked !== null,
  });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const { everyMs, again = 0 } = options;
  const last = useRef<string | null>(null);

  useEffect(() => {
    if (asked === null) {
      return undefined;
    }
    const stop = new AbortController();
    const isOther = pathOf(last.current) !== pathOf(asked);
    last.current = asked;
    // Of another thing the old answer says nothing; of another page of the same it stays until the new one is there.
    setState((before) => ({ ...before, value: isOther ? undefined : before.value, problem: undefined, isLoading: true }));
    ask<T>(asked, {}, stop.signal).then(
      (answer) => setState({ asked, ...answer, problem: undefined, isLoading: false }),
      (error: unknown) => {
        if (!stop.signal.aborted) {
          setState((before) => ({ ...before, problem: asProblem(error), isLoading: false }));
        }
      });
    return () => stop.abort();
  }, [asked, round, again]);

  useEffect(() => {
    addEventListener(RELOAD, reload);
    return () => removeEventListener(RELOAD, reload);
  }, [reload]);

  useEffect(() => {
    if (everyMs === undefined || asked === null) {
      return undefined;
    }
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, asked, reload]);

  const { value, etag, traceId, problem, isLoading } = state;
  return { value, etag, traceId, problem, isLoading, reload };
}

function pathOf(asked: string | null): string {
  return asked === null ? "" : asked.split("?")[0]!;
}
