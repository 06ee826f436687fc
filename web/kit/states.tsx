/* Words for how things stand, as the services have them: of orders, tickets, invoices and so on, and how they look. */
import { Badge, type BadgeTone } from "./parts";

/** "awaiting_dispatch" is "Awaiting dispatch". */
export function sentence(word: string | null | undefined): string {
  const text = (word ?? "").replace(/_/g, " ");
  return text === "" ? "—" : text[0]!.toUpperCase() + text.slice(1);
}

const TONES: Record<string, BadgeTone | undefined> = {
  // orders and shipments
  pending: "hollow", queued: "hollow", payment_pending: "hollow", awaiting_fulfillment: "hollow", awaiting_dispatch: "hollow",
  processing: "info", paid: "ok", shipped: "accent", in_transit: "accent", delivered: "ok", completed: "ok", failed: "bad",
  backlog: "warn", returned: "warn", cancelled: undefined, refunded: undefined,
  // invoices
  unpaid: "hollow", overdue: "bad", void: undefined,
  // tickets
  open: "info", in_progress: "accent", resolved: "ok", closed: undefined, critical: "bad", high: "warn", medium: undefined, low: undefined,
  // campaigns and leads
  draft: "hollow", active: "ok", paused: "warn", new: "hollow", contacted: "info", qualified: "accent", converted: "ok", lost: undefined,
  // synchronisation
  success: "ok", partial: "warn", busy: "warn", skipped: undefined,
};

export function toneOf(word: string): BadgeTone | undefined {
  return TONES[word];
}

export function State({ word }: { word: string }) {
  return <Badge tone={toneOf(word)}>{sentence(word)}</Badge>;
}
