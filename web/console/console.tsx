/* The frame of the console's pages: who is signed in, where one can go, which page the address names. */
import { Button, Empty, Link, PageTitle, Shell, match, useAddress, type Crumb, type NavItem } from "../kit/ui";
import { useSession, type Session } from "./session";
import { SignInAgain, SignInPage } from "./signin";
import { TracesPage } from "./traces";

const NAV: NavItem[] = [
  { href: "/console/traces", label: "Traces", icon: "trace", key: "t" },
];

interface Page {
  crumbs: Crumb[];
  content: JSX.Element;
}

function NotFound() {
  return (
    <>
      <PageTitle tab="No such page" app="Console" className="vh">No such page</PageTitle>
      <Empty title="There is no such page" action={<Link className="btn" href="/console/traces">All traces</Link>}>The address may have been cut.</Empty>
    </>
  );
}

function pageOf(path: string): Page {
  if (path === "/" || match("/console", path) !== null || match("/console/traces", path) !== null) {
    return { crumbs: [{ label: "Traces" }], content: <TracesPage /> };
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

export function Console() {
  const session = useSession();
  const { path } = useAddress();
  if (session.state === "asking") {
    return null;
  }
  if (session.state === "out") {
    return <SignInPage session={session} />;
  }
  const page = pageOf(path);
  return (
    <Shell app="Console" about="Octo" home="/console/traces" nav={NAV} crumbs={page.crumbs} tools={<Who session={session} />}>
      {session.state === "ended" && <SignInAgain session={session} />}
      {page.content}
    </Shell>
  );
}
