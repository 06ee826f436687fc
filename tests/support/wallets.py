"""Certificates and wallets for the listener and its clients, made with openssl."""

import os
import pathlib
import subprocess

WALLET_PASSWORD = "w4llet"
RSA, EC = ("rsa:2048",), ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")  # an EC key is made in no time
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


def openssl(*arguments, moment=None):
    """`moment`: another time than now, as libfaketime takes it."""
    environment = dict(os.environ, **({"LD_PRELOAD": FAKETIME, "FAKETIME": moment} if moment else {}))
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, env=environment)


class Authority:
    """An authority of its own, in a directory."""

    def __init__(self, directory, name="authority"):
        self.directory = pathlib.Path(directory)
        self.key = self.directory / f"{name}.key"
        self.certificate = self.directory / f"{name}.pem"
        openssl("req", "-x509", "-newkey", *EC, "-nodes", "-keyout", self.key, "-out", self.certificate,
                "-subj", f"/O=Octo/CN={name}", "-days", "30", "-addext", "keyUsage=critical,keyCertSign")

    def issue(self, name, *names, moment=None, kind=EC, key=None):
        """Paths of a key, which may be there already, and a certificate for it; `names` are its alternative names."""
        made, request, certificate = (self.directory / f"{name}.{ending}" for ending in ("key", "csr", "crt"))
        extensions = self.directory / f"{name}.ext"
        extensions.write_text("subjectAltName=" + ",".join(names) if names else "basicConstraints=CA:FALSE")
        of = ("-key", key) if key else ("-newkey", *kind, "-nodes", "-keyout", made)
        openssl("req", "-new", *of, "-out", request, "-subj", f"/O=Octo/CN={name}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", 30, "-extfile", extensions, "-out", certificate, moment=moment)
        return key or made, certificate

    def wallet(self, name, key, *certificates, cipher=("-v2", "aes-256-cbc"), password=WALLET_PASSWORD):
        """A directory with ewallet.pem; without a cipher its key stands as it is, and None is no key."""
        directory = self.directory / name
        directory.mkdir()
        text = ""
        if key:
            enciphered = self.directory / f"{name}.enciphered"
            if cipher:
                form = ("pkcs8", "-topk8") if cipher[0] in ("-v1", "-v2") else ("rsa", "-traditional")
                openssl(*form, "-in", key, "-out", enciphered, "-passout", f"pass:{password}", *cipher)
            else:
                enciphered.write_bytes(key.read_bytes())
            text += enciphered.read_text()
        text += "".join("subject=a remark between the blocks\n" + pathlib.Path(c).read_text() for c in certificates)
        (directory / "ewallet.pem").write_text(text)
        return directory

    def p12(self, name, key, *certificates, options=(), password=WALLET_PASSWORD):
        """A directory with ewallet.p12; without a key the certificates alone."""
        directory = self.directory / name
        directory.mkdir()
        together = self.directory / f"{name}.together"
        together.write_text("".join(pathlib.Path(part).read_text() for part in ([key] if key else []) + list(certificates)))
        openssl("pkcs12", "-export", "-in", together, *(() if key else ("-nokeys",)), "-out", directory / "ewallet.p12",
                "-passout", f"pass:{password}", *options)
        return directory
