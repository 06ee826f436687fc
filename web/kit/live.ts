/*
 * Server-sent events: one connection a tab and address, however many components listen. The browser connects again by
 * itself and says which event it saw last (Last-Event-ID); where some were lost meanwhile the service says so by the event
 * "missed". A service that answers with no stream, as one that is starting or has nobody signed in, has the browser give up;
 * then it is asked again from here, and listeners are told "missed", for nobody knows what was.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

export type LiveState = "connecting" | "live" | "lost";
type Listener = (data: unknown, type: string) => void;

const RETRY_MS = 1000; // doubled each time
const RETRY_MOST_MS = 60_000;

interface Channel {
  source: EventSource;
  retryMs: number;
  retry: ReturnType<typeof setTimeout> | undefined;
  state: LiveState;
  listeners: Set<Listener>;
  types: Set<string>;
  watchers: Set<(state: LiveState) => void>;
}

const channels = new Map<string, Channel>();

function channelOf(path: string): Channel {
  const existing = channels.get(path);
  if (existing !== undefined) {
    return existing;
  }
  const channel: Channel = {
    source: new EventSource(path), retryMs: RETRY_MS, retry: undefined, state: "connecting", listeners: new Set(), types: new Set(), watchers: new Set(),
  };
  channels.set(path, channel);
  watch(channel, path, false);
  return channel;
}

function tell(channel: Channel, data: unknown, type: string): void {
  channel.listeners.forEach((one) => one(data, type));
}

function watch(channel: Channel, path: string, isAnew: boolean): void {
  const { source } = channel;
  const turn = (state: LiveState) => {
    channel.state = state;
    channel.watchers.forEach((one) => one(state));
  };
  channel.types.forEach((type) => hear(channel, type));
  source.onopen = () => {
    channel.retryMs = RETRY_MS;
    turn("live");
    if (isAnew) {
      tell(channel, { events: null }, "missed");
    }
  };
  source.onerror = () => {
    turn("lost");
    if (source.readyState === EventSource.CLOSED) {
      channel.retry = setTimeout(() => {
        channel.source = new EventSource(path);
        watch(channel, path, true);
      }, channel.retryMs);
      channel.retryMs = Math.min(RETRY_MOST_MS, channel.retryMs * 2);
    }
  };
}

function hear(channel: Channel, type: string): void {
  channel.source.addEventListener(type, (event) => {
    const text = (event as MessageEvent<string>).data;
    let data: unknown = text;
    try {
      data = JSON.parse(text);
    } catch { /* plain text */ }
    tell(channel, data, type);
  });
}

function listen(channel: Channel, types: string[], listener: Listener): void {
  channel.listeners.add(listener);
  for (const type of types.filter((one) => !channel.types.has(one))) {
    channel.types.add(type);
    hear(channel, type);
  }
}

/** Calls `listener` with each event of these types, and says how the connection is. `path` null: none is made. */
export function useLive(path: string | null, types: string[], listener: Listener): LiveState {
  const [state, setState] = useState<LiveState>("connecting");
  const latest = useRef(listener);
  latest.current = listener;
  const wanted = types.join(" ");

  useEffect(() => {
    if (path === null) {
      return undefined;
    }
    const channel = channelOf(path);
    const names = wanted.split(" ");
    const own: Listener = (data, type) => {
      if (names.includes(type)) {
        latest.current(data, type);
      }
    };
    listen(channel, names, own);
    channel.watchers.add(setState);
    setState(channel.state);
    return () => {
      channel.listeners.delete(own);
      channel.watchers.delete(setState);
      if (channel.listeners.size === 0) {
        channel.source.close();
        clearTimeout(channel.retry);
        channels.delete(path);
      }
    };
  }, [path, wanted]);
  return state;
}

/** Is the page looked at? A browser has few connections to one origin for all its tabs: who is not looked at gives his back. */
export function useIsSeen(): boolean {
  return useSyncExternalStore((listener) => {
    document.addEventListener("visibilitychange", listener);
    return () => document.removeEventListener("visibilitychange", listener);
  }, () => document.visibilityState === "visible");
}
