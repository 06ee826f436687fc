/* The texts of the staff's pages. */
export const APP = "Drone Shop staff";

export const FRAME = {
  about: "octo-drone-shop",
  signIn: "Sign in",
  signInAbout: "With your account of the shop.",
  signedIn: (name: string, role: string) => `${name}, ${role}`,
  again: "Your session has ended. Sign in again?",
  againAbout: "The page below is as you left it; nothing that you typed is lost.",
  noRight: "Nothing here is for this role",
  noRightAbout: "These pages are for support, analysts, managers and administrators of the shop.",
  toShop: "To the shop",
};

export const DASHBOARD = {
  title: "Dashboard", orders: "Orders", average: (sum: string) => `${sum} each on average`, revenue: "Revenue", revenueAbout: "of all orders", low: "Low stock",
  lowAbout: (all: string) => `of ${all} products for sale`, tickets: "Open tickets", ticketsAbout: (all: string) => `of ${all}`, backlog: "Waiting orders", backlogAbout: "not with the portal yet",
  ordersOf: (many: number) => many === 1 ? "1 order" : `${many} orders`, customers: "Customers", companies: (many: string) => `${many} of companies`, newest: "Newest orders", newestAbout: "Asked again every 15 seconds.", best: "Best customers", states: "Orders by state", all: "All orders",
};

export const ORDERS = {
  title: "Orders", caption: "Orders, newest first", none: "No orders yet", order: (id: string) => `Order ${id}`, lines: "Lines", change: "Change", changeTitle: (id: number) => `Change order ${id}?`,
  cancelHint: "A cancelled order gives its stock back.", who: "Who and where", parcel: "Parcel", trace: "How was this made?",
};

export const PRODUCTS = {
  title: "Products and stock", caption: "Products by name", none: "No products yet", add: "New product", change: "Change", changeTitle: "Change the product", search: "Name, SKU or text",
  stockHint: "What was counted. Who has bought meanwhile is told apart: then the newer number comes first.", readOnly: "Your role sees what buyers see; keeping products takes admin.", out: "Sold out", low: "Low", ok: "In stock", left: "left",
};

export const CAMPAIGNS = { title: "Campaigns", caption: "Campaigns, newest first", none: "No campaigns yet", add: "New campaign", changeTitle: "Change the campaign", readOnly: "Your role sees campaigns; changing them takes manager or admin." };

export const SECURITY = {
  title: "Security events", caption: "Recorded attacks, newest first", none: "No attack was recorded", about: "What looked like an attack, with the request that it came by.", any: "Anything",
};

export const AUDIT = { title: "Audit trail", caption: "What was done, newest first", none: "Nothing was done yet", about: "Who did what, and by which request.", who: "User name", what: "Action, order.created" };
