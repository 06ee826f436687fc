// The service that octo is measured against: the same routes on Fastify, one process, written as
// such a service usually is, over better-sqlite3, pg or oracledb. It works on a database like the shop's.
//
// node server.js sqlite FILE PORT
// node server.js postgres URL PORT SESSIONS
// node server.js oracle URL PORT SESSIONS

import Fastify from 'fastify';
import { randomUUID } from 'node:crypto';
import { routes } from './views.js';

const [kind, address, port, sessions] = process.argv.slice(2);
const { openStore } = await import(`./store_${kind}.js`);
const store = await openStore(address, Number(sessions));
const app = Fastify();

const pageOf = ({ limit = 100, offset = 0 }) => ({ limit: Number(limit), offset: Number(offset) });

app.get('/health', async () => ({ status: 'ok', service: 'peer' }));

app.get('/api/products', routes.products, async (request) => {
  const page = pageOf(request.query);
  const { total, products } = await store.products(page);
  return { total, count: products.length, ...page, products };
});

app.get('/api/products/:id', routes.product, async (request, reply) => {
  const product = await store.product(Number(request.params.id));
  return product ?? reply.code(404).send({ error: 'not found' });
});

app.get('/api/orders', routes.orders, async (request) => {
  const page = pageOf(request.query);
  const { total, orders } = await store.orders(page);
  return { total, count: orders.length, ...page, orders };
});

app.post('/api/cart/add', routes.cartAdd, async (request) => {
  const session = request.body.session_id ?? randomUUID();
  const item = await store.addToCart(session, request.body);
  return { status: 'added', success: true, session_id: session, item };
});

app.post('/api/shop/checkout', routes.checkout, async (request) => store.placeOrder(request.body));

await app.listen({ host: '127.0.0.1', port: Number(port) });
