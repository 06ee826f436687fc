/* What the application is called. */
export const APP = "CRM Portal";
