/* Signing in: a page of its own, and a dialog over what was there when a session ended. */
import { useEffect, useState } from "react";

import { useGet } from "../kit/load";
import { SingleSignOn } from "../kit/sso";
import { Button, Dialog, Field, Mark, PageTitle, ProblemNote, faultOf, navigate, useForm, useParam } from "../kit/ui";
import { APP } from "./words/app";
import { useSession } from "./session";
import { SIGNIN } from "./words/signin";

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
    <form className="stack" onSubmit={form.submit} aria-label={SIGNIN.signIn} noValidate>
      {form.problem !== undefined && faultOf(form.problem, "username") === undefined && faultOf(form.problem, "password") === undefined &&
        <ProblemNote problem={form.problem} what={isWrong ? SIGNIN.userNameOrPasswordIs : undefined} />}
      <Field label={SIGNIN.userNameOrEMail} error={faultOf(form.problem, "username")}>
        <input className="input" name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} required autoFocus={!isAgain}
          value={username} onChange={(event) => setUsername(event.target.value)} />
      </Field>
      <div className="password">
        <Field label={SIGNIN.password} error={faultOf(form.problem, "password")}>
          <input className="input" name="password" type={isShown ? "text" : "password"} autoComplete="current-password" required autoFocus={isAgain}
            value={password} onChange={(event) => setPassword(event.target.value)} />
        </Field>
        <button className="link-btn small" type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>{SIGNIN.showPassword}</button>
      </div>
      <Button type="submit" kind="primary" size="lg" className="btn-block" busy={form.isBusy ? SIGNIN.signingIn : undefined}>{SIGNIN.signIn}</Button>
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
        <span className="brand"><Mark /><span>{SIGNIN.crmPortal}<small>{SIGNIN.enterpriseCrmPortal}</small></span></span>
        <div>
          <p className="claim">{SIGNIN.everyOrderFromTheFirst}</p>
          <p>{SIGNIN.customersOrdersInvoicesAndTickets}</p>
        </div>
        <ul className="row small"><li>{version.value !== undefined && SIGNIN.version(version.value.version)}</li></ul>
      </section>
      <section className="form">
        <div className="stack">
          <div>
            <PageTitle tab={SIGNIN.signIn} app={APP} className="h-sec">{SIGNIN.signIn}</PageTitle>
            <p className="soft">{SIGNIN.withYourCrmAccount}</p>
          </div>
          <SignInForm onDone={() => undefined} />
          <SingleSignOn />
          <p className="small muted">{SIGNIN.youStaySignedInFor} <a className="nowrap" href="/about">{SIGNIN.whatThisIs}</a></p>
        </div>
      </section>
    </main>
  );
}

/** Over a page whose session has ended: what was typed there stays. */
export function SignInAgain() {
  return (
    <Dialog title={SIGNIN.yourSessionHasEndedSign} onClose={() => undefined} keepsTyped actions={<></>}>
      <div className="stack stack-3">
        <p>{SIGNIN.thePageBelowIsAs}</p>
        <SignInForm onDone={() => undefined} />
      </div>
    </Dialog>
  );
}
