"""Files of the portal: kept under ids of its own, given back byte for byte, and never found by a name."""

import hashlib
import re
import unittest

from support.harness import Instance

MOST = 4 << 20
BOUNDARY = "----of-a-browser"


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = cls.enterClassContext(Instance())
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

    def test_the_same_upload_is_stored_once(self):
        keyed = {"Idempotency-Key": "upload-of-today"}
        first, second = (self.upload(b"once", **keyed) for _ in range(2))
        self.assertEqual(first.raw, second.raw)
        self.assertEqual(self.crm.value("SELECT count(*) FROM files WHERE file_id = ?", first.json["file_id"]), 1)
        self.assertTrue(re.search("[0-9a-f]{32}", first.json["file_id"]))


if __name__ == "__main__":
    unittest.main()
