/* The texts of the portal: signin. */
export const SIGNIN = {
  signIn: "Sign in",
  userNameOrPasswordIs: "User name or password is wrong.",
  userNameOrEMail: "User name or e-mail",
  password: "Password",
  showPassword: "Show password",
  signingIn: "Signing in",
  crmPortal: "CRM Portal",
  enterpriseCrmPortal: "enterprise-crm-portal",
  everyOrderFromTheFirst: "Every order, from the first click to the row in the database.",
  customersOrdersInvoicesAndTickets: "Customers, orders, invoices and tickets, with the trace that explains each of them one click away.",
  version: (version: string) => `Version ${version}`,
  withYourCrmAccount: "With your CRM account.",
  youStaySignedInFor: "You stay signed in for an hour unless the portal was told otherwise. Lost your password? An administrator can set a new one.",
  whatThisIs: "What this is",
  yourSessionHasEndedSign: "Your session has ended. Sign in again?",
  thePageBelowIsAs: "The page below is as you left it; nothing that you typed is lost.",
};
