// The peer's store on pg: a pool, named prepared statements, the transactions of octo and the same
// statements in them. pg sends one statement at a time, so each is a round trip.

import pg from 'pg';
import { groupedByOrder, refuse, totalsOf, trackingNumber, viewsOf } from './views.js';

// Whole numbers and money as numbers, times as the text of JSON: cheaper than Date and back.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ,
  (text) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`);

const views = viewsOf({ dollars: (amount) => amount, instant: (text) => text });

const PRODUCT = `id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
  created_at`;
const TEXTS = {
  products: `SELECT ${PRODUCT} FROM products WHERE is_active = 1
    ORDER BY name, id LIMIT $1 OFFSET $2`,
  productCount: 'SELECT count(*) AS n FROM products WHERE is_active = 1',
  product: `SELECT ${PRODUCT} FROM products WHERE id = $1 AND is_active = 1`,
  cartAdd: `INSERT INTO cart_items (session_id, product_id, quantity, created_at)
    VALUES ($1, $2, $3, now()) ON CONFLICT (session_id, product_id)
    DO UPDATE SET quantity = cart_items.quantity + excluded.quantity RETURNING id, quantity`,
  cartNote: `INSERT INTO cart_sessions (session_id, first_added_at) VALUES ($1, now())
    ON CONFLICT DO NOTHING`,
  stockTake: `UPDATE products SET stock = stock - $2, updated_at = now()
    WHERE id = $1 AND is_active = 1 AND stock >= $2 RETURNING id, name, sku, price, stock`,
  customerSave: `INSERT INTO customers (name, email, industry, created_at, updated_at)
    VALUES ($1, $2, $3, now(), now()) ON CONFLICT (email)
    DO UPDATE SET industry = excluded.industry, updated_at = excluded.updated_at
    WHERE coalesce(customers.industry, '') = '' RETURNING id`,
  customer: 'SELECT id FROM customers WHERE email = $1',
  order: `INSERT INTO orders (customer_id, total, status, payment_method, payment_status, notes,
    shipping_address, subtotal, discount, shipping_cost, created_at, updated_at)
    VALUES ($1, $2, 'processing', $3, 'paid', $4, $5, $6, 0, $7, now(), now()) RETURNING id`,
  orderItems: `INSERT INTO order_items (order_id, product_id, sku, product_name, quantity,
    unit_price) SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[],
    $6::numeric[])`,
  shipment: `INSERT INTO shipments (order_id, tracking_number, carrier, status, origin_region,
    destination_region, weight_kg, shipping_cost, created_at, updated_at)
    VALUES ($1, $2, 'dhl', 'processing', 'eu-central-1', 'global', $3, $4, now(), now())`,
  cartClear: 'DELETE FROM cart_items WHERE session_id = $1',
  audit: `INSERT INTO audit_logs (action, resource_name, details, http_method, route, ip_address,
    user_agent, trace_id, created_at) VALUES ($1, $2, '{}', 'POST', $3, $4, $5, $6, now())`,
  orders: `SELECT o.id, o.customer_id, c.name AS customer_name, c.email AS customer_email, o.total,
      o.subtotal, o.discount, o.shipping_cost, o.currency, o.coupon_code, o.status,
      o.payment_method, o.payment_status, o.shipping_address, o.notes, o.created_at, o.updated_at,
      s.id AS shipment_id, s.tracking_number, s.carrier, s.status AS shipment_status,
      s.origin_region, s.destination_region, s.weight_kg, s.shipping_cost AS shipment_cost,
      s.estimated_delivery, s.actual_delivery, s.created_at AS shipped_at
    FROM orders o LEFT JOIN customers c ON c.id = o.customer_id
    LEFT JOIN shipments s ON s.id = (SELECT min(x.id) FROM shipments x WHERE x.order_id = o.id)
    ORDER BY o.id DESC LIMIT $1 OFFSET $2`,
  orderCount: 'SELECT count(*) AS n FROM orders',
  itemsOfOrders: `SELECT i.*, p.category, p.image_url
    FROM order_items i LEFT JOIN products p ON p.id = i.product_id
    WHERE i.order_id = ANY ($1::bigint[]) ORDER BY i.order_id, i.id`,
  beginRead: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  begin: 'BEGIN',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
};

/// The parcel that an order's row brings along.
const parcelOf = (row) => (row.shipment_id === null ? null : {
  ...row, id: row.shipment_id, status: row.shipment_status, shipping_cost: row.shipment_cost,
  created_at: row.shipped_at,
});

/// Rows of a named statement, on a pool or on a client of it.
const run = async (on, name, ...values) =>
  (await on.query({ name, text: TEXTS[name], values })).rows;

export function openStore(url, sessions) {
  // 0: as many iterations of SCRAM as the server asks for, since --connect-ms makes signing in dear by them.
  const pool = new pg.Pool({
    connectionString: url, max: sessions, idleTimeoutMillis: 0, scramMaxIterations: 0,
  });

  async function transaction(begin, work) {
    const client = await pool.connect();
    try {
      await run(client, begin);
      const result = await work(client);
      await run(client, 'commit');
      return result;
    } catch (failure) {
      await run(client, 'rollback');
      throw failure;
    } finally {
      client.release();
    }
  }

  async function products({ limit, offset }) {
    const rows = await run(pool, 'products', limit, offset);
    const isWhole = offset === 0 && rows.length < limit;
    const total = isWhole ? rows.length : (await run(pool, 'productCount'))[0].n;
    return { total, products: rows.map(views.product) };
  }

  async function product(id) {
    const [row] = await run(pool, 'product', id);
    return row && views.product(row);
  }

  const ordersPage = ({ limit, offset }) => transaction('beginRead', async (client) => {
    const rows = await run(client, 'orders', limit, offset);
    const lines = await run(client, 'itemsOfOrders', rows.map((row) => row.id));
    const items = groupedByOrder(lines);
    const [{ n: total }] = await run(client, 'orderCount');
    const orders = rows.map((row) => views.order(row, items.get(row.id) ?? [], parcelOf(row)));
    return { total, orders };
  });

  const audit = (client, action, resource, route) => run(client, 'audit', action, resource, route,
    '127.0.0.1', 'bench', '0123456789abcdef0123456789abcdef');

  const addToCart = (session, body) => transaction('begin', async (client) => {
    const [row] = await run(client, 'product', body.product_id);
    if (!row) throw refuse(404, 'unknown product');
    const [line] = await run(client, 'cartAdd', session, row.id, body.quantity ?? 1);
    if (line.quantity > 20) throw refuse(422, 'more than 20 of one product');
    await run(client, 'cartNote', session);
    await audit(client, 'cart.added', `product:${row.id}`, '/api/cart/add');
    return { ...views.product(row), id: line.id, product_id: row.id, quantity: line.quantity };
  });

  async function takeStock(client, items) {
    const lines = [];
    for (const item of [...items].sort((a, b) => a.product_id - b.product_id)) {
      const [taken] = await run(client, 'stockTake', item.product_id, item.quantity);
      if (!taken) throw refuse(409, `not enough stock of product ${item.product_id}`);
      lines.push({ product: taken, quantity: item.quantity });
    }
    return lines;
  }

  async function customerOf(client, body) {
    const email = body.customer_email.trim().toLowerCase();
    const [saved] = await run(client, 'customerSave', body.customer_name, email,
      'Drone Operations');
    return saved ?? (await run(client, 'customer', email))[0];
  }

  const placeOrder = (body) => transaction('begin', async (client) => {
    const lines = await takeStock(client, body.items);
    const totals = totalsOf(lines, 1);
    const customer = await customerOf(client, body);
    const [order] = await run(client, 'order', customer.id, totals.total, body.payment_method,
      'Source=shop_checkout; Coupon=none', body.shipping_address, totals.subtotal, totals.shipping);
    await run(client, 'orderItems', order.id, lines.map((line) => line.product.id),
      lines.map((line) => line.product.sku), lines.map((line) => line.product.name),
      lines.map((line) => line.quantity), lines.map((line) => line.product.price));
    const pieces = lines.reduce((sum, line) => sum + line.quantity, 0);
    await run(client, 'shipment', order.id, trackingNumber(order.id), 1.4 * pieces,
      totals.shipping);
    if (body.session_id) await run(client, 'cartClear', body.session_id);
    await audit(client, 'order.created', `order:${order.id}`, '/api/shop/checkout');
    return views.purchase(order.id, totals);
  });

  return {
    products, product, orders: ordersPage, addToCart, placeOrder,
  };
}
