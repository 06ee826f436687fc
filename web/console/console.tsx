/* The frame of the console's pages: who is signed in, where one can go, which page the address names. */
import { Button, Empty, Link, PageTitle, Shell, match, navigate, useAddress, type CommandSource, type Crumb, type NavItem } from "../kit/ui";
import { HubPage } from "./hub";
import { useSession, type Session } from "../kit/session";
import { SignInAgain, SignInPage } from "./signin";
import { isSqlId, isTraceId } from "./conditions";
import { carried, useRange, type Range } from "./range";
import { RangePicker } from "./rangepicker";
import { SessionsPage } from "./sessions";
import { StatementPage, StatementsPage } from "./statement";
import { AuditPage } from "./audit";
import { ComparePage } from "./comparepage";
import { TracePage } from "./trace";
import { TracesPage } from "./traces";
import { WarehousePage } from "./warehouse";

const NAV: NavItem[] = [
  { href: "/console/traces", label: "Traces", icon: "trace", key: "t", also: "/console" },
  { href: "/console/hub", label: "Performance Hub", icon: "pulse", key: "h" },
  { href: "/console/warehouse", label: "SQL Warehouse", icon: "db", key: "w" },
  { href: "/console/statements", label: "Statements", icon: "list", key: "s" },
  { href: "/console/sessions", label: "Sessions and pools", icon: "plug", key: "p" },
  { href: "/console/audit", label: "Audit", icon: "shield", key: "a" },
];

interface Page {
  crumbs: Crumb[];
  content: JSX.Element;
  hasRange?: boolean;
}

function NotFound() {
  return (
    <>
      <PageTitle tab="No such page" app="Console" className="vh">No such page</PageTitle>
      <Empty title="There is no such page" action={<Link className="btn" href="/console/traces">All traces</Link>}>The address may have been cut.</Empty>
    </>
  );
}

function pageOf(path: string, range: Range & { tick: number }): Page {
  if (path === "/" || match("/console", path) !== null || match("/console/traces", path) !== null) {
    return { crumbs: [{ label: "Traces" }], content: <TracesPage range={range} />, hasRange: true };
  }
  const trace = match("/console/traces/:id", path);
  if (trace !== null) {
    return { crumbs: [{ label: "Traces", href: `/console/traces${carried(range)}` }, { label: `Trace ${trace.id!.slice(0, 8)}` }], content: <TracePage id={trace.id!} range={range} /> };
  }
  if (match("/console/compare", path) !== null) {
    return { crumbs: [{ label: "Traces", href: `/console/traces${carried(range)}` }, { label: "Compare" }], content: <ComparePage range={range} /> };
  }
  if (match("/console/hub", path) !== null) {
    return { crumbs: [{ label: "Performance Hub" }], content: <HubPage range={range} />, hasRange: true };
  }
  if (match("/console/sessions", path) !== null) {
    return { crumbs: [{ label: "Sessions and pools" }], content: <SessionsPage range={range} />, hasRange: true };
  }
  if (match("/console/warehouse", path) !== null) {
    return { crumbs: [{ label: "SQL Warehouse" }], content: <WarehousePage range={range} />, hasRange: true };
  }
  if (match("/console/audit", path) !== null) {
    return { crumbs: [{ label: "Correlation audit" }], content: <AuditPage range={range} />, hasRange: true };
  }
  if (match("/console/statements", path) !== null) {
    return { crumbs: [{ label: "Statements" }], content: <StatementsPage range={range} />, hasRange: true };
  }
  const statement = match("/console/statements/:id", path);
  if (statement !== null) {
    return {
      crumbs: [{ label: "Statements", href: `/console/statements${carried(range)}` }, { label: statement.id! }],
      content: <StatementPage key={statement.id} id={statement.id!} range={range} />, hasRange: true,
    };
  }
  return { crumbs: [{ label: "No such page" }], content: <NotFound /> };
}

function Who({ session }: { session: Session }) {
  return (
    <span className="row">
      <span className="clip hide-s" title={session.user?.role}>{session.user?.username}</span>
      <Button kind="quiet" size="sm" onClick={() => void session.signOut().catch(() => undefined)}>Sign out</Button>
    </span>
  );
}

/** Sums of statements are asked of a part of the time they are kept for. */
function usualRange(path: string): string {
  return path.startsWith("/console/hub") || path.startsWith("/console/sessions") || path.startsWith("/console/audit") ? "now-60m" : path.startsWith("/console/statements") ? "now-24h" : path.startsWith("/console/warehouse") ? "now-30d" : "";
}

/** An id that is typed or pasted goes straight to its place. */
const goTo: CommandSource = (typed) => {
  const text = typed.toLowerCase();
  if (isTraceId(text)) {
    return [{ label: `Trace ${text.slice(0, 8)}`, group: "Open", icon: "trace", run: () => navigate(`/console/traces/${text}`) }];
  }
  if (isSqlId(text)) {
    return [
      { label: `Statement ${text}`, group: "Open", icon: "db", run: () => navigate(`/console/statements/${text}`) },
      { label: `Traces with ${text}`, group: "Open", icon: "trace", run: () => navigate(`/console/traces?sql_id=${text}`) },
    ];
  }
  return [];
};

export function Console() {
  const session = useSession();
  const { path } = useAddress();
  const range = useRange(usualRange(path));
  if (session.state === "asking") {
    return null;
  }
  if (session.state === "out") {
    return <SignInPage session={session} />;
  }
  const page = pageOf(path, range);
  return (
    <Shell app="Console" about="Octo" home="/console/traces" nav={NAV} crumbs={page.crumbs} source={goTo}
      tools={<>{page.hasRange === true && <RangePicker range={range} />}<Who session={session} /></>}>
      {session.state === "ended" && <SignInAgain session={session} />}
      {page.content}
    </Shell>
  );
}
