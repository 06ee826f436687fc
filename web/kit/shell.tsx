/*
 * The frame of CRM and Console: skip link, banner, side bar (at the bottom where there is little room), the page; the
 * list of keys and the palette, which every page has. The theme is chosen here.
 */
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";

import { Dialog, useModal } from "./feedback";
import { Button } from "./form";
import { Icon, Mark } from "./icon";
import { areKeysOn, listedKeys, switchKeys, useKeys, type Key } from "./keys";
import { Breadcrumb, HowMade, copyText, type Crumb } from "./parts";
import { Link, navigate, useAddress } from "./url";

export interface NavItem {
  href: string;
  label: string;
  icon: string;
  key?: string; // after G: "t" goes there by G T
  count?: number;
  isBad?: boolean; // of the count
  isMore?: boolean; // not in the bar at the bottom
  group?: string; // a heading above it
  isExact?: boolean; // its page alone, not those below it
  also?: string; // an address that shows the same
}

/* ---- theme ---- */

export type Theme = "system" | "light" | "dark";

function chosenTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === "light" || theme === "dark" ? theme : "system";
}

/** Kept in this browser; theme.js sets it before anything is drawn. */
export function setTheme(theme: Theme): void {
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  try {
    if (theme === "system") {
      localStorage.removeItem("theme");
    } else {
      localStorage.setItem("theme", theme);
    }
  } catch { /* no storage: until the next page */ }
}

export function ThemeSwitch() {
  const [theme, set] = useState(chosenTheme);
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  const next: Theme = isDark ? "light" : "dark";
  return (
    <Button kind="quiet" size="sm" icon="moon" aria-label={`Switch to ${next}`} title={`Switch to ${next}`}
      onClick={() => { setTheme(next); set(next); }} />
  );
}

/* ---- keys ---- */

const NAMES: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

function KeyCaps({ keys }: { keys: string }) {
  return (
    <>
      {keys.split(" ").map((key, at) => (
        <span key={at}>{key.split("+").map((part, k) => <span key={k}><kbd>{NAMES[part] ?? (part === "ctrl" ? "Ctrl" : part.length === 1 ? part.toUpperCase() : part)}</kbd> </span>)}</span>
      ))}
    </>
  );
}

export function Help({ onClose }: { onClose: () => void }) {
  const [isOn, setOn] = useState(areKeysOn);
  return (
    <Dialog title="Keys" onClose={onClose} actions={<Button onClick={onClose} autoFocus>Close</Button>}>
      <dl className="help-keys">
        {listedKeys().map((key) => <HelpRow key={key.keys} of={key} />)}
      </dl>
      <hr />
      <label className="check">
        <input type="checkbox" checked={isOn} onChange={(event) => { switchKeys(event.target.checked); setOn(event.target.checked); }} />
        Single letters are keys while no field has the focus
      </label>
    </Dialog>
  );
}

function HelpRow({ of }: { of: Key }) {
  return <><dt><KeyCaps keys={of.keys} /></dt><dd>{of.does}</dd></>;
}

/* ---- palette ---- */

export interface Command {
  label: string;
  group: string;
  icon: string;
  detail?: string;
  keys?: string;
  run: () => void;
}

/** Commands for what was typed, the best first; called at each letter, so it must be quick. */
export type CommandSource = (typed: string) => Command[];

function fits(command: Command, typed: string): boolean {
  return typed.toLowerCase().split(/\s+/).every((word) => `${command.label} ${command.detail ?? ""}`.toLowerCase().includes(word));
}

export function Palette({ commands, source, onClose }: { commands: Command[]; source?: CommandSource; onClose: () => void }) {
  const ref = useModal();
  const id = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const found = [...(source?.(typed.trim()) ?? []), ...commands.filter((command) => fits(command, typed.trim()))].slice(0, 12);

  const run = (command: Command | undefined) => {
    if (command !== undefined) {
      onClose();
      command.run();
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setAt((at + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[at]);
    }
  };
  return (
    <dialog ref={ref} className="palette" aria-label="Commands" onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => event.target === ref.current && onClose()}>
      <div className="search">
        <Icon name="search" />
        <input className="input" role="combobox" aria-expanded="true" aria-controls={id} aria-autocomplete="list" autoFocus
          aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined} aria-label="Command, page or id" placeholder="Command, page or id"
          value={typed} onChange={(event) => { setTyped(event.target.value); setAt(0); }} onKeyDown={onKey} />
      </div>
      <div role="listbox" id={id} aria-label="Results">
        {found.map((command, k) => (
          <div key={`${command.group} ${command.label}`}>
            {(k === 0 || found[k - 1]!.group !== command.group) && <p className="group" aria-hidden="true">{command.group}</p>}
            <div role="option" id={`${id}-${k}`} aria-selected={k === at} onMouseMove={() => setAt(k)} onClick={() => run(command)}>
              <Icon name={command.icon} /><span className="grow clip">{command.label}</span>
              {command.detail !== undefined && <span className="muted small clip">{command.detail}</span>}
              {command.keys !== undefined && <KeyCaps keys={command.keys} />}
            </div>
          </div>
        ))}
      </div>
      <p className="vh" role="status">{found.length === 0 ? "Nothing found" : `${found.length} found`}</p>
      {found.length === 0 && <p className="card-pad muted">Nothing is called so.</p>}
      <footer><span><kbd>↑</kbd> <kbd>↓</kbd> move</span><span><kbd>Enter</kbd> opens</span><span><kbd>Esc</kbd> closes</span></footer>
    </dialog>
  );
}

/* ---- frame ---- */

interface ShellProps {
  app: string; // "Console"
  about: ReactNode; // below it, small
  home: string;
  nav: NavItem[];
  crumbs: Crumb[];
  tools?: ReactNode; // in the banner
  foot?: ReactNode; // below the side bar
  commands?: Command[]; // beside the pages: what `foot` offers, which narrow windows have no room for
  source?: CommandSource;
  children: ReactNode;
}

function isCurrent(item: NavItem, path: string): boolean {
  const own = item.href.split("?")[0]!;
  return path === own || item.also === path || (item.isExact !== true && path.startsWith(own === "/" ? "/#" : `${own}/`));
}

function Nav({ items, path }: { items: NavItem[]; path: string }) {
  const groups = [...new Set(items.map((item) => item.group ?? ""))];
  return (
    <nav aria-label="Main">
      {groups.map((group) => (
        <div key={group} className="nav-part">
          {group !== "" && <p className="nav-head">{group}</p>}
          <ul className="nav">
            {items.filter((item) => (item.group ?? "") === group).map((item) => (
              <li key={item.href} className={item.isMore ? "nav-more" : undefined}>
                <Link href={item.href} aria-current={isCurrent(item, path) ? "page" : undefined}>
                  <Icon name={item.icon} /><span>{item.label}</span>
                  {item.count !== undefined && item.count > 0 && <span className={item.isBad ? "count count-bad" : "count"}>{item.count}</span>}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

export function Shell({ app, about, home, nav, crumbs, tools, foot, commands: more = [], source, children }: ShellProps) {
  const { path } = useAddress();
  const [isHelp, setHelp] = useState(false);
  const [isPalette, setPalette] = useState(false);
  const [said, setSaid] = useState("");
  const going: Key[] = nav.filter((item) => item.key !== undefined).map((item) => ({
    keys: `g ${item.key}`, does: item.label, run: () => navigate(item.href),
  }));
  useKeys([
    { keys: "ctrl+k", does: "Commands", run: () => setPalette(true) },
    { keys: "?", does: "This list", run: () => setHelp(true) },
    ...going,
  ]);
  const commands: Command[] = [
    ...nav.map((item) => ({
      label: item.label, group: "Go to", icon: item.icon, keys: item.key && `g ${item.key}`, run: () => navigate(item.href),
    })),
    ...more,
    { label: "Keys", group: "Help", icon: "info", keys: "?", run: () => setHelp(true) },
  ];
  const hasConsole = document.documentElement.dataset.console !== undefined;
  const copyLink = () => void copyText(location.href).then((isCopied) => setSaid(isCopied ? "Link copied" : "Not copied"));
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>Skip to content</a>
      <div className="app">
        <aside className="rail" aria-label="Side bar">
          <Link className="brand" href={home}><Mark /><span>{app}<small>{about}</small></span></Link>
          <Nav items={nav} path={path} />
          {foot !== undefined && <div className="foot">{foot}</div>}
        </aside>
        <div className="col">
          <header className="bar">
            <Breadcrumb crumbs={crumbs} />
            {tools}
            {hasConsole && <HowMade asButton />}
            <Button kind="quiet" size="sm" icon="menu" aria-label="Commands, Ctrl K" title="Commands, Ctrl K" onClick={() => setPalette(true)} />
            <Button kind="quiet" size="sm" icon={said === "" ? "link" : "check"} aria-label="Copy link to this view" title="Copy link to this view" onClick={copyLink} />
            <ThemeSwitch />
            <span className="vh" role="status">{said}</span>
          </header>
          <main id="main" className="page" tabIndex={-1}>{children}</main>
        </div>
      </div>
      {isHelp && <Help onClose={() => setHelp(false)} />}
      {isPalette && <Palette commands={commands} source={source} onClose={() => setPalette(false)} />}
    </>
  );
}
