"""What our driver asks is what npm's asks, field by field, but for what docs/oracle.md lists with its reason."""

import collections
import unittest

from support.ora_requests import messages
from support.tnsd import ROOT, recorded

DOCUMENT = ROOT / "docs/oracle.md"
HEADING = "## What it asks otherwise than Oracle's own driver"
ZONE = "SELECT DBTIMEZONE FROM DUAL"
NUMBERS = {"cursor", "cursors"}  # that a server has given, in whatever order
SENT = "(is sent)"


def documented():
    """Message and field of each row of the table."""
    table = DOCUMENT.read_text(encoding="utf-8").split(HEADING + "\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")]
    return {(message, field) for message, field, *_ in rows[1:]}


def said(driver):
    """The fields of each message, by its kind and by what it is about: a statement's text, a LOB's operation, how often."""
    found = collections.defaultdict(list)
    _, records = recorded(driver, "19c")
    for name in ("001.txt", "004.txt"):  # the first one is cut, the last one takes leave
        is_zone = False
        for kind, fields in messages((records / name).read_text(encoding="utf-8")):
            about = fields.get("text", fields.get("operation", fields["count"] if kind == "RE-EXECUTE" else None))
            if kind == "FETCH" and is_zone:
                continue
            is_zone = about == ZONE
            found[f"{kind} of DBTIMEZONE" if is_zone else kind, about].append(fields)
    return found


class Requests(unittest.TestCase):
    maxDiff = None

    def test_ours_are_npms(self):
        ours, npms = said("ours"), said("npm")
        kinds = {kind for kind, _ in ours} & {kind for kind, _ in npms}
        self.assertLessEqual({"EXECUTE", "RE-EXECUTE", "RE-EXECUTE AND FETCH", "FETCH", "LOB", "TAGS", "COMMIT", "ROLLBACK",
                              "PING", "CLOSE CURSORS", "LOGOFF"}, kinds)
        differences = collections.defaultdict(list)
        for message in ours.keys() ^ npms.keys():
            differences[message[0], SENT].append(message)
        for message in ours.keys() & npms.keys():
            for one, other in zip(ours[message], npms[message]):
                for field in one.keys() | other.keys():
                    if one.get(field) != other.get(field) and field not in NUMBERS:
                        differences[message[0], field].append((message[1], one.get(field), other.get(field)))
        self.assertEqual(differences.keys(), documented(), dict(differences))


if __name__ == "__main__":
    unittest.main()
