/* The texts of the page of tickets. */
export const TICKETS = {
  title: "Tickets", caption: "Tickets, newest first", none: "No tickets yet", noneAbout: "What buyers ask on their own pages stands here.", one: "Ticket", tab: (id: number) => `Ticket ${id}`,
  columns: { title: "About", priority: "Priority", status: "State", messages: "Messages", age: "Age" }, customer: "Customer", product: "Product number", opened: "Opened", changed: "Changed", change: "Change",
  changeTitle: "Change the ticket", save: "Save", saving: "Saving", saved: "Ticket saved", said: "What was said", us: "Drone Shop", nothing: "Nothing yet.", onlyNewest: (many: number) => `The newest ${many} messages are shown; older ones are not.`,
  answer: "Answer", send: "Send answer", sending: "Sending", sent: "Sent.", closed: "A closed ticket stays closed; who has more to say opens another.", readOnly: "Your role sees tickets; answering them takes support, manager or admin.",
  tickets: "tickets",
};
