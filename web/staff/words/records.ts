/* The texts of the pages of attacks and of the audit trail. */
export const SECURITY = {
  title: "Security events", caption: "Recorded attacks, newest first", none: "No attack was recorded", about: "What looked like an attack, with the request that it came by.", any: "Anything",
};

export const AUDIT = { title: "Audit trail", caption: "What was done, newest first", none: "Nothing was done yet", about: "Who did what, and by which request.", who: "User name", what: "Action, order.created" };

/* Of both. */
export const RECORDS = {
  what: "What",
  severity: "Severity",
  sent: "Sent",
  mitreOwasp: "MITRE, OWASP",
  from: "From",
  trace: "Trace",
  at: "At",
  events: "events",
  who: "Who",
  ofWhat: "Of what",
  entries: "entries",
};
