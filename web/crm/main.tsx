/* The portal's pages: which one is said by the address. */
import { createRoot } from "react-dom/client";

import "../kit/kit.css";
import "./crm.css";
import { startTraces } from "../kit/traces";
import { Toasts, setConsoleAddress } from "../kit/ui";
import { Portal } from "./portal";
import { SessionProvider } from "./session";

startTraces();
setConsoleAddress(document.documentElement.dataset.console ?? "");
createRoot(document.getElementById("app")!).render(
  <Toasts><SessionProvider><Portal /></SessionProvider></Toasts>,
);
