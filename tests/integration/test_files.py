"""Files of the portal: kept under ids of its own, given back byte for byte, and never found by a name."""

import concurrent.futures
import hashlib
import http.server
import re
import threading
import unittest

from support.harness import Client, Instance

MOST = 4 << 20
STORE_MB, ROW = 64, 1024  # of all files together; of each besides its size
BOUNDARY = "----of-a-browser"


class Host(http.server.BaseHTTPRequestHandler):
    """Of files: what it answers is in the address. `asked` has all requests, with what came along."""

    asked = []

    def do_GET(self):  # pylint: disable=invalid-name
        Host.asked.append((self.path, dict(self.headers)))
        name, _, size = self.path.strip("/").rpartition("-")
        status = {"moved": 302, "gone": 404, "broken": 500, "empty-answer": 204}.get(name, 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/moved-here.txt-1")
        if not name.startswith("cut"):
            self.send_header("Content-Length", "0" if status == 204 else size)
        else:
            self.send_header("Content-Length", str(int(size) + 1))
        self.end_headers()
        if status != 204:
            self.wfile.write(b"x" * int(size))

    def log_message(self, *_):
        pass


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
        threading.Thread(target=host.serve_forever, daemon=True).start()
        cls.addClassCleanup(host.server_close)
        cls.addClassCleanup(host.shutdown)
        cls.port = host.server_port
        cls.instance = cls.enterClassContext(Instance(
            FILE_STORE_MB=str(STORE_MB), FILE_IMPORT_HOSTS=f"localhost, 127.0.0.1:{cls.port}, 127.0.0.2:{cls.port}", FILE_IMPORT_NETWORKS="127.0.0.1"))
        cls.crm = cls.instance.crm
        cls.admin = cls.enterClassContext(cls.crm.sign_in())
        cls.nobody = cls.enterClassContext(cls.crm.client())

    def upload(self, content, name="survey.pdf", client=None, field="file", **headers):
        file_name = f'; filename="{name}"' if name is not None else ""
        body = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{file_name}\r\n'
                "Content-Type: text/html\r\n\r\n").encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        return (client or self.admin).post("/api/files/upload", body, headers={
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **headers})

    def download(self, path, client=None):
        return (client or self.admin).get("/api/files/download" + (f"?path={path}" if path is not None else ""))

    def test_bytes_come_back_as_they_were(self):
        for content in (b"", b"\0", b"<script>\r\n--\r\n", bytes(range(256)) * 7, b"\xff" * MOST):
            made = self.upload(content, "Vermessung \u03a9 \U0001f681.html")
            self.assertEqual(made.status, 200, made)
            self.assertEqual((made.json["size"], made.json["sha256"]), (len(content), hashlib.sha256(content).hexdigest()))
            self.assertRegex(made.json["file_id"], "^[0-9a-f]{32}$")
            given = self.download(made.json["file_id"])
            self.assertEqual((given.status, given.raw), (200, content))
            self.assertEqual(given.headers["content-type"], "application/octet-stream")
            self.assertEqual(given.headers["content-disposition"],
                             "attachment; filename*=UTF-8''Vermessung%20%CE%A9%20%F0%9F%9A%81.html")
            self.assertEqual(given.headers["x-content-type-options"], "nosniff")
            newest = self.admin.get("/api/files?limit=1").json["files"][0]
            self.assertEqual({name: newest[name] for name in ("file_id", "size", "uploaded_by")}, {
                "file_id": made.json["file_id"], "size": len(content), "uploaded_by": "admin"})

    def test_a_name_is_no_path(self):
        for sent, kept in (("../../etc/passwd", "passwd"), ("C:\\fakepath\\a.txt", "a.txt"), ("a/b\\c", "c"),
                           ("%2e%2e%2fx", "%2e%2e%2fx")):
            made = self.upload(b"x", sent)
            self.assertEqual((made.status, made.json.get("filename")), (200, kept), made)
            for path in (sent, kept, kept.replace(" ", "%20")):
                self.assertEqual(self.download(path.replace("%", "%25").replace("\\", "%5C")).status, 404, path)
        for name in ("", ".", "..", "/", "a/..", "x" * 201, "a\tb", None):
            self.assertEqual(self.upload(b"x", name).status, 422, name)
        self.assertRegex(self.instance.crm.log(), "file_upload")

    def test_what_is_too_long_or_no_form_is_refused(self):
        self.assertEqual(self.upload(b"x" * (MOST + 1)).status, 413)
        self.assertEqual(self.upload(b"x" * (2 * MOST)).status, 413)
        self.assertEqual(self.upload(b"x", field="other").status, 422)
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        for body in (b"x", f"--{BOUNDARY}".encode(), f"--{BOUNDARY}\r\n\r\n".encode()):
            self.assertEqual(self.admin.post("/api/files/upload", body, headers=form).status, 400, body)
        self.assertEqual(self.admin.post("/api/files/upload", {"file": "x"}).status, 415)
        self.assertEqual(self.download(None).status, 422)

    def test_they_are_for_staff(self):
        made = self.upload(b"secret").json["file_id"]
        self.assertEqual(self.upload(b"x", client=self.nobody).status, 401)
        self.assertEqual(self.download(made, self.nobody).status, 401)
        self.assertEqual(self.nobody.get("/api/files").status, 401)
        with self.crm.client(internal=True) as service:
            self.assertEqual(self.upload(b"x", client=service).status, 403)
            self.assertEqual(self.download(made, service).raw, b"secret")

    def fetch(self, path, client=None, host="127.0.0.1", **headers):
        return (client or self.admin).post("/api/files/import-url", {"url": f"http://{host}:{self.port}/{path}"},
                                           headers=headers)

    def test_a_file_is_fetched_from_a_host_that_is_named(self):
        for path, name, size in (("a.csv-0", "a.csv-0", 0), ("x/%CE%A9%20y-7?q=1-7", "\u03a9 y-7", 7), (f"b-{MOST}", f"b-{MOST}", MOST),
                                 ("a%2F..%2Fpasswd-3", "passwd-3", 3)):
            made = self.fetch(path)
            self.assertEqual(made.status, 200, made)
            content = b"x" * size
            self.assertEqual(made.json, {
                "status": "imported", "url": f"http://127.0.0.1:{self.port}/{path}", "status_code": 200, "filename": name,
                "content_length": size, "file_id": made.json["file_id"], "sha256": hashlib.sha256(content).hexdigest()})
            self.assertEqual(self.download(made.json["file_id"]).raw, content)
        for _, headers in Host.asked:
            self.assertLessEqual({name.lower() for name in headers}, {"host", "accept", "user-agent"}, headers)

    def test_what_is_not_to_be_fetched_is_not_asked_for(self):
        def others():
            return sum("secret" in path for path, _ in Host.asked)
        before = others()
        for host in ("127.0.0.2", "localhost", "127.0.0.3", "example.com", "0.0.0.0", "[::1]"):
            self.assertEqual(self.fetch("secret-1", host=host).status, 422, host)
        for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "http://", "127.0.0.1", f"http://a:b@127.0.0.1:{self.port}/secret-1",
                    "http://127.0.0.1/secret-1", "x" * 2001, ""):
            answer = self.admin.post("/api/files/import-url", {"url": url})
            self.assertEqual((answer.status, [fault["pointer"] for fault in answer.json["errors"]]), (422, ["/url"]), answer)
        self.assertEqual(others(), before)
        self.assertRegex(self.instance.crm.log(), "type=ssrf")

    def test_an_answer_that_is_no_file_is_told_of(self):
        for path, status, word in (("moved-1", 502, "status 302"), ("gone-1", 502, "status 404"), ("broken-1", 502, "status 500"),
                                   ("empty-answer-1", 502, "status 204"), ("cut-5", 502, "127.0.0.1"),
                                   (f"large-{MOST + 1}", 422, "larger than")):
            answer = self.fetch(path)
            self.assertEqual(answer.status, status, answer)
            self.assertIn(word, answer.json["detail"])
        self.assertNotIn("/moved-here.txt-1", [path for path, _ in Host.asked], "a redirect was followed")

    def test_the_same_fetch_is_made_once(self):
        first, second = (self.fetch("once-1", **{"Idempotency-Key": "fetch-of-today"}) for _ in range(2))
        self.assertEqual((first.status, first.raw), (200, second.raw))
        self.assertEqual(sum(path == "/once-1" for path, _ in Host.asked), 1)

    def test_nothing_is_fetched_unless_hosts_are_named(self):
        with Instance() as instance, instance.crm.sign_in() as admin:
            self.assertEqual(self.fetch("off-1", client=admin).status, 404)
        self.assertNotIn("/off-1", [path for path, _ in Host.asked])

    def test_xml_has_one_form(self):
        def parse(body, kind="application/xml"):
            return self.admin.post("/api/files/parse-xml", body, headers={"Content-Type": kind})
        text = "<?xml version='1.0'?><!-- x --><order id='7'><line sku=\"A&amp;B\"></line>\u03a9</order>".encode()
        self.assertEqual(parse(text).json, {"status": "parsed", "root": "order", "elements": 2, "depth": 2,
                                            "result": '<order id="7"><line sku="A&amp;B"/>\u03a9</order>'})
        self.assertEqual(parse(b"<a/>", "text/xml; charset=utf-8").json["result"], "<a/>")
        for body, kind, status in ((b"<a>", "application/xml", 400), (b"", "application/xml", 400), (b"<a/>", "application/json", 415),
                                   (b"<a>" + b"x" * (256 << 10) + b"</a>", "application/xml", 413),
                                   (b"<a>" * 65 + b"</a>" * 65, "application/xml", 422)):
            self.assertEqual(parse(body, kind).status, status, (body[:20], kind))
        for body in (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
                     f"<!DOCTYPE a SYSTEM 'http://127.0.0.1:{self.port}/dtd-1'><a/>".encode()):
            self.assertEqual(parse(body).status, 422)
        self.assertRegex(self.instance.crm.log(), "type=xxe")
        self.assertNotIn("/dtd-1", [path for path, _ in Host.asked])

    def fill_up_to(self, left):
        """Says that all files take so much that `left` bytes more may come."""
        self.crm.execute("UPDATE file_store SET bytes = ?", (STORE_MB << 20) - left)

    def test_all_together_take_no_more_than_is_set_and_give_it_back(self):
        taken = self.crm.value("SELECT bytes FROM file_store")
        self.assertEqual(taken, self.crm.value("SELECT coalesce(sum(size + ?), 0) FROM files", ROW))
        self.addCleanup(self.crm.execute, "UPDATE file_store SET bytes = (SELECT sum(size + 1024) FROM files)")
        self.fill_up_to(2 * (100 + ROW) - 1)
        first = self.upload(b"x" * 100)
        self.assertEqual(first.status, 200, first)
        refused = self.upload(b"x" * 100)
        self.assertEqual(refused.status, 409, refused)
        self.assertIn("FILE_STORE_MB", refused.json["detail"])
        self.assertEqual(self.fetch("a-100").status, 409)
        with self.crm.client(internal=True) as service:
            self.assertEqual(service.call("DELETE", f"/api/files/{first.json['file_id']}").status, 403)
        self.assertEqual(self.admin.call("DELETE", f"/api/files/{first.json['file_id']}").json["status"], "removed")
        self.assertEqual(self.download(first.json["file_id"]).status, 404)
        self.assertEqual(self.upload(b"x" * 100).status, 200)

    def test_of_many_at_once_as_many_are_kept_as_there_is_room_for(self):
        self.addCleanup(self.crm.execute, "UPDATE file_store SET bytes = (SELECT sum(size + 1024) FROM files)")
        self.fill_up_to(3 * (1 + ROW))
        with concurrent.futures.ThreadPoolExecutor(8) as crowd:
            answers = list(crowd.map(self.upload_alone, range(8)))
        self.assertEqual(sorted(answers), [200] * 3 + [409] * 5)

    def upload_alone(self, number):
        with Client(self.crm.port, self.admin.headers) as client:
            return self.upload(b"x", f"file-{number}", client=client).status

    def test_the_same_upload_is_stored_once(self):
        keyed = {"Idempotency-Key": "upload-of-today"}
        first, second = (self.upload(b"once", **keyed) for _ in range(2))
        self.assertEqual(first.raw, second.raw)
        self.assertEqual(self.crm.value("SELECT count(*) FROM files WHERE file_id = ?", first.json["file_id"]), 1)
        self.assertTrue(re.search("[0-9a-f]{32}", first.json["file_id"]))


if __name__ == "__main__":
    unittest.main()
