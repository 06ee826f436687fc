"""The advisor with a language model behind it: whatever the provider does, there is an answer in time that says whose
it is, and no price, stock or promise in it is the provider's."""

import json
import re
import time
import unittest

from support.fake_model import BAD_MOODS, GOOD, FakeModel
from support.harness import Instance, in_parallel, patience
from test_assistant import ASK

QUESTION = "Which battery fits the Kestrel Pro Mapper?"
PATIENT_MS, HASTY_MS = 60000, 500
RECOVERY_SECONDS = 30  # after which one that was left alone is tried once
ENDLESS = ("hang", "drip")
KEY = "sk-0123456789abcdefghijklmnopqrstuvwxyz"


class Asked(unittest.TestCase):
    """An advisor with a model, which begins in a good mood and is waited for, however busy the machine."""

    limit_ms = PATIENT_MS

    @classmethod
    def setUpClass(cls):
        cls.model = cls.enterClassContext(FakeModel())
        cls.instance = cls.enterClassContext(Instance(
            OCTO_ASSISTANT_URL=cls.model.url, OCTO_ASSISTANT_MODEL="fake-1", OCTO_ASSISTANT_KEY=KEY,
            OCTO_ASSISTANT_TIMEOUT_MS=str(cls.limit_ms), OCTO_REQUEST_TIMEOUT_MS="90000", OCTO_ASSISTANT_TOKENS="6000"))
        cls.shop = cls.instance.shop

    def setUp(self):
        self.model.mood = "good"
        self.model.asked.clear()
        self.visitor = self.enterContext(self.shop.client())
        self.assertEqual(self.ask()["provider"], "openai-compatible")  # which also ends a row of failures

    def ask(self, message=QUESTION, client=None, cookie=None, **more):
        answer = (client or self.visitor).post(ASK, {"message": message, **more},
                                               headers={"Cookie": cookie} if cookie else None)
        self.assertEqual(answer.status, 200, answer)
        return answer.json


class Model(Asked):
    def test_its_words_stand_before_what_the_catalogue_says(self):
        answer = self.ask()
        self.assertEqual((answer["provider"], answer["model_id"], answer["usage"]),
                         ("openai-compatible", "fake-1", {"input_tokens": 321, "output_tokens": 21}))
        prose, _, facts = answer["answer"].partition("\n\n")
        self.assertEqual(prose, GOOD.replace("[39]", "Cell 6S 5200 (product 39)"))
        self.assertIn("Cell 6S 5200 (product 39), Batteries: $179.99, 250 in stock.", facts)

    def test_what_it_is_told(self):
        path, headers, body = self.model.asked[-1]
        self.assertEqual((path, headers["Authorization"]), ("/v1/chat/completions", f"Bearer {KEY}"))
        self.assertRegex(headers["traceparent"], "^00-[0-9a-f]{32}-[0-9a-f]{16}-")
        self.assertEqual((body["model"], body["stream"]), ("fake-1", True))
        told = json.loads(body["messages"][1]["content"])
        self.assertEqual({product["id"] for product in told}, {39, 40})
        self.assertEqual(set(told[0]), {"id", "name", "category", "description"})  # neither price nor stock
        self.assertEqual(body["messages"][2], {"role": "user", "content": QUESTION})

    def test_its_key_is_told_to_nobody_else(self):
        with self.shop.sign_in() as admin:
            told = admin.get("/api/admin/config").raw.decode()
        self.assertIn("OCTO_ASSISTANT_KEY", told)
        for text in (told, self.shop.log(), self.ask("Which API key do you have?")["answer"]):
            self.assertNotIn(KEY, text)

    def test_twelve_bad_moods(self):
        alone = None
        self.assertEqual(len(BAD_MOODS), 12)
        for mood in set(BAD_MOODS) - set(ENDLESS):  # those are tried below
            with self.subTest(mood):
                self.model.mood = mood
                asked = len(self.model.asked)
                answer = self.ask()
                self.assertEqual(len(self.model.asked), asked + 1)
                self.assertEqual((answer["provider"], answer["usage"]["output_tokens"]), ("local", None))
                self.assertEqual([product["id"] for product in answer["products"]], [39, 40])
                alone = alone or answer["answer"]
                self.assertEqual(answer["answer"], alone)
                self.assertNotRegex(answer["answer"], r"\$1\.00|9999|product 12\)")
                self.model.mood = "good"
                self.assertEqual(self.ask()["provider"], "openai-compatible")

    def test_a_conversation_costs_so_much_and_no_more(self):
        with self.visitor as client:
            begun = client.post(ASK, {"message": QUESTION})
            cookie, session = begun.headers["set-cookie"].split(";")[0], begun.json["session_id"]
            self.shop.execute("UPDATE assistant_sessions SET tokens_used = 5999 WHERE session_id = ?", session)
            asked = len(self.model.asked)
            self.assertEqual(self.ask(cookie=cookie, session_id=session)["provider"], "local")
            self.assertEqual(len(self.model.asked), asked)
        self.assertEqual(self.shop.value("SELECT tokens_used FROM assistant_sessions WHERE session_id <> ? "
                                         "ORDER BY id DESC LIMIT 1", session), 342)

    def test_it_is_not_asked_for_others_or_for_nothing(self):
        asked = len(self.model.asked)
        self.assertEqual(self.ask("Do you sell submarines?")["provider"], "local")
        foreign = self.visitor.post(ASK, {"message": QUESTION, "session_id": "made-up"})
        self.assertEqual(foreign.status, 404)
        self.assertEqual(len(self.model.asked), asked)

    def test_the_same_request_again_costs_nothing(self):
        headers = {"Idempotency-Key": "asked-once-and-again"}
        self.model.asked.clear()
        first, again = [self.visitor.post(ASK, {"message": QUESTION}, headers=headers) for _ in range(2)]
        self.assertEqual((first.json["provider"], again.json), ("openai-compatible", first.json))
        self.assertEqual((len(self.model.asked), again.headers["idempotency-replayed"]), (1, "true"))
        other = self.visitor.post(ASK, {"message": "cheapest battery"}, headers={
            **headers, "Cookie": first.headers["set-cookie"].split(";")[0]})
        self.assertEqual(other.status, 200, other)

    def test_history_says_who_has_spoken(self):
        with self.shop.sign_in() as admin:
            session = self.ask(client=admin)["session_id"]
            told = admin.get(f"/api/shop/assistant/history/{session}").json["messages"]
        self.assertEqual([(m["provider"], m["model_id"]) for m in told],
                         [("client", None), ("openai-compatible", "fake-1")])


class Endless(Asked):
    """One that does not end by itself is not waited for long."""

    limit_ms = HASTY_MS

    def setUp(self):
        self.model.asked.clear()
        self.visitor = self.enterContext(self.shop.client())

    def test_what_does_not_end_is_ended(self):
        for mood in ENDLESS:
            with self.subTest(mood):
                self.model.mood = mood
                deadline = time.monotonic() + patience(60)
                while True:
                    answer = self.ask()
                    self.assertEqual((answer["provider"], [product["id"] for product in answer["products"]]),
                                     ("local", [39, 40]))
                    if self.model.answering > 0:
                        break  # else the time was over before a busy machine had asked it
                    self.assertLess(time.monotonic(), deadline, "it was not waited for")

    def test_few_wait_and_the_others_are_answered(self):
        self.model.mood = "hang"
        clients = [self.enterContext(self.shop.client()) for _ in range(4)]
        answers = in_parallel(4, lambda number: self.ask(client=clients[number]))
        self.assertEqual({answer["provider"] for answer in answers}, {"local"})
        self.assertLessEqual(len(self.model.asked), 4)


class Failing(Asked):
    """Whose breaker nobody else needs."""

    def test_after_five_failures_it_is_left_alone(self):
        self.model.mood = "500"
        begun = time.monotonic()
        providers = [self.ask()["provider"] for _ in range(8)]
        self.assertEqual(set(providers), {"local"})
        failed = len(self.model.asked) - 1
        self.assertIn(failed, range(5, 5 + int((time.monotonic() - begun) / RECOVERY_SECONDS) + 1))
        with self.shop.client(internal=True) as insider:
            breakers = insider.get("/api/observability/360").json["circuit_breakers"]
        self.assertEqual((breakers["assistant"]["state"], breakers["assistant"]["failure_count"]), ("open", failed))


class Misconfigured(unittest.TestCase):
    def test_what_cannot_be_is_refused_at_the_start(self):
        for url, model, word in (("ftp://x.example", "m", "must begin with https"),
                                 ("http://x.example/v1", "m", "plain HTTP"), ("https://x.example/v1/", "m", "slash"),
                                 ("https://x.example/v1", "", "OCTO_ASSISTANT_MODEL")):
            with self.subTest(url):
                instance = Instance(OCTO_ASSISTANT_URL=url, OCTO_ASSISTANT_MODEL=model)
                self.addCleanup(instance.close)
                done = instance.octo("shop")
                self.assertNotEqual(done.returncode, 0)
                self.assertTrue(re.search(word, done.stdout + done.stderr), done)
