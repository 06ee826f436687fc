/*
 * The address is the state: which page is shown is its path, everything else its query. A link shows the receiver what
 * the sender saw; back, forward and reload work by themselves.
 */
import { useEffect, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from "react";

import type { Params } from "./api";

const MOVED = "octo:moved";

function subscribe(listener: () => void): () => void {
  addEventListener("popstate", listener);
  addEventListener(MOVED, listener);
  return () => {
    removeEventListener("popstate", listener);
    removeEventListener(MOVED, listener);
  };
}

function current(): string {
  return location.pathname + location.search;
}

let wantsFocus = false; // the page that comes takes the focus with its title

/** True once after another page was gone to. */
export function takeFocusWish(): boolean {
  const wish = wantsFocus;
  wantsFocus = false;
  return wish;
}

/** The title that had the focus goes, as that of a page that was loading: the next one takes it over. */
export function passFocusOn(): void {
  wantsFocus = true;
}

/** Goes to an address of this application. `replace`: without a step back, while something is typed or dragged. */
export function navigate(href: string, options: { replace?: boolean } = {}): void {
  const target = new URL(href, location.href);
  if (target.pathname !== location.pathname) {
    wantsFocus = true;
  }
  if (target.href !== location.href) {
    history[options.replace ? "replaceState" : "pushState"](null, "", target);
  }
  if (wantsFocus && target.hash === "") {
    scrollTo(0, 0);
  }
  dispatchEvent(new Event(MOVED));
}

export function useAddress(): { path: string; query: URLSearchParams } {
  const text = useSyncExternalStore(subscribe, current);
  const at = text.indexOf("?");
  return { path: at < 0 ? text : text.slice(0, at), query: new URLSearchParams(at < 0 ? "" : text.slice(at)) };
}

/** What a pattern's places hold, "/orders/:id" of "/orders/22"; null: the path is another. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const found = path.replace(/(.)\/$/, "$1").split("/");
  if (wanted.length !== found.length) {
    return null;
  }
  const places: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const text = found[at]!;
    if (part.startsWith(":")) {
      try {
        places[part.slice(1)] = decodeURIComponent(text);
      } catch {
        return null;
      }
    } else if (part !== text) {
      return null;
    }
  }
  return places;
}

export function useRoute(pattern: string): Record<string, string> | null {
  return match(pattern, useAddress().path);
}

/** This page with other parameters, in the order of their names; null or "" leaves one out. */
export function withParams(changes: Params, from: string = location.pathname + location.search): string {
  const at = from.indexOf("?");
  const query = new URLSearchParams(at < 0 ? "" : from.slice(at));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") {
      query.delete(name);
    } else {
      query.set(name, String(value));
    }
  }
  query.sort();
  const path = at < 0 ? from : from.slice(0, at);
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** A parameter of the query and how to change it; its default is left out of the address. */
export function useParam(name: string, fallback = ""): [string, (value: string, options?: { replace?: boolean }) => void] {
  const { query } = useAddress();
  return [
    query.get(name) ?? fallback,
    (value, options) => navigate(withParams({ [name]: value === fallback ? null : value }), options),
  ];
}

/** Changes several parameters in one step. */
export function setParams(changes: Params, options?: { replace?: boolean }): void {
  navigate(withParams(changes), options);
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string; children: ReactNode };

/** A link that stays in the page where that will do; with a key held, or to another origin, it is the browser's. */
export function Link({ href, onClick, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!event.defaultPrevented && isPlain && rest.target === undefined && new URL(href, location.href).origin === location.origin) {
      event.preventDefault();
      navigate(href);
    }
  };
  return <a href={href} onClick={follow} {...rest}>{children}</a>;
}

/** The title of the tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
