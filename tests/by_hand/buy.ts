// Clients made from the documents: types of openapi-typescript, calls of openapi-fetch. The shop's buys two drones,
// the portal's looks at what came of it.
import createClient from "openapi-fetch";
import type { paths as Crm } from "./made/crm.js";
import type { components, paths as Shop } from "./made/shop.js";

const shop = createClient<Shop>({ baseUrl: process.env.OCTO_SHOP ?? "" });
const crm = createClient<Crm>({
  baseUrl: process.env.OCTO_CRM ?? "",
  headers: { "X-Internal-Service-Key": process.env.OCTO_KEY ?? "" },
});

function must<T>(result: { data?: T; error?: unknown }): T {
  if (result.data === undefined) {
    throw new Error(JSON.stringify(result.error));
  }
  return result.data;
}

// The events of the shop's orders as they come, whose type and data the document has.
type Placed = components["schemas"]["OrderPlacedEvent"];
type OrderEvent = Shop["/api/events/orders"]["get"]["responses"]["200"]["content"]["text/event-stream"][number];

async function nextPlaced(body: ReadableStream<Uint8Array>): Promise<Placed> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    for (const block of text.split("\n\n").slice(0, -1)) {
      const event = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/, 2))) as OrderEvent;
      if (event.event === "placed") {
        return JSON.parse(event.data) as Placed;
      }
    }
  }
  throw new Error("the stream ended without a purchase");
}

const leaves = new AbortController();
const watched = await shop.GET("/api/events/orders", {
  headers: { "X-Internal-Service-Key": process.env.OCTO_KEY ?? "" },
  parseAs: "stream",
  signal: leaves.signal,
});
if (!watched.data) {
  throw new Error(JSON.stringify(watched.error));
}
const placed = nextPlaced(watched.data as unknown as ReadableStream<Uint8Array>);
const list = must(await shop.GET("/api/products"));
const drone = list.products.find((product) => product.stock >= 2);
if (drone === undefined) {
  throw new Error("nothing is for sale");
}
const added = must(await shop.POST("/api/cart/add", { body: { product_id: drone.id, quantity: 2 } }));
if (added.session_id === undefined) {
  throw new Error("a program is not told the id of its new cart");
}
const bought = must(
  await shop.POST("/api/shop/checkout", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: {
      customer_name: "Ada Example",
      customer_email: "ada@example.org",
      shipping_address: "1 Example Street",
      payment_method: "credit_card",
      session_id: added.session_id,
    },
  }),
);
const total: number = bought.total;
const told = await placed;
leaves.abort();
if (told.order_id !== bought.order_id || told.total !== total) {
  throw new Error(`bought ${bought.order_id}, and told of ${told.order_id}`);
}
const refused = await shop.POST("/api/cart/add", { body: { product_id: 999999 } });
if (refused.response.status !== 404 || refused.error?.trace_id === undefined) {
  throw new Error("a product that is not there was not refused as the document says");
}
const run = must(await crm.POST("/api/orders/sync"));
console.log(`bought 2 of ${drone.name}: order ${bought.order_id} of ${total.toFixed(2)}, ${bought.tracking_number}`);
console.log(`the portal's synchronisation: ${run.status}, ${run.created} created`);
if (run.created < 1) {
  throw new Error("the order did not come to the portal");
}
