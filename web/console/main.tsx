/* The console's pages: which one is said by the address. */
import { createRoot } from "react-dom/client";

import "../kit/kit.css";
import "./console.css";
import { Toasts } from "../kit/ui";
import { Console } from "./console";

createRoot(document.getElementById("app")!).render(<Toasts><Console /></Toasts>);
