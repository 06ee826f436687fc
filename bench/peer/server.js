// The service that octo is measured against: the same routes and durability on Fastify and
// better-sqlite3, one process, written as such a service usually is. It works on a copy of the
// shop's database.
//
// node server.js FILE PORT

import Fastify from 'fastify';
import Database from 'better-sqlite3';
import { randomUUID } from 'node:crypto';

const [file, port] = process.argv.slice(2);
const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.pragma('foreign_keys = ON');

const PRODUCT = `id, shop_id, name, sku, description, price, stock, category, image_url, is_active,
  created_at`;
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

const micros = () => Date.now() * 1000;
const instant = (us) => new Date(us / 1000).toISOString();
const dollars = (cents) => cents / 100;
const instantOrNull = (us) => (us === null ? null : instant(us));

function specsOf(row) {
  const specs = [
    { label: 'Category', value: row.category },
    { label: 'SKU', value: row.sku },
    { label: 'Availability', value: `${row.stock} units in ATP` },
  ];
  const patterns = [
    ['Flight', /(\d+)\s*min/i], ['Camera', /(\d+K|\d+\s*MP)/i], ['Range', /(\d+(?:\.\d+)?)\s*km\b/i],
    ['Payload', /(\d+(?:\.\d+)?)\s*kg/i], ['Power', /(\d+)\s*(?:mAh|Wh)/i],
  ];
  for (const [label, pattern] of patterns) {
    const match = pattern.exec(row.description ?? '');
    if (match && specs.length < 6) specs.push({ label, value: match[0] });
  }
  return specs;
}

function productView(row) {
  const specs = specsOf(row);
  return {
    ...row,
    price: dollars(row.price),
    created_at: instant(row.created_at),
    rating: Math.min(4 + ((row.id + row.stock) % 8) / 10, 4.9),
    specs,
    summary: `${row.name} in ${row.category} at $${dollars(row.price)}: ${row.description}`,
    support_tier: row.price >= 500000 ? 'Mission Ready' : 'Field Ready',
    inventory_badge: row.stock > 20 ? 'In Stock' : row.stock > 0 ? 'Low Stock' : 'Backorder',
  };
}

function shipmentView(row) {
  if (!row) return null;
  const { order_id: _, ...shipment } = row;
  return {
    ...shipment,
    weight_kg: dollars(row.weight_kg),
    shipping_cost: dollars(row.shipping_cost),
    estimated_delivery: instantOrNull(row.estimated_delivery),
    actual_delivery: instantOrNull(row.actual_delivery),
    created_at: instant(row.created_at),
  };
}

const refuse = (status, text) => Object.assign(new Error(text), { statusCode: status });

const placeOrder = db.transaction((body) => {
  const now = micros();
  const lines = [...body.items].sort((a, b) => a.product_id - b.product_id).map((item) => {
    const product = sql.stockTake.get({ id: item.product_id, quantity: item.quantity, now });
    if (!product) throw refuse(409, `not enough stock of product ${item.product_id}`);
    return { product, quantity: item.quantity };
  });
  const subtotal = lines.reduce((sum, l) => sum + l.product.price * l.quantity, 0);
  const shipping = subtotal >= 500000 ? 0 : 14900;
  const email = body.customer_email.trim().toLowerCase();
  const customer = sql.customer.get(email)
    ?? sql.customerAdd.get(body.customer_name, email, 'Drone Operations', now, now);
  const order = sql.order.get(customer.id, subtotal + shipping, body.payment_method,
    'Source=shop_checkout; Coupon=none', body.shipping_address, subtotal, shipping, now, now);
  for (const { product, quantity } of lines) {
    sql.orderItem.run(order.id, product.id, product.sku, product.name, quantity, product.price);
  }
  const tracking = `OCTO-${String(order.id).padStart(6, '0')}`;
  const pieces = lines.reduce((sum, l) => sum + l.quantity, 0);
  sql.shipment.run(order.id, tracking, 140 * pieces, shipping, now, now);
  if (body.session_id) sql.cartClear.run(body.session_id);
  sql.audit.run('order.created', `order:${order.id}`, '{}', '127.0.0.1', 'bench', null, now);
  return {
    status: 'order_placed', order_id: order.id, tracking_number: tracking,
    subtotal: dollars(subtotal), discount: 0, shipping_cost: dollars(shipping),
    total: dollars(subtotal + shipping),
  };
});

const addToCart = db.transaction((session, body) => {
  const product = sql.product.get(body.product_id);
  if (!product) throw refuse(404, 'unknown product');
  const line = sql.cartAdd.get(session, product.id, body.quantity ?? 1, micros());
  if (!line) throw refuse(422, 'more than 20 of one product');
  sql.cartNote.run(session, micros());
  sql.audit.run('cart.added', `product:${product.id}`, '{}', '127.0.0.1', 'bench', null,
    micros());
  return { ...productView(product), id: line.id, product_id: product.id, quantity: line.quantity };
});

const app = Fastify();

app.get('/health', async () => ({ status: 'ok', service: 'peer' }));

app.get('/api/products', async (request) => {
  const limit = Number(request.query.limit ?? 100);
  const offset = Number(request.query.offset ?? 0);
  const products = sql.products.all(limit, offset).map(productView);
  return { total: sql.productCount.get().n, count: products.length, limit, offset, products };
});

app.get('/api/products/:id', async (request, reply) => {
  const row = sql.product.get(Number(request.params.id));
  if (!row) return reply.code(404).send({ error: 'not found' });
  return productView(row);
});

app.post('/api/cart/add', async (request) => {
  const session = request.body.session_id ?? randomUUID();
  return { status: 'added', success: true, session_id: session,
    item: addToCart.immediate(session, request.body) };
});

app.post('/api/shop/checkout', async (request) => placeOrder.immediate(request.body));

app.get('/api/orders', async (request) => {
  const limit = Number(request.query.limit ?? 100);
  const offset = Number(request.query.offset ?? 0);
  const rows = sql.orders.all(limit, offset);
  const ids = rows.map((row) => row.id);
  const [low, high] = [Math.min(...ids), Math.max(...ids)];
  const items = Map.groupBy ? Map.groupBy(sql.orderItems.all(low, high), (i) => i.order_id)
    : sql.orderItems.all(low, high).reduce((map, item) => {
      if (!map.has(item.order_id)) map.set(item.order_id, []);
      map.get(item.order_id).push(item);
      return map;
    }, new Map());
  const shipments = new Map(sql.shipments.all(low, high).map((s) => [s.order_id, s]));
  const orders = rows.map((row) => ({
    ...row,
    total: dollars(row.total), subtotal: dollars(row.subtotal), discount: dollars(row.discount),
    shipping_cost: dollars(row.shipping_cost),
    created_at: instant(row.created_at), updated_at: instant(row.updated_at),
    items: (items.get(row.id) ?? []).map((i) => ({
      product_id: i.product_id, sku: i.sku, name: i.product_name, category: i.category,
      image_url: i.image_url, quantity: i.quantity,
      unit_price: dollars(i.unit_price), line_total: dollars(i.unit_price * i.quantity),
    })),
    shipment: shipmentView(shipments.get(row.id)),
  }));
  return { total: sql.orderCount.get().n, count: orders.length, limit, offset, orders };
});

await app.listen({ host: '127.0.0.1', port: Number(port) });
