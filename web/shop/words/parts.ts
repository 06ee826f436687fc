/* The texts of the shop: parts. */
export const PARTS = {
  droneShop: "Drone Shop",
  soldOut: "Sold out",
  onlyLeft: (stock: string) => `Only ${stock} left`,
  inStock: (stock: string) => `${stock} in stock`,
  of5: (mean: string) => `${mean} of 5`,
  isInTheCart: "is in the cart.",
  toCheckout: "To checkout",
  addToTheCart: (name: string) => `Add ${name} to the cart`,
  oneLess: (label: string) => `One less: ${label}`,
  oneMore: (label: string) => `One more: ${label}`,
};
