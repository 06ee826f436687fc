/* The page of a problem: a button that copies the trace id, one that goes back. Both are hidden until this runs. */
"use strict";

const SHOWN_MS = 2000;

/* The clipboard is there for pages of safe origins alone; elsewhere what is selected can be copied. */
async function copy(element) {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  }
  getSelection().selectAllChildren(element);
  return document.execCommand("copy");
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const label = button.textContent;

  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const isCopied = await copy(document.getElementById(button.dataset.copy)).catch(() => false);

    button.textContent = isCopied ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = label; }, SHOWN_MS);
  });
}

for (const button of document.querySelectorAll("button[data-back]")) {
  button.hidden = history.length < 2;
  button.addEventListener("click", () => history.back());
}
