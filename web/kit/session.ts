/* Who is signed in. The session's cookie is the browser's; a script never sees it. */
import { useCallback, useEffect, useState } from "react";

import { get, onSignedOut, send } from "./api";
import { reloadAll } from "./load";

export interface User {
  username: string;
  role: string;
}

interface SessionAnswer {
  authenticated: boolean;
  username?: string;
  role?: string;
}

export type SessionState = "asking" | "out" | "ended" | "in"; // ended: it was in, and what was on the page is still there

export interface Session {
  state: SessionState;
  user: User | undefined;
  signIn: (username: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
}

export function useSession(): Session {
  const [state, setState] = useState<SessionState>("asking");
  const [user, setUser] = useState<User>();

  const enter = useCallback((who: User) => {
    setUser(who);
    setState("in");
  }, []);

  useEffect(() => {
    get<SessionAnswer>("/api/auth/session").then(
      (answer) => answer.authenticated ? enter({ username: answer.username ?? "", role: answer.role ?? "" }) : setState("out"),
      () => setState("out"));
    return onSignedOut(() => setState((before) => before === "in" ? "ended" : before));
  }, [enter]);

  const signIn = async (username: string, password: string) => {
    const answer = await send<{ user: User }>("POST", "/api/auth/login", { username, password });
    enter(answer.user);
    reloadAll();
  };
  const signOut = async () => {
    await send("POST", "/api/auth/logout");
    setUser(undefined);
    setState("out");
  };
  return { state, user, signIn, signOut };
}
