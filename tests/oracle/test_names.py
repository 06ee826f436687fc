"""Connect strings stand for the same with Oracle's drivers and with ours: npm's reads both forms, Debian's python3-oracledb
says whether two descriptors are the same."""

import json
import subprocess
import unittest

from support import npm
from support.tnsd import BUILD, DEBIANS_PYTHON, DRIVERS

STRINGS = (
    "db/svc",
    "db:1522/svc",
    "//db/svc",
    "tcp://db.example.org:65535/orders.example.org",
    "tcps://db:2484/svc",
    "TCPS://[::1]/svc",
    "[fe80::1:2]:1522/my_svc-1",
    "[::1],db2:1522/svc",
    "db/",
    "db/svc:dedicated",
    "db/svc:shared",
    "db:1522/svc:pooled/inst",
    "h1,h2:1522,h3/svc",
    "h1:1,h2:2/svc?load_balance=off",
    "h1;h2/svc",
    "h1,h2;[::1],h3:1522/svc",
    "db/svc?retry_count=3&retry_delay=2&transport_connect_timeout=5&connect_timeout=10",
    "db/svc?sdu=65535&pool_connection_class=shop&pool_purity=self&unknown=1",
    "db/svc?failover=off&source_route=on",
    'tcps://db/svc?wallet_location=/etc/w&ssl_server_cert_dn="CN=db, O=Octo"&ssl_server_dn_match=off',
    'tcps://db/svc?wallet_location="/etc/my wallet"&retry_count=1',
    "tcps://db/svc?https_proxy=proxy.example.org&https_proxy_port=3128",
    "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))",
    "(description= (retry_count=20)(retry_delay=3)(address=(protocol=tcps)(port=1522)(host=adb.example.org))"
    "(connect_data=(service_name=x_high.adb.example.org))(security=(ssl_server_dn_match=yes)))",
    "(DESCRIPTION=(ADDRESS_LIST=(LOAD_BALANCE=on)(ADDRESS=(HOST=a))(ADDRESS=(HOST=b)(PORT=1)))(CONNECT_DATA=(SID=s)"
    "(SERVER=pooled)))",
    "(DESCRIPTION_LIST=(FAILOVER=off)(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=X)))"
    "(DESCRIPTION=(ADDRESS=(HOST=b))(CONNECT_DATA=(SID=X))))",
    "(DESCRIPTION=\n  (ADDRESS=(HOST=db)(PORT=1521))\n\t(CONNECT_DATA =\n (SERVICE_NAME = svc)))\n",
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db))(SECURITY=(SSL_SERVER_CERT_DN="CN=db, O=Octo")))',
)


def ask(command, texts):
    done = subprocess.run(command, input=json.dumps(texts), cwd=DRIVERS, text=True, capture_output=True, timeout=60,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr}")
    return json.loads(done.stdout)


class Names(unittest.TestCase):
    def test_all_three_drivers_agree(self):
        npm.need(DRIVERS)
        done = subprocess.run([BUILD / "tests/oracle/ora-names", *STRINGS], text=True, capture_output=True, timeout=60,
                              check=False)
        self.assertEqual(done.returncode, 0, done)
        ours = done.stdout.splitlines()
        npms = ask(["node", "names.js"], list(STRINGS))
        self.assertEqual(len(ours), len(STRINGS))
        read = ask([DEBIANS_PYTHON, "names.py"], ours + npms)
        for text, our, its in zip(STRINGS, read, read[len(STRINGS):]):
            with self.subTest(text=text):
                self.assertEqual(our, its)


if __name__ == "__main__":
    unittest.main()
