/* The texts of the portal: parts. */
export const PARTS = {
  synced: "Synced",
  failed: "Failed",
  madeHere: "Made here",
  asJson: (label: string) => `${label} as JSON`,
};
