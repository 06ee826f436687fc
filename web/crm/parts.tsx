/* What only the portal's pages are made of: states of the synchronisation, people, JSON that came from elsewhere; what others have too they find here. */
import type { ReactNode } from "react";

import { sentence } from "../kit/states";
import { Badge, Copy } from "../kit/ui";
import { PARTS } from "./words/parts";

export function SyncState({ word }: { word: string }) {
  switch (word) {
    case "synced": return <Badge tone="ok" icon="check">{PARTS.synced}</Badge>;
    case "failed": return <Badge tone="bad" icon="bad">{PARTS.failed}</Badge>;
    case "local": return <Badge tone="plain">{PARTS.madeHere}</Badge>;
    default: return <Badge>{sentence(word)}</Badge>;
  }
}

export function Avatar({ name, large = false }: { name: string; large?: boolean }) {
  const letters = name.split(/\s+/).slice(0, 2).map((word) => Array.from(word)[0] ?? "").join("").toUpperCase();
  return <span className={large ? "avatar avatar-lg" : "avatar"} aria-hidden="true">{letters}</span>;
}

/* ---- the kit's ---- */


/* ---- JSON that came from elsewhere ---- */

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** JSON with its names, texts and numbers told apart; what is none is shown as it is. */
export function JsonText({ text, label }: { text: string; label: string }) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch { /* as it came */ }
  const parts: ReactNode[] = [];
  let from = 0;
  for (const found of shown.matchAll(TOKEN)) {
    const [whole, quoted, colon, number] = found;
    parts.push(shown.slice(from, found.index));
    const kind = quoted !== undefined ? (colon !== undefined ? "tk-f" : "tk-s") : number !== undefined ? "tk-n" : "tk-k";
    parts.push(<span key={found.index} className={kind}>{quoted ?? whole}</span>, colon ?? "");
    from = found.index! + whole.length;
  }
  parts.push(shown.slice(from));
  return (
    <div className="code flush json" tabIndex={0} role="region" aria-label={PARTS.asJson(label)}>
      <span className="json-copy"><Copy text={text} what={label} /></span>
      <pre dir="ltr">{parts}</pre>
    </div>
  );
}
