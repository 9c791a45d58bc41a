"""Asks AWS many things: lines of a name and the words after `aws`, each answer into FOLDER/name.json.

One process for all of them where the aws command is a package of this Python: starting it takes a second, a question
a few milliseconds. Where it is not (version 2 brings its own Python), the command is started for each.
"""

import contextlib
import shlex
import subprocess
import sys
from pathlib import Path

try:
    from awscli.clidriver import create_clidriver

    DRIVER = create_clidriver()
except ImportError:
    DRIVER = None


def ask(words, output):
    words = [*words, "--output", "json"]
    if DRIVER is None:
        return subprocess.run(["aws", *words], stdout=output, check=False).returncode
    with contextlib.redirect_stdout(output):
        return DRIVER.main(words)


folder = Path(sys.argv[1])
for line in sys.stdin:
    name, *words = shlex.split(line)
    with open(folder / f"{name}.json", "w", encoding="utf-8") as output:
        if ask(words, output) != 0:
            print(f"not read: {name}", file=sys.stderr)
