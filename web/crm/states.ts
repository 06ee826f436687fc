/* How things of the portal may stand, as the services have it: states of orders, tickets, invoices and so on, roles. */

export const ORDER_STATUSES = ["pending", "queued", "processing", "payment_pending", "paid", "shipped", "completed", "delivered", "failed",
  "cancelled", "refunded", "backlog", "awaiting_fulfillment", "awaiting_dispatch"];

/** What may follow, as the service has it (src/service/order_status.c); it refuses everything else. */
export const ORDER_MOVES: Record<string, string[]> = {
  pending: ["queued", "processing", "cancelled"], queued: ["processing", "cancelled"], processing: ["shipped", "completed", "cancelled"],
  payment_pending: ["processing", "cancelled"], paid: ["processing", "shipped", "completed", "cancelled"], shipped: ["delivered", "completed"],
  delivered: ["completed"], backlog: ["pending", "queued", "processing", "cancelled"],
  awaiting_fulfillment: ["processing", "awaiting_dispatch", "cancelled"], awaiting_dispatch: ["shipped", "cancelled"],
};

export const TICKET_STATUSES = ["open", "in_progress", "resolved", "closed"];
export const TICKET_MOVES: Record<string, string[]> = {
  open: ["in_progress", "resolved", "closed"], in_progress: ["open", "resolved", "closed"], resolved: ["in_progress", "closed"],
};
export const PRIORITIES = ["low", "medium", "high", "critical"];
export const INVOICE_STATUSES = ["unpaid", "pending", "overdue", "paid", "void"];
export const ROLES = ["user", "viewer", "support", "analyst", "manager", "admin", "chaos-operator"];
