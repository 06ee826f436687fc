// The peer's store on better-sqlite3, as durable as octo's.

import Database from 'better-sqlite3';
import { groupedByOrder, refuse, totalsOf, trackingNumber, viewsOf } from './views.js';

const PRODUCT = `id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
  created_at`;

const micros = () => Date.now() * 1000;
const views = viewsOf({
  dollars: (cents) => cents / 100,
  instant: (us) => new Date(us / 1000).toISOString(),
});

export function openStore(file) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');

  const sql = {
    products: db.prepare(`SELECT ${PRODUCT} FROM products WHERE is_active = 1
      ORDER BY name, id LIMIT ? OFFSET ?`),
    productCount: db.prepare('SELECT count(*) AS n FROM products WHERE is_active = 1'),
    product: db.prepare(`SELECT ${PRODUCT} FROM products WHERE id = ? AND is_active = 1`),
    cartAdd: db.prepare(`INSERT INTO cart_items (session_id, product_id, quantity, created_at)
      VALUES (?, ?, ?, ?) ON CONFLICT (session_id, product_id)
      DO UPDATE SET quantity = quantity + excluded.quantity WHERE quantity + excluded.quantity <= 20
      RETURNING id, quantity`),
    cartNote: db.prepare(`INSERT INTO cart_sessions (session_id, first_added_at) VALUES (?, ?)
      ON CONFLICT DO NOTHING`),
    customer: db.prepare('SELECT id FROM customers WHERE email = ?'),
    customerAdd: db.prepare(`INSERT INTO customers (name, email, industry, created_at, updated_at)
      VALUES (?, ?, ?, ?, ?) RETURNING id`),
    stockTake: db.prepare(`UPDATE products SET stock = stock - @quantity, updated_at = @now
      WHERE id = @id AND is_active = 1 AND stock >= @quantity
      RETURNING id, name, sku, price`),
    order: db.prepare(`INSERT INTO orders (customer_id, total, status, payment_method, payment_status,
      notes, shipping_address, subtotal, discount, shipping_cost, created_at, updated_at)
      VALUES (?, ?, 'processing', ?, 'paid', ?, ?, ?, 0, ?, ?, ?) RETURNING id`),
    orderItem: db.prepare(`INSERT INTO order_items (order_id, product_id, sku, product_name, quantity,
      unit_price) VALUES (?, ?, ?, ?, ?, ?)`),
    shipment: db.prepare(`INSERT INTO shipments (order_id, tracking_number, carrier, status,
      origin_region, destination_region, weight_kg, shipping_cost, created_at, updated_at)
      VALUES (?, ?, 'dhl', 'processing', 'eu-central-1', 'global', ?, ?, ?, ?)`),
    cartClear: db.prepare('DELETE FROM cart_items WHERE session_id = ?'),
    audit: db.prepare(`INSERT INTO audit_logs (action, resource_name, details, ip_address, user_agent,
      trace_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`),
    orders: db.prepare(`SELECT o.id, o.customer_id, c.name AS customer_name,
        c.email AS customer_email, o.total, o.subtotal, o.discount, o.shipping_cost, o.currency,
        o.coupon_code, o.status, o.payment_method, o.payment_status, o.shipping_address, o.notes,
        o.created_at, o.updated_at
      FROM orders o LEFT JOIN customers c ON c.id = o.customer_id
      ORDER BY o.id DESC LIMIT ? OFFSET ?`),
    orderCount: db.prepare('SELECT count(*) AS n FROM orders'),
    orderItems: db.prepare(`SELECT i.*, p.category, p.image_url
      FROM order_items i LEFT JOIN products p ON p.id = i.product_id
      WHERE i.order_id BETWEEN ? AND ? ORDER BY i.order_id, i.id`),
    shipments: db.prepare(`SELECT order_id, id, tracking_number, carrier, status, origin_region,
        destination_region, weight_kg, shipping_cost, estimated_delivery, actual_delivery, created_at
      FROM shipments WHERE order_id BETWEEN ? AND ?`),
  };

  function products({ limit, offset }) {
    const rows = sql.products.all(limit, offset);
    return { total: sql.productCount.get().n, products: rows.map(views.product) };
  }

  function product(id) {
    const row = sql.product.get(id);
    return row && views.product(row);
  }

  function orders({ limit, offset }) {
    const rows = sql.orders.all(limit, offset);
    const ids = rows.map((row) => row.id);
    const [low, high] = [Math.min(...ids), Math.max(...ids)];
    const items = groupedByOrder(sql.orderItems.all(low, high));
    const parcels = new Map(sql.shipments.all(low, high).map((row) => [row.order_id, row]));
    return {
      total: sql.orderCount.get().n,
      orders: rows.map((row) => views.order(row, items.get(row.id) ?? [],
        parcels.get(row.id) ?? null)),
    };
  }

  const addToCart = db.transaction((session, body) => {
    const row = sql.product.get(body.product_id);
    if (!row) throw refuse(404, 'unknown product');
    const line = sql.cartAdd.get(session, row.id, body.quantity ?? 1, micros());
    if (!line) throw refuse(422, 'more than 20 of one product');
    sql.cartNote.run(session, micros());
    sql.audit.run('cart.added', `product:${row.id}`, '{}', '127.0.0.1', 'bench', null, micros());
    return { ...views.product(row), id: line.id, product_id: row.id, quantity: line.quantity };
  });

  const placeOrder = db.transaction((body) => {
    const now = micros();
    const lines = [...body.items].sort((a, b) => a.product_id - b.product_id).map((item) => {
      const taken = sql.stockTake.get({ id: item.product_id, quantity: item.quantity, now });
      if (!taken) throw refuse(409, `not enough stock of product ${item.product_id}`);
      return { product: taken, quantity: item.quantity };
    });
    const totals = totalsOf(lines, 100);
    const email = body.customer_email.trim().toLowerCase();
    const customer = sql.customer.get(email)
      ?? sql.customerAdd.get(body.customer_name, email, 'Drone Operations', now, now);
    const order = sql.order.get(customer.id, totals.total, body.payment_method,
      'Source=shop_checkout; Coupon=none', body.shipping_address, totals.subtotal, totals.shipping,
      now, now);
    for (const { product: sold, quantity } of lines) {
      sql.orderItem.run(order.id, sold.id, sold.sku, sold.name, quantity, sold.price);
    }
    const pieces = lines.reduce((sum, line) => sum + line.quantity, 0);
    sql.shipment.run(order.id, trackingNumber(order.id), 140 * pieces, totals.shipping, now, now);
    if (body.session_id) sql.cartClear.run(body.session_id);
    sql.audit.run('order.created', `order:${order.id}`, '{}', '127.0.0.1', 'bench', null, now);
    return views.purchase(order.id, totals);
  });

  return {
    products, product, orders, addToCart: addToCart.immediate, placeOrder: placeOrder.immediate,
  };
}
