// The peer's store on npm's oracledb, which needs no client of Oracle's: a pool, its cache of statements, the transactions of
// octo and the same statements in them. The last statement of a transaction commits it, and rows come with the execution,
// so each statement is the one round trip that it has to be; of one with a CLOB the driver makes two.
// Offered are the routes that are measured there: the list of products, one product, checkout.

import oracledb from 'oracledb';
import { refuse, totalsOf, trackingNumber, viewsOf } from './views.js';

oracledb.outFormat = oracledb.OUT_FORMAT_OBJECT;
oracledb.fetchAsString = [oracledb.CLOB];
oracledb.prefetchRows = 101; // one more than a page, so that no second request finds its end

const views = viewsOf({ dollars: (amount) => amount, instant: (time) => time.toISOString() });

const PRODUCT = `id AS "id", shop_id AS "shop_id", name AS "name", sku AS "sku", description AS "description",
  price AS "price", stock AS "stock", category AS "category", image_url AS "image_url", is_active AS "is_active",
  created_at AS "created_at"`;
const NOW = 'SYS_EXTRACT_UTC(SYSTIMESTAMP)';
const TEXTS = {
  products: `SELECT ${PRODUCT} FROM products WHERE is_active = 1
    ORDER BY name, id OFFSET :offset ROWS FETCH NEXT :limit ROWS ONLY`,
  productCount: 'SELECT count(*) AS "n" FROM products WHERE is_active = 1',
  product: `SELECT ${PRODUCT} FROM products WHERE id = :id AND is_active = 1`,
  stockTake: `UPDATE products SET stock = stock - :quantity, updated_at = ${NOW}
    WHERE id = :product_id AND is_active = 1 AND stock >= :quantity
    RETURNING id, name, sku, price INTO :id, :name, :sku, :price`,
  customerSave: `MERGE INTO customers c USING (SELECT :email AS email, :name AS name, :industry AS industry FROM dual) n
    ON (c.email = n.email)
    WHEN MATCHED THEN UPDATE SET industry = n.industry, updated_at = ${NOW} WHERE c.industry IS NULL
    WHEN NOT MATCHED THEN INSERT (name, email, industry) VALUES (n.name, n.email, n.industry)`,
  customer: 'SELECT id AS "id" FROM customers WHERE email = :email',
  order: `INSERT INTO orders (customer_id, total, status, payment_method, payment_status, notes,
    shipping_address, subtotal, discount, shipping_cost, created_at, updated_at)
    VALUES (:customer_id, :total, 'processing', :payment_method, 'paid', :notes, :shipping_address, :subtotal, 0,
    :shipping, ${NOW}, ${NOW}) RETURNING id INTO :id`,
  orderItem: `INSERT INTO order_items (order_id, product_id, sku, product_name, quantity, unit_price)
    VALUES (:order_id, :product_id, :sku, :name, :quantity, :price)`,
  shipment: `INSERT INTO shipments (order_id, tracking_number, carrier, status, origin_region,
    destination_region, weight_kg, shipping_cost, created_at, updated_at)
    VALUES (:order_id, :tracking_number, 'dhl', 'processing', 'eu-central-1', 'global', :weight, :shipping,
    ${NOW}, ${NOW})`,
  cartClear: 'DELETE FROM cart_items WHERE session_id = :session_id',
  audit: `INSERT INTO audit_logs (action, resource_name, details, http_method, route, ip_address,
    user_agent, trace_id, created_at) VALUES (:action, :resource_name, '{}', 'POST', :route, :ip_address, :user_agent,
    :trace_id, ${NOW})`,
};

const out = (type, maxSize) => ({ dir: oracledb.BIND_OUT, type, ...(maxSize && { maxSize }) });

const run = (on, name, binds = {}, options = {}) => on.execute(TEXTS[name], binds, options);
const rowsOf = async (on, name, binds) => (await run(on, name, binds)).rows;

/// `url` is oracle://USER:PASSWORD@HOST:PORT/SERVICE.
export async function openStore(url, sessions) {
  const { username, password, host, pathname } = new URL(url);
  const pool = await oracledb.createPool({
    user: username, password, connectString: `${host}${pathname}`, poolMin: sessions, poolMax: sessions,
    poolIncrement: 0, queueMax: -1, queueTimeout: 0,
  });

  async function withSession(work) {
    const session = await pool.getConnection();
    try {
      return await work(session);
    } finally {
      await session.close(); // which rolls back what was not committed
    }
  }

  const products = ({ limit, offset }) => withSession(async (session) => {
    const rows = await rowsOf(session, 'products', { limit, offset });
    const isWhole = offset === 0 && rows.length < limit;
    const total = isWhole ? rows.length : (await rowsOf(session, 'productCount'))[0].n;
    return { total, products: rows.map(views.product) };
  });

  const product = (id) => withSession(async (session) => {
    const [row] = await rowsOf(session, 'product', { id });
    return row && views.product(row);
  });

  async function takeStock(session, items) {
    const lines = [];
    for (const item of [...items].sort((a, b) => a.product_id - b.product_id)) {
      const { rowsAffected, outBinds } = await run(session, 'stockTake', {
        product_id: item.product_id, quantity: item.quantity, id: out(oracledb.NUMBER), name: out(oracledb.STRING, 200),
        sku: out(oracledb.STRING, 50), price: out(oracledb.NUMBER),
      });
      if (rowsAffected !== 1) throw refuse(409, `not enough stock of product ${item.product_id}`);
      const taken = Object.fromEntries(Object.entries(outBinds).map(([name, [value]]) => [name, value]));
      lines.push({ product: taken, quantity: item.quantity });
    }
    return lines;
  }

  async function customerOf(session, body) {
    const email = body.customer_email.trim().toLowerCase();
    await run(session, 'customerSave', { email, name: body.customer_name, industry: 'Drone Operations' });
    return (await rowsOf(session, 'customer', { email }))[0];
  }

  const placeOrder = (body) => withSession(async (session) => {
    const lines = await takeStock(session, body.items);
    const totals = totalsOf(lines, 1);
    const customer = await customerOf(session, body);
    const { outBinds: { id: [orderId] } } = await run(session, 'order', {
      customer_id: customer.id, total: totals.total, payment_method: body.payment_method,
      notes: 'Source=shop_checkout; Coupon=none', shipping_address: body.shipping_address, subtotal: totals.subtotal,
      shipping: totals.shipping, id: out(oracledb.NUMBER),
    });
    await session.executeMany(TEXTS.orderItem, lines.map((line) => ({
      order_id: orderId, product_id: line.product.id, sku: line.product.sku, name: line.product.name,
      quantity: line.quantity, price: line.product.price,
    })));
    const pieces = lines.reduce((sum, line) => sum + line.quantity, 0);
    await run(session, 'shipment', {
      order_id: orderId, tracking_number: trackingNumber(orderId), weight: 1.4 * pieces, shipping: totals.shipping,
    });
    if (body.session_id) await run(session, 'cartClear', { session_id: body.session_id });
    await run(session, 'audit', {
      action: 'order.created', resource_name: `order:${orderId}`, route: '/api/shop/checkout', ip_address: '127.0.0.1',
      user_agent: 'bench', trace_id: '0123456789abcdef0123456789abcdef',
    }, { autoCommit: true });
    return views.purchase(orderId, totals);
  });

  return { products, product, placeOrder };
}
