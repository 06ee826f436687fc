"""A PostgreSQL that wants mutual TLS, with an authority and certificates of its own.

Each service's role needs a password and a certificate of its name (clientcert=verify-full) over TLS; the
administrator comes by the local socket. `show` changes what the server shows, and waits until it does.
"""

import contextlib
import datetime
import pathlib
import socket
import ssl
import struct
import subprocess
import time
import urllib.parse

from support import postgres

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
PASSWORD = "geheim-genug"
SERVICES = ("shop", "crm")
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
DATABASE = "octo"

CA_CONF = """[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""

ACCESS = """local all all trust
hostssl all octo_shop 127.0.0.1/32 scram-sha-256 clientcert=verify-full
hostssl all octo_crm 127.0.0.1/32 scram-sha-256 clientcert=verify-full
hostssl all octo_plain 127.0.0.1/32 scram-sha-256
hostssl all octo_root 127.0.0.1/32 scram-sha-256 clientcert=verify-full
"""


def self_signed(folder):
    """Paths of a certificate for localhost that is its own authority, and of its key."""
    certificate, key = (str(pathlib.Path(folder, f"server.{kind}")) for kind in ("crt", "key"))
    subprocess.run(["openssl", "req", "-x509", *NEW_KEY, "-days", "1", "-subj", "/CN=localhost", "-keyout", key,
                    "-out", certificate], check=True, capture_output=True)
    return certificate, key


def stamp(days):
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return when.strftime("%Y%m%d%H%M%SZ")


class TlsCluster(postgres.Cluster):
    def __init__(self):
        super().__init__(roles=(), fsync="on")
        self.make_certificates()
        self.ask_for_tls()
        self.run("postgres", f"CREATE DATABASE {DATABASE}")
        for role in ("octo_shop", "octo_crm", "octo_root", "octo_plain"):
            self.run("postgres", f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        self.run("postgres", "ALTER ROLE octo_root SUPERUSER")
        for service in SERVICES:
            self.run(DATABASE, f"CREATE SCHEMA octo_{service} AUTHORIZATION octo_{service}")

    # --- certificates ---

    def path(self, name):
        return str(pathlib.Path(self.directory, name))

    def openssl(self, *arguments):
        process = self.spawn(["openssl", *map(str, arguments)])
        if process.wait() != 0:
            raise RuntimeError(f"openssl {arguments} failed:\n{self.log()}")

    def authority(self, name, days=3650, title=None):
        """A certificate that is its own authority: NAME.crt and NAME.key."""
        self.openssl("req", "-x509", *NEW_KEY, "-days", days, "-subj", f"/CN={title or 'octo test ' + name}",
                     "-addext", "subjectAltName=DNS:localhost",
                     "-keyout", f"{name}.key", "-out", f"{name}.crt")

    def certificate(self, name, title, authority="ca", names="DNS:localhost", days=(-1, 365), is_authority=False):
        """NAME.crt and NAME.key, signed by an authority, valid between two days from now."""
        extensions = [f"subjectAltName={names}"] if names else []
        extensions += ["basicConstraints=critical,CA:TRUE"] if is_authority else []
        self.openssl("req", "-new", *NEW_KEY, "-subj", f"/CN={title}",
                     *(word for extension in extensions for word in ("-addext", extension)),
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("ca", "-batch", "-config", "ca.conf", "-cert", f"{authority}.crt", "-keyfile",
                     f"{authority}.key", "-startdate", stamp(days[0]), "-enddate", stamp(days[1]),
                     "-in", f"{name}.csr", "-out", f"{name}.crt", "-notext")

    def revocations(self, name, revoked=None, days=(-1, 30)):
        """The authority's list NAME.crl, with a certificate in it."""
        ca = ("ca", "-batch", "-config", "ca.conf", "-cert", "ca.crt", "-keyfile", "ca.key")
        if revoked:
            self.openssl(*ca, "-revoke", f"{revoked}.crt")
        self.openssl(*ca, "-gencrl", "-crl_lastupdate", stamp(days[0]), "-crl_nextupdate", stamp(days[1]),
                     "-out", f"{name}.crl")
        return self.path(f"{name}.crl")

    def join(self, name, *parts):
        """A file of several PEM files."""
        pathlib.Path(self.path(name)).write_text("".join(pathlib.Path(self.path(part)).read_text() for part in parts),
                                                 encoding="ascii")
        return self.path(name)

    def make_certificates(self):
        for name, text in (("ca.conf", CA_CONF), ("index.txt", "")):
            path = pathlib.Path(self.directory, name)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o666)
        self.authority("ca")
        self.authority("other_ca")
        self.certificate("server", "localhost")
        for role in ("octo_shop", "octo_crm", "octo_root"):
            self.certificate(role, role)

    def ask_for_tls(self):
        """In the server's files, so that `show` can change it and undo that."""
        pathlib.Path(self.path("data/pg_hba.conf")).write_text(ACCESS, encoding="utf-8")
        with open(self.path("data/postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(f"ssl = on\nssl_ca_file = '{self.path('ca.crt')}'\n"
                       f"ssl_cert_file = '{self.path('server.crt')}'\n"
                       f"ssl_key_file = '{self.path('server.key')}'\n")
        self.use_own()

    def stranger(self, name, **options):
        """A certificate of another authority that carries the same name as ours."""
        if not pathlib.Path(self.path("twin_ca.crt")).exists():
            self.authority("twin_ca", title="octo test ca")
        self.certificate(name, authority="twin_ca", **options)

    # --- the server ---

    def url(self, role, database):
        """By the local socket."""
        return f"postgresql://{role}@/{database}?host={self.directory}&port={self.port}"

    def tls_url(self, role, host="localhost", password=PASSWORD, port=None, database=DATABASE, **options):
        """By mutual TLS; a file that is None is left out."""
        query = {"sslmode": "verify-full", "sslrootcert": self.path("ca.crt"),
                 "sslcert": self.path(f"{role}.crt"), "sslkey": self.path(f"{role}.key"), **options}
        query = {name: value for name, value in query.items() if value is not None}
        return (f"postgresql://{role}:{password}@{host}:{port or self.port}/{database}"
                f"?{urllib.parse.urlencode(query)}")

    def shown(self):
        """The certificate that the server shows now, None without TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port), timeout=postgres.START_SECONDS) as plain:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                return None
            with context.wrap_socket(plain) as encrypted:
                return encrypted.getpeercert(binary_form=True)

    def wait_shown(self, wanted):
        deadline = time.monotonic() + postgres.START_SECONDS
        while self.shown() != wanted:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server does not take its new settings:\n{self.log()}")
            time.sleep(0.02)

    def der(self, name):
        first = pathlib.Path(self.path(f"{name}.crt")).read_text().split(ssl.PEM_FOOTER)[0]
        return ssl.PEM_cert_to_DER_cert(first + ssl.PEM_FOOTER)

    @contextlib.contextmanager
    def show(self, name):
        """Meanwhile the server shows another certificate; None: it has no TLS."""
        if name is None:
            self.alter("ssl", "off")
        else:
            self.alter("ssl_cert_file", self.path(f"{name}.crt"))
            self.alter("ssl_key_file", self.path(f"{name}.key"))
        self.reload()
        try:
            self.wait_shown(self.der(name) if name else None)
            yield
        finally:
            self.use_own()

    def alter(self, setting, value):
        self.run("postgres", f"ALTER SYSTEM SET {setting} = '{value}'")

    def reload(self):
        self.run("postgres", "SELECT pg_reload_conf()")

    def use_own(self):
        self.run("postgres", "ALTER SYSTEM RESET ALL")
        self.reload()
        self.wait_shown(self.der("server"))


def is_there():
    return postgres.is_there() and subprocess.run(
        ["openssl", "version"], capture_output=True, check=False).returncode == 0
