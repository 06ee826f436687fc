/* Icons of web/kit/icons.svg, whose lasting address the frame names. */
const SPRITE = document.documentElement.dataset.icons ?? "";

/** Decoration beside a word; a control that is an icon alone has an aria-label of its own. */
export function Icon({ name, className = "" }: { name: string; className?: string }) {
  return <svg className={`i ${className}`.trim()} aria-hidden="true"><use href={`${SPRITE}#i-${name}`} /></svg>;
}

const ARMS = ["M19.7 17.5L26.3 20.3", "M17.5 19.7L20.3 26.3", "M14.5 19.7L11.7 26.3", "M12.3 17.5L5.7 20.3",
  "M12.3 14.5L5.7 11.7", "M14.5 12.3L11.7 5.7", "M17.5 12.3L20.3 5.7", "M19.7 14.5L26.3 11.7"];

/** The mark: eight arms around a hub. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      {ARMS.map((arm) => {
        const [x, y] = arm.split("L")[1]!.split(" ");
        return (
          <g key={arm}>
            <path d={arm} stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
            <circle cx={x} cy={y} r="3.1" fill="currentColor" />
          </g>
        );
      })}
      <circle cx="16" cy="16" r="5" fill="currentColor" />
      <circle cx="16" cy="16" r="2" fill="var(--surface)" />
    </svg>
  );
}
