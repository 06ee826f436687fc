/* Who did it: a colour and a short name for a service. The colour belongs to the service, whatever else is shown. */
interface Known { name: string; short: string; color: string; key: string }

const KNOWN: Known[] = [
  { name: "octo-drone-shop", short: "shop", color: "var(--c1)", key: "k1" },
  { name: "enterprise-crm-portal", short: "crm", color: "var(--c2)", key: "k2" },
];

export const OTHER_SERVICES = "var(--c0)";

/** By its name in spans, or by the short one that it has for itself. */
function known(name: string): Known | undefined {
  return KNOWN.find((one) => one.name === name || one.short === name);
}

export function serviceColor(name: string): string {
  return known(name)?.color ?? OTHER_SERVICES;
}

export function serviceKey(name: string): string {
  return known(name)?.key ?? "";
}

export function shortName(name: string): string {
  return known(name)?.short ?? name;
}

export function Service({ name }: { name: string }) {
  return <span className="row nowrap"><i className={`key ${serviceKey(name)}`} aria-hidden="true" /><span className="clip" title={name}>{shortName(name)}</span></span>;
}
