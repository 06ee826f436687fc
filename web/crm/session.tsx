/*
 * Who is signed in, and what the role allows. The session's cookie is the browser's; a script never sees it. The service
 * decides on every request: what stands here only spares people a button that would be refused.
 */
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from "react";

import { get, onSignedOut, send } from "../kit/api";
import { reloadAll } from "../kit/load";

export interface User {
  username: string;
  role: string;
}

interface SessionAnswer {
  authenticated: boolean;
  username?: string;
  role?: string;
}

/** "ended": it was in; what was on the page is still there. */
export type SessionState = "asking" | "out" | "ended" | "in";

export interface Session {
  state: SessionState;
  user: User | undefined;
  signIn: (username: string, password: string) => Promise<void>;
  signOut: () => Promise<void>;
}

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
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
  return <SessionContext.Provider value={{ state, user, signIn, signOut }}>{children}</SessionContext.Provider>;
}

export function useSession(): Session {
  return useContext(SessionContext)!;
}

/* ---- roles ---- */

/** Who may what, as the routes have it (docs/security.md). */
export const MAY = {
  read: ["viewer", "support", "analyst", "manager", "admin"],
  watch: ["support", "analyst", "manager", "admin"],
  write: ["manager", "admin"],
  help: ["support", "manager", "admin"],
  report: ["analyst", "manager", "admin"],
  administer: ["admin"],
} as const;
export type Right = keyof typeof MAY;

export function useMay(right: Right): boolean {
  const role = useSession().user?.role ?? "";
  return (MAY[right] as readonly string[]).includes(role);
}

/** "manager or admin" */
export function rolesOf(right: Right): string {
  const roles = [...MAY[right]];
  return roles.length < 2 ? roles.join("") : `${roles.slice(0, -1).join(", ")} or ${roles[roles.length - 1]}`;
}

/** In the place of what this role may not do: "Your role is viewer; changing orders takes manager or admin." */
export function RoleNote({ right, doing }: { right: Right; doing: string }) {
  const { user } = useSession();
  return useMay(right) ? null : <p className="small muted">Your role is {user?.role}; {doing} takes {rolesOf(right)}.</p>;
}
