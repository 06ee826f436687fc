/* The texts of the waterfall that are heard, not seen. */
export const WATERFALL = {
  rows: "Rows of the waterfall",
  begins: (after: string) => `begins after ${after}`,
};
