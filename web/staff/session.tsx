/* Who of the shop's staff is here, and what the role may. The service decides on every request; this spares people a refusal. */
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";

import { addHeaders, get, onSignedOut, send } from "../kit/api";
import { reloadAll } from "../kit/load";
import { Button, Dialog, Field, Mark, PageTitle, ProblemNote, faultOf, useForm } from "../kit/ui";
import { BY_COOKIE, keepToken, token, type Profile } from "../shop/data";
import { APP, FRAME } from "./words/staff";
import { SESSION } from "./words/session";

addHeaders((): Record<string, string> => {
  const value = token();
  return value === null || value === BY_COOKIE ? {} : { Authorization: `Bearer ${value}` };
});

export const MAY = {
  look: ["support", "analyst", "manager", "admin"],
  plan: ["manager", "admin"], // campaigns
  help: ["support", "manager", "admin"], // tickets and shipments
  guard: ["support", "analyst", "admin"], // security events
  administer: ["admin"],
  simulate: ["chaos-operator", "admin"],
  seeSimulated: ["support", "analyst", "manager", "admin", "chaos-operator"],
} as const;
export type Right = keyof typeof MAY;

const RoleContext = createContext("");

export function useMay(right: Right): boolean {
  return (MAY[right] as readonly string[]).includes(useContext(RoleContext));
}

function SignInForm({ onDone }: { onDone: () => void }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const form = useForm(async () => {
    const { token: value } = await send<{ token: string }>("POST", "/api/auth/login", { username: username.trim(), password });
    keepToken(value);
    onDone();
  });
  return (
    <form className="stack" onSubmit={form.submit} aria-label={FRAME.signIn} noValidate>
      {form.problem !== undefined && faultOf(form.problem, "username") === undefined && faultOf(form.problem, "password") === undefined && <ProblemNote problem={form.problem} />}
      <Field label={SESSION.userName} error={faultOf(form.problem, "username")}>
        <input className="input" autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={100} value={username} onChange={(event) => setUsername(event.target.value)} /></Field>
      <Field label={SESSION.password} error={faultOf(form.problem, "password")}>
        <input className="input" type="password" autoComplete="current-password" maxLength={200} value={password} onChange={(event) => setPassword(event.target.value)} /></Field>
      <Button type="submit" kind="primary" size="lg" className="btn-block" busy={form.isBusy ? SESSION.signingIn : undefined}>{FRAME.signIn}</Button>
    </form>
  );
}

function SignInPage({ onDone }: { onDone: () => void }) {
  return (
    <main className="staff-signin card card-pad stack">
      <p className="brand"><Mark /><span>{APP}</span></p>
      <div><PageTitle tab={FRAME.signIn} app={APP}>{FRAME.signIn}</PageTitle><p className="soft">{FRAME.signInAbout}</p></div>
      <SignInForm onDone={onDone} />
      <p className="small"><a href="/shop">{FRAME.toShop}</a></p>
    </main>
  );
}

interface Known {
  user: Profile | undefined;
  isAsking: boolean;
  hasEnded: boolean; // and what was on the page is still there
}

/** Shows its children to who has signed in; over them the sign-in once a session has ended. */
export function Session({ children }: { children: (user: Profile, signOut: () => void) => ReactNode }) {
  const [known, setKnown] = useState<Known>({ user: undefined, isAsking: true, hasEnded: false });
  const ask = () => {
    get<Profile>("/api/auth/profile").then(
      (user) => { setKnown({ user, isAsking: false, hasEnded: false }); reloadAll(); },
      () => setKnown((before) => ({ ...before, isAsking: false })));
  };
  useEffect(() => {
    if (token() === null) {
      setKnown((before) => ({ ...before, isAsking: false }));
    } else {
      ask();
    }
    return onSignedOut(() => setKnown((before) => ({ ...before, hasEnded: before.user !== undefined })));
  }, []);
  const signOut = () => void send("POST", "/api/auth/logout").catch(() => undefined).finally(() => {
    keepToken(null);
    setKnown({ user: undefined, isAsking: false, hasEnded: false });
  });
  if (known.user === undefined) {
    return known.isAsking ? null : <SignInPage onDone={ask} />;
  }
  return (
    <RoleContext.Provider value={known.user.role}>
      {children(known.user, signOut)}
      {known.hasEnded &&
        <Dialog title={FRAME.again} onClose={() => undefined} keepsTyped actions={<></>}><div className="stack stack-3"><p>{FRAME.againAbout}</p><SignInForm onDone={ask} /></div></Dialog>}
    </RoleContext.Provider>
  );
}
