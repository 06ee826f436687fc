/* The texts of the staff: session. */
export const SESSION = {
  userName: "User name",
  password: "Password",
  signingIn: "Signing in",
};
