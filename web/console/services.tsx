/* Who did it: a colour and a short name for a service. The colour belongs to the service, whatever else is shown. */
const KNOWN: Record<string, { short: string; color: string; key: string }> = {
  "octo-drone-shop": { short: "shop", color: "var(--c1)", key: "k1" },
  "enterprise-crm-portal": { short: "crm", color: "var(--c2)", key: "k2" },
};

export const OTHER_SERVICES = "var(--c0)";

export function serviceColor(name: string): string {
  return KNOWN[name]?.color ?? OTHER_SERVICES;
}

export function serviceKey(name: string): string {
  return KNOWN[name]?.key ?? "";
}

export function Service({ name }: { name: string }) {
  return <span className="row nowrap"><i className={`key ${serviceKey(name)}`} aria-hidden="true" /><span className="clip" title={name}>{KNOWN[name]?.short ?? name}</span></span>;
}
