/*
 * Who is signed in, and what the role allows. The session's cookie is the browser's; a script never sees it. The service
 * decides on every request: what stands here only spares people a button that would be refused.
 */
import { createContext, useContext, type ReactNode } from "react";

import { useSession as useOwnSession, type Session } from "../kit/session";
import { SESSION } from "./words/session";

export type { Session };

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider({ children }: { children: ReactNode }) {
  return <SessionContext.Provider value={useOwnSession()}>{children}</SessionContext.Provider>;
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
  return roles.length < 2 ? roles.join("") : `${roles.slice(0, -1).join(", ")} ${SESSION.or} ${roles[roles.length - 1]}`;
}

/** In the place of what this role may not do: "Your role is viewer; changing orders takes manager or admin." */
export function RoleNote({ right, doing }: { right: Right; doing: string }) {
  const { user } = useSession();
  return useMay(right) ? null : <p className="small muted">{SESSION.notYours(user?.role ?? "", doing, rolesOf(right))}</p>;
}
