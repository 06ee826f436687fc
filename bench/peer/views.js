// What the peer's answers look like: views of rows, and the schemas that Fastify writes them by.

export const refuse = (status, text) => Object.assign(new Error(text), { statusCode: status });

/// What an order costs, in the store's unit of money: `dollar` of them are one.
export function totalsOf(lines, dollar) {
  const subtotal = lines.reduce((sum, line) => sum + line.product.price * line.quantity, 0);
  const shipping = subtotal >= 5000 * dollar ? 0 : 149 * dollar;
  return { subtotal, shipping, total: subtotal + shipping };
}

export const trackingNumber = (orderId) => `OCTO-${String(orderId).padStart(6, '0')}`;

const PATTERNS = [
  ['Flight', /(\d+)\s*min/i], ['Camera', /(\d+K|\d+\s*MP)/i], ['Range', /(\d+(?:\.\d+)?)\s*km\b/i],
  ['Payload', /(\d+(?:\.\d+)?)\s*kg/i], ['Power', /(\d+)\s*(?:mAh|Wh)/i],
];

function specsOf(row) {
  const specs = [
    { label: 'Category', value: row.category },
    { label: 'SKU', value: row.sku },
    { label: 'Availability', value: `${row.stock} units in ATP` },
  ];
  for (const [label, pattern] of PATTERNS) {
    const match = pattern.exec(row.description ?? '');
    if (match && specs.length < 6) specs.push({ label, value: match[0] });
  }
  return specs;
}

/// `dollars` and `instant` make JSON's values of the store's money and times.
export function viewsOf({ dollars, instant }) {
  const instantOrNull = (time) => (time === null ? null : instant(time));

  function product(row) {
    const price = dollars(row.price);
    return {
      ...row,
      price,
      created_at: instant(row.created_at),
      rating: Math.min(4 + ((row.id + row.stock) % 8) / 10, 4.9),
      specs: specsOf(row),
      summary: `${row.name} in ${row.category} at $${price}: ${row.description}`,
      support_tier: price >= 5000 ? 'Mission Ready' : 'Field Ready',
      inventory_badge: row.stock > 20 ? 'In Stock' : row.stock > 0 ? 'Low Stock' : 'Backorder',
    };
  }

  const item = (row) => ({
    product_id: row.product_id, sku: row.sku, name: row.product_name, category: row.category,
    image_url: row.image_url, quantity: row.quantity, unit_price: dollars(row.unit_price),
    line_total: dollars(row.unit_price * row.quantity),
  });

  const shipment = (row) => ({
    ...row,
    weight_kg: dollars(row.weight_kg),
    shipping_cost: dollars(row.shipping_cost),
    estimated_delivery: instantOrNull(row.estimated_delivery),
    actual_delivery: instantOrNull(row.actual_delivery),
    created_at: instant(row.created_at),
  });

  /// `items` and `parcel` (null: none) are rows too.
  const order = (row, items, parcel) => ({
    ...row,
    total: dollars(row.total), subtotal: dollars(row.subtotal), discount: dollars(row.discount),
    shipping_cost: dollars(row.shipping_cost),
    created_at: instant(row.created_at), updated_at: instant(row.updated_at),
    items: items.map(item),
    shipment: parcel && shipment(parcel),
  });

  const purchase = (orderId, totals) => ({
    status: 'order_placed', order_id: orderId, tracking_number: trackingNumber(orderId),
    subtotal: dollars(totals.subtotal), discount: 0, shipping_cost: dollars(totals.shipping),
    total: dollars(totals.total),
  });

  return { product, order, purchase };
}

export function groupedByOrder(items) {
  const groups = new Map();
  for (const item of items) {
    const group = groups.get(item.order_id);
    if (group) group.push(item);
    else groups.set(item.order_id, [item]);
  }
  return groups;
}

const text = { type: 'string' };
const integer = { type: 'integer' };
const number = { type: 'number' };
const optional = (schema) => ({ ...schema, nullable: true });
const object = (properties) => ({ type: 'object', properties });
const listOf = (items) => ({ type: 'array', items });
const answered = (schema, body) => ({ schema: { response: { 200: schema }, ...(body && { body }) } });

const productMembers = {
  id: integer, shop_id: optional(integer), name: text, sku: text, description: optional(text),
  price: number, stock: integer, category: optional(text), image_url: optional(text),
  is_active: integer, created_at: text, rating: number,
  specs: listOf(object({ label: text, value: optional(text) })), summary: text, support_tier: text,
  inventory_badge: text,
};
const orderMembers = {
  id: integer, customer_id: optional(integer), customer_name: optional(text),
  customer_email: optional(text), total: number, subtotal: optional(number), discount: number,
  shipping_cost: number, currency: text, coupon_code: optional(text), status: text,
  payment_method: text, payment_status: text, shipping_address: optional(text),
  notes: optional(text), created_at: text, updated_at: text,
  items: listOf(object({
    product_id: optional(integer), sku: optional(text), name: optional(text),
    category: optional(text), image_url: optional(text), quantity: integer, unit_price: number,
    line_total: number,
  })),
  shipment: optional(object({
    id: integer, tracking_number: text, carrier: optional(text), status: text,
    origin_region: optional(text), destination_region: optional(text), weight_kg: optional(number),
    shipping_cost: number, estimated_delivery: optional(text), actual_delivery: optional(text),
    created_at: text,
  })),
};
const pageMembers = { total: integer, count: integer, limit: integer, offset: integer };

export const routes = {
  products: answered(object({ ...pageMembers, products: listOf(object(productMembers)) })),
  product: answered(object(productMembers)),
  orders: answered(object({ ...pageMembers, orders: listOf(object(orderMembers)) })),
  cartAdd: answered(
    object({
      status: text, success: { type: 'boolean' }, session_id: text,
      item: object({ ...productMembers, product_id: integer, quantity: integer }),
    }),
    { ...object({ product_id: integer, quantity: integer, session_id: text }),
      required: ['product_id'] }),
  checkout: answered(
    object({
      status: text, order_id: integer, tracking_number: text, subtotal: number, discount: number,
      shipping_cost: number, total: number,
    }),
    { ...object({
        customer_name: text, customer_email: text, shipping_address: text, payment_method: text,
        session_id: text, items: listOf(object({ product_id: integer, quantity: integer })),
      }),
      required: ['customer_email', 'items'] }),
};
