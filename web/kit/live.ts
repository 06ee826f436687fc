/*
 * Server-sent events: one connection a tab and address, however many components listen. The browser connects again by
 * itself and says which event it saw last (Last-Event-ID); what was lost meanwhile the service tells by an event.
 */
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

export type LiveState = "connecting" | "live" | "lost";
type Listener = (data: unknown, type: string) => void;

interface Channel {
  source: EventSource;
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
    source: new EventSource(path), state: "connecting", listeners: new Set(), types: new Set(), watchers: new Set(),
  };
  const turn = (state: LiveState) => {
    channel.state = state;
    channel.watchers.forEach((watch) => watch(state));
  };
  channel.source.onopen = () => turn("live");
  channel.source.onerror = () => turn("lost");
  channels.set(path, channel);
  return channel;
}

function listen(channel: Channel, types: string[], listener: Listener): void {
  channel.listeners.add(listener);
  for (const type of types.filter((one) => !channel.types.has(one))) {
    channel.types.add(type);
    channel.source.addEventListener(type, (event) => {
      const text = (event as MessageEvent<string>).data;
      let data: unknown = text;
      try {
        data = JSON.parse(text);
      } catch { /* plain text */ }
      channel.listeners.forEach((one) => one(data, type));
    });
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
