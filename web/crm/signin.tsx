/* Signing in: a page of its own, and a dialog over what was there when a session ended. */
import { useEffect, useState } from "react";

import { useGet } from "../kit/load";
import { SingleSignOn } from "../kit/sso";
import { Button, Dialog, Field, Mark, PageTitle, ProblemNote, faultOf, navigate, useForm, useParam } from "../kit/ui";
import { APP } from "./words";
import { useSession } from "./session";

const ARCS = [74, 148, 222, 296, 370, 444, 518, 592];
const DRONES: [string, string, number][] = [
  ["62%", "58%", 3], ["74%", "40%", 4], ["52%", "76%", 5], ["83%", "60%", 3], ["69%", "86%", 4], ["90%", "34%", 5], ["46%", "62%", 3],
];

function Arcs() {
  return (
    <svg className="arcs" aria-hidden="true">
      {ARCS.map((radius, at) => <circle key={radius} cx="86%" cy="78%" r={radius} fill="none" stroke="#ffffff" strokeOpacity={0.146 - at * 0.014} strokeWidth="1.2" />)}
      {DRONES.map(([x, y, radius]) => <circle key={x} cx={x} cy={y} r={radius} fill="#9fc4ff" fillOpacity="0.7" />)}
    </svg>
  );
}

function SignInForm({ onDone }: { onDone: () => void }) {
  const session = useSession();
  const [username, setUsername] = useState(session.user?.username ?? "");
  const [password, setPassword] = useState("");
  const [isShown, setShown] = useState(false);
  const form = useForm(async () => {
    await session.signIn(username.trim(), password);
    onDone();
  });
  const isAgain = session.user !== undefined;
  const isWrong = form.problem?.status === 401;
  return (
    <form className="stack" onSubmit={form.submit} aria-label="Sign in" noValidate>
      {form.problem !== undefined && faultOf(form.problem, "username") === undefined && faultOf(form.problem, "password") === undefined &&
        <ProblemNote problem={form.problem} what={isWrong ? "User name or password is wrong." : undefined} />}
      <Field label="User name or e-mail" error={faultOf(form.problem, "username")}>
        <input className="input" name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus={!isAgain}
          value={username} onChange={(event) => setUsername(event.target.value)} />
      </Field>
      <div className="password">
        <Field label="Password" error={faultOf(form.problem, "password")}>
          <input className="input" name="password" type={isShown ? "text" : "password"} autoComplete="current-password" required autoFocus={isAgain}
            value={password} onChange={(event) => setPassword(event.target.value)} />
        </Field>
        <button className="link-btn small" type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>Show password</button>
      </div>
      <Button type="submit" kind="primary" size="lg" className="btn-block" busy={form.isBusy ? "Signing in" : undefined}>Sign in</Button>
    </form>
  );
}

/** A path of these pages, and no other origin. */
function safeNext(next: string): string {
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

export function SignInPage() {
  const session = useSession();
  const [next] = useParam("next", "/");
  const version = useGet<{ version: string }>("/api/version");
  const isIn = session.state === "in";
  useEffect(() => {
    if (isIn) {
      navigate(safeNext(next), { replace: true });
    }
  }, [isIn, next]);
  return (
    <main className="signin">
      <section className="side">
        <Arcs />
        <span className="brand"><Mark /><span>CRM Portal<small>enterprise-crm-portal</small></span></span>
        <div>
          <p className="claim">Every order, from the first click to the row in the database.</p>
          <p>Customers, orders, invoices and tickets, with the trace that explains each of them one click away.</p>
        </div>
        <ul className="row small"><li>{version.value !== undefined && `Version ${version.value.version}`}</li></ul>
      </section>
      <section className="form">
        <div className="stack">
          <div>
            <PageTitle tab="Sign in" app={APP} className="h-sec">Sign in</PageTitle>
            <p className="soft">With your CRM account.</p>
          </div>
          <SignInForm onDone={() => undefined} />
          <SingleSignOn />
          <p className="small muted">You stay signed in for an hour unless the portal was told otherwise. Lost your password? An administrator can set a new one. <a className="nowrap" href="/about">What this is</a></p>
        </div>
      </section>
    </main>
  );
}

/** Over a page whose session has ended: what was typed there stays. */
export function SignInAgain() {
  return (
    <Dialog title="Your session has ended. Sign in again?" onClose={() => undefined} keepsTyped actions={<></>}>
      <div className="stack stack-3">
        <p>The page below is as you left it; nothing that you typed is lost.</p>
        <SignInForm onDone={() => undefined} />
      </div>
    </Dialog>
  );
}
