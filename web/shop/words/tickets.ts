/* The texts of the pages of tickets. */
export const TICKETS = {
  title: "Your tickets",
  all: "All tickets",
  about: "What you asked us, and what we answered.",
  open: "New ticket",
  caption: "Tickets, newest first",
  none: "No ticket yet",
  noneAbout: "A question about an order, a product or a repair becomes a ticket, and stays here with its answers.",
  noMatch: "No ticket is so",
  signIn: "Sign in to ask",
  signInAbout: "A ticket is answered here, so it needs an account. The assistant answers at once and needs none.",
  ask: "Ask the assistant",
  notLoaded: "The ticket could not be loaded",
  columns: { title: "About", status: "State", priority: "Priority", messages: "Messages", age: "Opened", who: "Who" },
  status: "State",
  anyStatus: "Any state",
  next: "Next page",
  first: "First page",
  signInShort: "Sign in",
  what: "Tickets",
  pages: "Pages",
};

export const TICKET = {
  tab: (id: number) => `Ticket ${id}`,
  opened: "opened",
  you: "You",
  us: "Drone Shop",
  conversation: "What was said",
  answer: "Your message",
  send: "Send",
  sending: "Sending",
  sent: "Sent",
  closed: "This ticket is closed. What is new becomes a ticket of its own.",
  resolvedHint: "It counts as solved; a message opens it again.",
  earlier: "From the beginning",
  later: "Later messages",
  product: "Product",
};

export const NEW_TICKET = {
  title: "New ticket",
  about: "Say what you see and what you expected. Staff answer on working days.",
  subject: "What is it about?",
  content: "What happened?",
  priority: "How urgent is it?",
  customer: "Customer number",
  customerHint: "Whose ticket it is: it stands in the address of the customer's page in the portal",
  ofProduct: "About",
  open: "Open ticket",
  opening: "Opening ticket",
  missingTitle: "Say in a few words what it is about.",
  missingContent: "Say what happened.",
  cancel: "Cancel",
};

export const STATUS_WORDS: Record<string, string> = { open: "Open", in_progress: "In work", resolved: "Solved", closed: "Closed" };
export const PRIORITY_WORDS: Record<string, string> = { low: "Low: when there is time", medium: "Medium", high: "High: work is held up", critical: "Critical: nothing flies" };
export const PRIORITY_SHORT: Record<string, string> = { low: "Low", medium: "Medium", high: "High", critical: "Critical" };
