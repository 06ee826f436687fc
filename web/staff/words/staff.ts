/* The texts of the frame of the staff's pages, and of the sign-in. */
export const APP = "Drone Shop staff";

export const FRAME = {
  about: "octo-drone-shop",
  signIn: "Sign in",
  signInAbout: "With your account of the shop.",
  signedIn: (name: string, role: string) => `${name}, ${role}`,
  again: "Your session has ended. Sign in again?",
  againAbout: "The page below is as you left it; nothing that you typed is lost.",
  noRight: "Nothing here is for this role",
  yourRole: (role: string) => `Your role is ${role}`,
  noRightAbout: "These pages are for support, analysts, managers and administrators of the shop.",
  toShop: "To the shop",
  growth: "Growth", supply: "Supply", records: "Records",
  trace: (typed: string) => `Trace ${typed}`,
  inTheConsole: "In the Console",
  goTo: "Go to",
  searchOfThisPage: "Search of this page",
  account: "Account",
  signOut: "Sign out",
};
