/* The texts of what an order's page says of its link. */
export const ORDER_LINK = {
  title: "Your link to it",
  what: "link to this order",
  about: "Opens this order without an account, on any device. Who has it sees the order, so give it to nobody else.",
  until: (day: string) => `It ends on ${day}.`,
  closed: "The link opens no order",
};
