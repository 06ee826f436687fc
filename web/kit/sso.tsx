/* Single sign-on: the way to the company's provider, and what was wrong on the way back (docs/operations.md). */
import { useGet } from "./load";
import { Note, useParam } from "./ui";

/** The words of `?sso_error=`, for people. */
const WHY: Record<string, string> = {
  flow: "That sign-in took longer than ten minutes, or began in another browser. Begin again.",
  state: "That sign-in began in another window. Begin again.",
  code: "That sign-in was over already. Begin again.",
  denied: "Your provider did not let you in here. Ask whoever looks after it.",
  provider: "Your provider could not sign you in. Try again in a while.",
  expired: "Your provider's clock and ours differ. Tell an administrator.",
  early: "Your provider's clock and ours differ. Tell an administrator.",
  switched_off: "An administrator has switched your account off.",
};

/** Nothing where no provider is set up. */
export function SingleSignOn() {
  const [error] = useParam("sso_error", "");
  const { value } = useGet<{ configured: boolean; domain_url: string | null }>("/api/auth/sso/status");
  if (value?.configured !== true) {
    return null;
  }
  return (
    <div className="stack stack-3">
      {error !== "" && <div role="alert"><Note tone="bad">{WHY[error] ?? `What your provider said was not right (${error}). Tell an administrator.`}</Note></div>}
      <a className="btn btn-lg btn-block" href="/api/auth/sso/login">Sign in with {new URL(value.domain_url!).hostname}</a>
    </div>
  );
}
