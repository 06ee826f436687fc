/* Signing in, with the name and the password that one has in the CRM. The address stays what it was: the view comes after it. */
import { useState } from "react";

import { Button, Field, FormProblem, Mark, Note, PageTitle, faultOf, useForm } from "../kit/ui";
import type { Session } from "../kit/session";

export function SignInForm({ session, autoFocus = true }: { session: Session; autoFocus?: boolean }) {
  const [username, setUsername] = useState(session.user?.username ?? "");
  const [password, setPassword] = useState("");
  const form = useForm(() => session.signIn(username, password));
  const asksName = username === "" || session.user === undefined;
  return (
    <form className="signin-form" onSubmit={form.submit} aria-label="Sign in">
      <Field label="Name or e-mail" error={faultOf(form.problem, "username")}>
        <input className="input" name="username" autoComplete="username" required autoFocus={autoFocus && asksName}
          value={username} onChange={(event) => setUsername(event.target.value)} />
      </Field>
      <Field label="Password" error={faultOf(form.problem, "password")}>
        <input className="input" name="password" type="password" autoComplete="current-password" required autoFocus={autoFocus && !asksName}
          value={password} onChange={(event) => setPassword(event.target.value)} />
      </Field>
      <FormProblem problem={form.problem} names={["username", "password"]} />
      <Button type="submit" kind="primary" busy={form.isBusy ? "Signing in" : undefined}>Sign in</Button>
    </form>
  );
}

export function SignInPage({ session }: { session: Session }) {
  return (
    <main className="signin">
      <section className="side">
        <span className="brand"><Mark /><span>Console<small>Octo</small></span></span>
        <div>
          <h2>From a slow purchase to its statement</h2>
          <p>Every request as a tree of spans, every SQL statement by its SQL_ID, and where the time went.</p>
        </div>
        <p className="small">Spans of any program, by OpenTelemetry&apos;s protocol.</p>
      </section>
      <section className="form">
        <div className="stack">
          <PageTitle tab="Sign in" app="Console">Sign in</PageTitle>
          <p className="soft">With the name and the password that you have in the CRM.</p>
          <SignInForm session={session} />
        </div>
      </section>
    </main>
  );
}

/** Above a view whose session has ended: what is on the page stays. */
export function SignInAgain({ session }: { session: Session }) {
  return (
    <Note tone="warn">
      <div className="stack stack-3">
        <p><b>Your session has ended.</b> What is below is what was there before.</p>
        <SignInForm session={session} autoFocus={false} />
      </div>
    </Note>
  );
}
