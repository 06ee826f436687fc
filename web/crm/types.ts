/* What the routes answer, as far as the pages use it. */
import type { ParcelFacts } from "../common/parcel";

export interface Order {
  id: number;
  customer_id: number | null;
  customer_name: string | null;
  customer_email: string | null;
  total: number;
  status: string;
  source_system: string;
  source_order_id: number | null;
  sync_status: string;
  backlog_status: string;
  correlation_id: string | null;
  last_synced_at: string | null;
  created_at: string;
}

export interface OrderLine {
  id: number;
  product_id: number | null;
  product_name: string;
  sku: string | null;
  image_url: string;
  quantity: number;
  unit_price: number;
  line_total: number;
}

export interface Parcel extends ParcelFacts {
  actual_delivery: string | null;
  created_at: string;
}

export interface OrderDetail extends Order {
  notes: string | null;
  shipping_address: string | null;
  sync_error: string | null;
  source_payload: string | null;
  items: OrderLine[];
  shipment: Parcel | null;
  db_drilldown: { database_target: string; sql_ids: string[] };
}

export interface OrderList {
  orders: Order[];
  total: number;
}

export interface OrderRisks {
  total_orders: number;
  backlog_orders: number;
  stale_backlog_orders: number;
  suspicious_totals: number;
  failed_syncs: number;
  thresholds: { suspicious_order_total: number; backlog_age_minutes: number };
}

export interface SyncFailure {
  source_order_id: number;
  order_id: number | null;
  attempts: number;
  next_attempt_at: string;
  last_error: string;
  payload: string;
  created_at: string;
  updated_at: string;
}

export interface SyncEntry {
  id: number;
  source_system: string;
  source_order_id: number | null;
  sync_action: string;
  sync_status: string;
  message: string | null;
  correlation_id: string | null;
  trace_id: string | null;
  created_at: string;
}

export interface SyncHealth {
  enabled: boolean;
  source: string;
  interval_seconds: number;
  watermark: string | null;
  leader: boolean; // this portal ran last
  running: boolean; // a run is at it, of this portal or another
  stats?: { total_sync_operations: number; successful: number; failed: number; success_rate_pct: number | null; last_successful_sync: string | null };
  orders?: { external_total: number; backlog: number; suspicious: number };
}

export interface SyncResult {
  status: string;
  reason: string | null;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  correlation_id: string;
}

export interface Customer {
  id: number;
  name: string;
  email: string;
  phone: string | null;
  company: string | null;
  industry: string | null;
  revenue: number | null;
  notes: string | null;
  created_at: string;
}

export interface Invoice {
  id: number;
  invoice_number: string;
  order_id: number | null;
  customer_id: number | null;
  customer_name: string | null;
  amount: number;
  tax: number;
  total: number;
  status: string;
  issued_at: string;
  due_date: string | null;
  paid_at: string | null;
  void_reason: string | null;
  notes: string | null;
}

export interface Ticket {
  id: number;
  customer_id: number | null;
  customer_name: string | null;
  subject: string;
  description: string | null;
  priority: string;
  status: string;
  assigned_to: string | null;
  created_at: string;
  updated_at: string;
}

export interface TicketMessage {
  id: number;
  content: string;
  created_at: string;
  author: string;
}

export interface Product {
  id: number;
  shop_name: string | null;
  name: string;
  sku: string;
  description: string | null;
  price: number;
  stock: number;
  category: string | null;
  status: string;
  created_at: string;
}

export interface AdminUser {
  id: number;
  username: string;
  email: string;
  role: string;
  is_active: boolean;
  last_login: string | null;
  created_at: string;
}

/** A page of a list by cursor; the rows stand beside these. */
export interface Page {
  count: number;
  next_cursor: string | null;
}
