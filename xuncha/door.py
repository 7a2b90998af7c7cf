"""Where the program is entered: the language is chosen before anything that speaks is loaded."""

from __future__ import annotations

import os
import sys

from reports.exchange import speak
from reports.language import LANGUAGES, VARIABLE, chosen


def main() -> None:
    """Run the command line in the language of `--lang`, which may stand anywhere, or of XUNCHA_LANG."""
    language = chosen(sys.argv[1:])
    os.environ[VARIABLE] = language
    sys.argv[1:] = _without_choice(sys.argv[1:])
    speak(language)
    from xuncha.cli import main as run

    run()


def _without_choice(arguments: list[str]) -> list[str]:
    """The arguments without a `--lang` that names a language there is."""
    for at, argument in enumerate(arguments):
        if argument == "--lang" and arguments[at + 1 : at + 2] and arguments[at + 1] in LANGUAGES:
            return arguments[:at] + arguments[at + 2 :]
        if argument.startswith("--lang=") and argument.removeprefix("--lang=") in LANGUAGES:
            return arguments[:at] + arguments[at + 1 :]
    return arguments
