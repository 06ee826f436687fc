/* The texts of what a role may not do. */
export const SESSION = {
  notYours: (role: string, doing: string, roles: string) => `Your role is ${role}; ${doing} takes ${roles}.`,
  or: "or",
};
