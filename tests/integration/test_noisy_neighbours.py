"""A stranger who floods an open route keeps nobody from buying. All routes, and how fast: by hand, tests/by_hand."""

import unittest

from support import noise
from support.harness import Instance, checkout_body, scaled

CONNECTIONS, CHECKOUTS = 60, 3
LOUD = ("GET /", "GET /api/analytics/geo", "GET /api/observability/360", "POST /api/auth/login", "POST /api/cart/add",
        "POST /api/shop/checkout", "POST /api/analytics/track", "GET /nothing")
MOST_SECONDS = 15  # a request's deadline: it is done, not refused and not late


class NoisyNeighbours(unittest.TestCase):
    def test_a_buyer_is_served(self):
        with Instance() as instance:
            shop = instance.shop
            shop.execute("UPDATE products SET stock = 1000000 WHERE id IN (1, 12)")
            with shop.client() as client:
                requests = dict(noise.open_requests(client.get("/openapi.json").json))
            self.assertEqual(set(LOUD) - set(requests), set())
            for name in LOUD:
                with self.subTest(name), shop.client() as buyer:
                    with noise.Noise(shop.port, scaled(CONNECTIONS), requests[name]) as made:
                        bought = noise.buy(buyer, CHECKOUTS, checkout_body(items=[{"product_id": 12, "quantity": 1}]))
                    noise.wait_until_quiet(shop)
                    for seconds, answer in bought:
                        self.assertEqual(answer.status, 200, answer)
                        self.assertLess(seconds, MOST_SECONDS)
                    self.assertTrue(made.answered, "there was no noise")


if __name__ == "__main__":
    unittest.main()
