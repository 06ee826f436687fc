/*
 * Keys for those who do not want the mouse. Single letters act only while no field has the focus, and can be switched
 * off (WCAG 2.1.4); what they do is listed by "?".
 */
import { useEffect, useRef } from "react";

export interface Key {
  keys: string; // "/", "?", "g h" for one after the other, "ctrl+k"
  does: string; // for the list
  run: () => void;
  isHidden?: boolean; // not listed
}

const OFF = "single-keys-off";
const SECOND_KEY_MS = 1000;
const registered = new Set<{ current: Key[] }>();
let first = "";
let firstAt = 0;

export function areKeysOn(): boolean {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

export function switchKeys(isOn: boolean): void {
  try {
    if (isOn) {
      localStorage.removeItem(OFF);
    } else {
      localStorage.setItem(OFF, "1");
    }
  } catch { /* no storage: until the next page */ }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function nameOf(event: KeyboardEvent): string {
  return event.ctrlKey || event.metaKey ? `ctrl+${event.key.toLowerCase()}` : event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

function onKey(event: KeyboardEvent): void {
  const name = nameOf(event);
  const isSingle = !name.startsWith("ctrl+");
  if (event.altKey || event.defaultPrevented || (isSingle && (isTyping(event.target) || !areKeysOn() || document.querySelector("dialog[open]") !== null))) {
    return;
  }
  const pair = Date.now() - firstAt < SECOND_KEY_MS ? `${first} ${name}` : name;
  // What was registered last is nearest to the person.
  const all = [...registered].reverse().flatMap((keys) => keys.current);
  const found = all.find((key) => key.keys === pair) ?? all.find((key) => key.keys === name);
  first = name;
  firstAt = Date.now();
  if (found !== undefined) {
    event.preventDefault();
    first = "";
    found.run();
  }
}

/** As long as the component is there. */
export function useKeys(keys: Key[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    if (registered.size === 0) {
      addEventListener("keydown", onKey);
    }
    registered.add(latest);
    return () => {
      registered.delete(latest);
      if (registered.size === 0) {
        removeEventListener("keydown", onKey);
      }
    };
  }, []);
}

/** Those that are there now, each once. */
export function listedKeys(): Key[] {
  const all = [...registered].flatMap((keys) => keys.current).filter((key) => key.isHidden !== true);
  return all.filter((key, at) => all.findIndex((other) => other.keys === key.keys) === at);
}
