"""The `az` commands on the pages of the controls, read by the parser of azure-cli itself.

    pip install azure-cli==2.91.0
    python -m unittest discover --start-directory tests/pages

No command runs: its name, options and choices are parsed, and nothing is asked of Azure. What an
extension adds is not part of the package and is left out.
"""

import contextlib
import io
import os
import re
import shlex
import tempfile
import unittest
from pathlib import Path

CONTROLS = Path(__file__).resolve().parents[2] / "crates/controls/src"
# Groups and options of the extensions azure-firewall, bastion, front-door and aks-preview.
EXTENSIONS = re.compile(r"network (firewall|bastion|front-door|ip-group) |.* --ssh-access ")


def commands():
    """Each command with the page that shows it."""
    for page in sorted(CONTROLS.glob("*/*.md")):
        fix = page.read_text().partition("\n## How to fix\n")[2].partition("\n## ")[0]
        for block in re.findall(r"```bash\n(.*?)\n```", fix, re.S):
            for line in re.sub(r"\\\n\s*", " ", block).splitlines():
                if line.startswith("az ") and not line.startswith("az rest "):
                    yield page.stem, line.removeprefix("az ")


class Parsed(Exception):
    """A command was understood; it goes no further."""


def stop(*_, **__):
    raise Parsed


def problem(arguments):
    """What the parser of azure-cli has against a command."""
    from azure.cli.core import get_default_cli
    from knack.events import EVENT_INVOKER_POST_PARSE_ARGS
    from knack.util import CLIError

    cli = get_default_cli()
    cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)
    cli.invocation = cli.invocation_cls(
        cli_ctx=cli,
        parser_cls=cli.parser_cls,
        commands_loader_cls=cli.commands_loader_cls,
        help_cls=cli.help_cls,
    )
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            cli.invocation.execute(arguments)
    except Parsed:
        return None
    except SystemExit:
        return said.getvalue()
    except CLIError as error:
        # Ids are looked at after all was parsed, and those on the pages are placeholders.
        return None if "invalid resource ID" in str(error) else str(error)
    return "it was not parsed"


class AzCommands(unittest.TestCase):
    def test_every_command_parses(self):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["AZURE_CONFIG_DIR"] = folder
            os.environ["AZURE_CORE_COLLECT_TELEMETRY"] = "no"
            os.environ["AZURE_EXTENSION_USE_DYNAMIC_INSTALL"] = "no"
            count = 0
            for page, line in commands():
                if EXTENSIONS.match(line):
                    continue
                count += 1
                line = re.sub(r"@\S+\.json", "{}", line)  # a file that isn't there
                with self.subTest(page=page, command=line):
                    self.assertIsNone(problem(shlex.split(line, comments=True)))
            self.assertGreater(count, 150)


if __name__ == "__main__":
    unittest.main()
