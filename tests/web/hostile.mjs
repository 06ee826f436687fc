/*
 * Fifty texts that somebody may type, each of which has done harm somewhere: markup, other programs' languages, writing that runs
 * the other way, characters of many bytes or of no width. `textsFor` gives out turns of them, so that a few kinds of things have
 * all; `shows` waits until a page shows them as they were typed.
 */
import { eventually } from "./support.mjs";

export const HOSTILE = [
  // markup, in text, in an attribute, in a script
  "<script>document.title = 'hit'</script>", "\"><script>document.title='hit'</script>", "</script><script>document.title='hit'</script>", "\"><img src=x onerror=alert(1)>",
  "<svg/onload=document.title='hit'>", "<iframe srcdoc='<script>parent.document.title=1</script>'></iframe>", "<style>*{display:none}</style>", "<base href=//example.org/>",
  "<meta http-equiv=refresh content=0;url=//example.org>", "<form action=//example.org><input name=x>", "<!-- --><b>bold</b><!--", "]]><![CDATA[x]]>", "' onmouseover='alert(1)", "` onfocus=alert(1) autofocus",
  "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp;", "<a href=\"javascript:alert(1)\">x</a>", "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "<details open ontoggle=alert(1)>",
  // other programs' languages
  "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}", "'; DROP TABLE customers; --", "1 OR 1=1 UNION SELECT NULL", "$(reboot) `reboot` | reboot", "${jndi:ldap://example.org/a}", "%s%n%x%00 %0d%0aSet-Cookie: a=b",
  "\\u003cscript\\u003e \\x3c \\", "{\"a\":[1,null]}", "=HYPERLINK(\"http://example.org\")", "../../../../etc/passwd", "C:\\temp\\new?*|\"", "[a](javascript:alert(1)) **b** _c_", "__proto__", "constructor", "null", "undefined", "NaN",
  "\"", "''", "<", "&",
  // writing
  "\u202egnp.exe\u202c", "\u2067right to left\u2069 and back", "مرحبا بالعالم، كيف الحال", "שלום עולם (טקסט) 123", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈𒀱 🚁🚁", "👩‍👩‍👧‍👦🏳️‍🌈🇦🇹 family and flags", "Z̷̡͎a̸̢͝l̴̨͑g̵̰̈o̶͓͌ stacked marks", "zero\u200bwidth\u200djoiner soft\u00adhyphen",
  "ภาษาไทยไม่เว้นวรรคระหว่างคำ 漢字かな混じり文 नमस्ते", "W".repeat(200),
];

const TURN = 20; // which a page of any list shows at once

/** Twenty of them, others for each `turn`; five turns have all. */
export function textsFor(turn) {
  return Array.from({ length: TURN }, (_, at) => HOSTILE[(turn * 10 + at) % HOSTILE.length]);
}

export function cut(text, most) {
  return Array.from(text).slice(0, most).join("").trim();
}

/* In the page. */
function missingOf(texts) {
  const seen = document.body.innerText.replace(/\s+/g, " ");
  return texts.filter((text) => !seen.includes(text.replace(/\s+/g, " ").trim()));
}

/** The page shows all of them, or as much of each as there is room for, and nothing of them was done. */
export async function shows(page, texts, most = 40) {
  const wanted = texts.map((text) => cut(text, most));
  await eventually(() => page.evaluate(missingOf, wanted), (missing) => missing.length === 0).catch((error) => { throw new Error(`${page.url()}: ${error.message}`); });
  if (await page.title() === "hit") {
    throw new Error(`a script ran at ${page.url()}`);
  }
}
