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
  yourRole: (role: string) => `Your role is ${role}`,
  noRightAbout: "These pages are for support, analysts, managers and administrators of the shop.",
  toShop: "To the shop",
  growth: "Growth", supply: "Supply", records: "Records",
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

export const CAMPAIGNS = { title: "Campaigns", readOnly: "Your role sees campaigns; changing them takes manager or admin." };

export const LEADS = {
  title: "Leads", about: "Who left an address by the form of a campaign. The portal's sellers go on with them.", campaign: "Campaign", caption: "Leads, newest first",
  none: "No lead came by this campaign yet", noCampaign: "No campaigns yet", columns: { who: "Who", status: "State", notes: "Note", source: "From", score: "Score", at: "Came" },
};

export const SHIPPING = { shipments: "Shipments", warehouses: "Warehouses", readOnly: "Your role sees shipments; moving them along takes support, manager or admin." };

export const TICKETS = {
  title: "Tickets", caption: "Tickets, newest first", none: "No tickets yet", noneAbout: "What buyers ask on their own pages stands here.", one: "Ticket", tab: (id: number) => `Ticket ${id}`,
  columns: { title: "About", priority: "Priority", status: "State", messages: "Messages", age: "Age" }, customer: "Customer", product: "Product number", opened: "Opened", changed: "Changed", change: "Change",
  changeTitle: "Change the ticket", save: "Save", saving: "Saving", saved: "Ticket saved", said: "What was said", us: "Drone Shop", nothing: "Nothing yet.", onlyNewest: (many: number) => `The newest ${many} messages are shown; older ones are not.`,
  answer: "Answer", send: "Send answer", sending: "Sending", sent: "Sent.", closed: "A closed ticket stays closed; who has more to say opens another.", readOnly: "Your role sees tickets; answering them takes support, manager or admin.",
};

export const SIMULATIONS = {
  title: "Simulations", about: "Faults on purpose, to see what they look like in traces. None of them touches an order.", readOnly: "Your role sees what is on; arming and ending takes chaos-operator or admin.",
  disabled: "Nothing can be armed here: this shop was started without CHAOS_ENABLED=true.", onNow: "On now", on: "On", nothing: "No fault is simulated", nothingAbout: "What looks odd is real.",
  endAll: "End all", ending: "Ending", ended: "All that was simulated has ended.", notEnded: "It has not ended.",
  columns: { what: "What", about: "What happens", faults: "Faults", share: "Of requests", by: "Armed by", ends: "Ends", trace: "Trace" },
  scenarios: "Scenarios", scenariosAbout: "Each ends by itself.", arm: "Arm", armOf: (id: string) => `Arm ${id}`, armTitle: (id: string) => `Arm ${id}?`, arming: "Arming", armed: "Armed", portalsOnly: "of the portal",
  share: "Share of requests, per cent", seconds: "For how many seconds", secondsHint: (most: string) => `From 10 to ${most}.`, amount: "How much", amountHint: "Milliseconds, or look-ups; left out, as the scenario has it.", note: "Why", noteHint: "Stands in the audit trail.",
  switches: "Switches", switchesAbout: "Of all requests.", set: "Set", setTitle: "Set the switches?", setting: "Setting", isSet: "Switches set", off: "All off", yes: "Yes", no: "No",
  errors: "Share that fails", errorsHint: "From 0 to 1.", slow: "Slow responses", latency: "Slow statement", latencyMs: "Slow statement, milliseconds", lost: "Sessions are lost",
};

export const SECURITY = {
  title: "Security events", caption: "Recorded attacks, newest first", none: "No attack was recorded", about: "What looked like an attack, with the request that it came by.", any: "Anything",
};

export const AUDIT = { title: "Audit trail", caption: "What was done, newest first", none: "Nothing was done yet", about: "Who did what, and by which request.", who: "User name", what: "Action, order.created" };
