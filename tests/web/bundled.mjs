/* Modules of web/ for tests that run in node: bundled by the build's esbuild, as the pages are. */
import { execFileSync } from "node:child_process";

import { ROOT } from "./root.mjs";

/** What these export, all in one; "kit/format". */
export async function bundled(files) {
  const script = execFileSync("esbuild", ["--bundle", "--format=esm"], {
    cwd: ROOT, encoding: "utf8", input: files.map((file) => `export * from "./web/${file}";`).join("\n"),
  });
  return import(`data:text/javascript;base64,${Buffer.from(script).toString("base64")}`);
}
