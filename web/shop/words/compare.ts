/* The texts of the shop: compare. */
export const COMPARE = {
  comparison: "Comparison",
  comparisonOf: (names: string) => `Comparison of ${names}`,
  remove: "Remove",
  stock: "Stock",
  price: "Price",
  compare: "Compare",
  theProductsCouldNotBe: "The products could not be loaded",
  nothingToCompare: "Nothing to compare",
  seeTheDrones: "See the drones",
  tickUpToThreeProducts: "Tick up to three products of the catalogue.",
};
