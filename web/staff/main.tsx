/* The pages of the shop's staff: which one is said by the address. */
import { createRoot } from "react-dom/client";

import "../kit/kit.css";
import "./staff.css";
import { Toasts, setConsoleAddress } from "../kit/ui";
import { Staff } from "./staff";

setConsoleAddress(document.documentElement.dataset.console ?? "");
createRoot(document.getElementById("app")!).render(<Toasts><Staff /></Toasts>);
