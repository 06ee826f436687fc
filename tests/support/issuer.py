"""A provider of OpenID Connect: gives codes for whom a test names, and ID tokens with whatever is wrong in them that it
asks for."""

import base64
import hashlib
import http.server
import json
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT = "octo client"  # with a blank, which has to be encoded
SECRET = "s+cret/of the client:1"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class Key:
    """That the issuer signs with."""

    def __init__(self, name, bits=2048):
        self.name = name
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)

    def public(self):
        numbers = self.private.public_key().public_numbers()
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.name, "n": number(numbers.n), "e": number(numbers.e)}

    def token(self, claims, **header):
        head = {"alg": "RS256", "kid": self.name, **header}
        text = ".".join(base64url(json.dumps(part).encode()) for part in (head, claims))
        return f"{text}.{base64url(self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Issuer:
    """Listens until it is closed. `published` are the keys that it shows; `asked` counts what was asked of it."""

    def __init__(self):
        self.key = Key("first")
        self.published = [self.key]
        self.codes = {}  # what a code is worth, once
        self.asked = {}
        self.fault = None  # a status that everything is answered with
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.answer(self, outer.tell(self.path))

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                outer.answer(self, outer.redeem({name: values[0] for name, values in form.items()}, self.headers))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler, answer):
        status, body = (self.fault, {}) if self.fault else answer
        data = json.dumps(body).encode()
        self.asked[handler.path] = self.asked.get(handler.path, 0) + 1
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def tell(self, path):
        if path == "/.well-known/openid-configuration":
            return 200, {"issuer": self.url, "authorization_endpoint": f"{self.url}/authorize?tenant=1",
                         "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
                         "end_session_endpoint": f"{self.url}/end"}
        return (200, {"keys": [key.public() for key in self.published]}) if path == "/keys" else (404, {})

    def claims(self, flow, subject, **other):
        now = int(time.time())
        return {"iss": self.url, "aud": CLIENT, "sub": subject, "iat": now, "exp": now + 300, "nonce": flow["nonce"], **other}

    def code_for(self, flow, token):
        """What a browser brings back from an authorization whose query was `flow`."""
        code = f"code/{len(self.codes)}"
        self.codes[code] = (flow, token)
        return code

    def redeem(self, form, headers):
        pair = ":".join(urllib.parse.quote(part, safe="") for part in (CLIENT, SECRET))
        if headers["Authorization"] != "Basic " + base64.b64encode(pair.encode()).decode():
            return 401, {"error": "invalid_client"}
        flow, token = self.codes.pop(form["code"], (None, None))
        if flow is None or form["redirect_uri"] != flow["redirect_uri"] or form["grant_type"] != "authorization_code" or \
                base64url(hashlib.sha256(form["code_verifier"].encode()).digest()) != flow["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
