/* SQL as it was sent, with its words coloured. Copy gives the very bytes. */
import { Copy } from "../kit/ui";

const TOKEN = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|(\$\d+|:\w+|\?\d*)|(\b\d+(?:\.\d+)?\b)|([A-Za-z_]\w*)/g;
const KEYWORDS = new Set(("select from where and or not in is null as on join left right inner outer full cross union all distinct insert into values update set delete " +
  "returning with recursive order by group having limit offset fetch first next rows row only for key share no skip locked case when then else end asc desc exists " +
  "between like escape create table index primary foreign references unique default conflict do nothing excluded using over partition merge matched connect start " +
  "prior level dual nulls last begin commit rollback savepoint release lateral cast interval true false collate ilike").split(" "));
const MOST = 20_000; // characters that are coloured; behind them it is plain text

interface Piece { text: string; kind: string }

export function piecesOf(sql: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const text = sql.slice(0, MOST);
  for (const found of text.matchAll(TOKEN)) {
    const start = found.index!;
    if (start > at) {
      pieces.push({ text: text.slice(at, start), kind: "" });
    }
    const word = found[0];
    at = start + word.length;
    const kind = found[1] !== undefined ? "tk-c" : found[2] !== undefined ? "tk-s" : found[3] !== undefined ? "tk-b" : found[4] !== undefined ? "tk-n"
      : KEYWORDS.has(word.toLowerCase()) ? "tk-k" : /^\s*\(/.test(text.slice(at, at + 8)) ? "tk-f" : "";
    pieces.push({ text: word, kind });
  }
  pieces.push({ text: sql.slice(at), kind: "" });
  return pieces;
}

export function Sql({ text, label = "SQL text", tight = false }: { text: string; label?: string; tight?: boolean }) {
  return (
    <div className="sql-block">
      <div className="code" tabIndex={0} role="region" aria-label={label}>
        <pre className={tight ? "tight" : undefined}>{piecesOf(text).map((piece, at) => piece.kind === "" ? piece.text : <span key={at} className={piece.kind}>{piece.text}</span>)}</pre>
      </div>
      <span className="sql-copy"><Copy text={text} what="SQL" /></span>
    </div>
  );
}
