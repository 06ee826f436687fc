"""The commands of a document, as a reader would type them.

What is run, and in which order:

- Blocks fenced by ``` alone, or ```sh, hold commands. Any other word behind the fence (```text, ```sql, ```json)
  says that it is to be read. So does the line `<!-- not run: REASON -->` above the fence.
- Where lines of a block begin with "$ ", these are its commands and the others what is printed: each of them stands
  in the output, in this order. A line "..." stands for any lines.
- A comment of one word behind a command is printed by it: `./octo sqlid 'select 1'  # 7xbq3z1d2k5mh`. A comment of
  several words is for the reader.
- A command may go on over several lines, as bash understands them. `export` and `cd` hold to the end of the
  document.
- `octo up`, `octo shop` and `octo crm` go on until the next of them or the end of the document; the next command is
  typed when they are ready. One with --watch is looked at for a moment and ended by Ctrl-C.
- Each command ends with 0, and what curl asks is not refused.
- A block with `sudo`, `su`, `runuser` or `apt-get` is for who may; for others it and the rest of its section are left out.
"""

import dataclasses
import re
import subprocess

FENCE = re.compile(r"\s*```(\w*)\s*$")
NOT_RUN = re.compile(r"\s*<!-- not run: (.+) -->\s*$")
HEADING = re.compile(r"#+ (.+)")
COMMENT = re.compile(r"\s+#\s+")
FOR_ROOT = re.compile(r"(?m)(^|[|;&(]\s*)(sudo|su|runuser|apt-get|apt)\s")
STAYS = re.compile(r"(^|\s|/)octo\s+(up|shop|crm)\b(?!.*--help)")


@dataclasses.dataclass
class Command:
    where: str  # "README.md:13"
    section: str
    text: str
    expected: list = dataclasses.field(default_factory=list)  # lines of the output, in order
    needs_root: bool = False
    not_run: str = ""  # why

    @property
    def stays(self):
        return bool(STAYS.search(self.text))

    @property
    def watches(self):
        return "--watch" in self.text


def is_whole(text):
    """Would bash run it, or wait for more?"""
    done = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stderr and not text.endswith("\\")


def split_comment(line):
    """A line without its comment, and the comment's only word. What is quoted is no comment."""
    for sign in COMMENT.finditer(line):
        if is_whole(line[:sign.start()]):
            words = line[sign.end():].split()
            return line[:sign.start()], words[0] if len(words) == 1 else None
    return line, None


def commands_of_block(lines, first, name, section):
    """`first` is the number of the first line."""
    commands = []
    has_prompts = any(line.startswith("$ ") for line in lines)
    text = None
    for number, line in enumerate(lines, first):
        if text is None:
            if has_prompts and not line.startswith("$ "):
                if commands and line.strip():
                    commands[-1].expected.append(line.strip())
                continue
            line = line[2:] if has_prompts else line
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            commands.append(Command(f"{name}:{number}", section, ""))
        text = line if text is None else f"{text}\n{line}"
        if is_whole(text):
            text, word = split_comment(text)
            commands[-1].text = text
            commands[-1].expected += [word] if word else []
            text = None
    if text is not None:
        raise ValueError(f"{commands[-1].where}: not a whole command: {text}")
    return commands


def read(path, name):
    """The commands of a document in order, those too that are not run."""
    commands = []
    section, reason, block, language = "", "", None, ""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file.read().splitlines(), 1):
            fence = FENCE.match(line)
            if fence and block is None:
                block, first, language = [], number + 1, fence.group(1)
            elif fence:
                if language in ("", "sh"):
                    found = commands_of_block(block, first, name, section)
                    needs_root = bool(FOR_ROOT.search("\n".join(block)))
                    for command in found:
                        command.needs_root, command.not_run = needs_root, reason
                    commands += found
                block, reason = None, ""
            elif block is not None:
                block.append(line)
            elif line.strip():
                heading = HEADING.match(line)
                section = heading.group(1) if heading else section
                note = NOT_RUN.match(line)
                reason = note.group(1) if note else ""
    return commands


def missing(expected, output):
    """The first line that is expected and not printed; None: all are there, in order. Blanks count once."""
    rest = [" ".join(line.split()) for line in output.splitlines()]
    for line in (" ".join(line.split()) for line in expected if line != "..."):
        while rest and line not in rest[0]:
            rest.pop(0)
        if not rest:
            return line
    return None
