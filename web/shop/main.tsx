/* The shop's pages for buyers: which one is said by the address. */
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";

import "../kit/kit.css";
import "./shop.css";
import { startTraces } from "../kit/traces";
import { setConsoleAddress, Toasts } from "../kit/ui";
import { readFirst } from "./data";
import { Shop } from "./shop";

/* What the server wrote stays until there is something to put in its place: nothing flashes, nothing moves. What it says
   to search engines stays for good. */
async function start(): Promise<void> {
  startTraces();
  const app = document.getElementById("app")!;
  const about = app.querySelector('script[type="application/ld+json"]');
  await readFirst(location.pathname, new URLSearchParams(location.search));
  if (about !== null) {
    document.head.append(about);
  }
  setConsoleAddress(document.documentElement.dataset.console ?? "");
  flushSync(() => createRoot(app).render(<Toasts><Shop /></Toasts>));
}

void start();
