/* The texts of the dashboard. */
export const DASHBOARD = {
  title: "Dashboard", orders: "Orders", average: (sum: string) => `${sum} each on average`, revenue: "Revenue", revenueAbout: "of all orders", low: "Low stock",
  lowAbout: (all: string) => `of ${all} products for sale`, tickets: "Open tickets", ticketsAbout: (all: string) => `of ${all}`, backlog: "Waiting orders", backlogAbout: "not with the portal yet",
  ordersOf: (many: number) => many === 1 ? "1 order" : `${many} orders`, customers: "Customers", companies: (many: string) => `${many} of companies`, newest: "Newest orders", newestAbout: "Asked again every 15 seconds.", best: "Best customers", states: "Orders by state", all: "All orders",
  theFiguresCouldNotBe: "The figures could not be loaded",
  order: "Order",
  total: "Total",
  customer: "Customer",
  placed: "Placed",
  state: "State",
};
