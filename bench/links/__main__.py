"""The link verdicts measured.

    python -m bench.links [peers] [real] [generated] [side_by_side] [--pages N]

Without a name the first three run. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument(
        "parts", nargs="*", choices=("peers", "real", "generated", "side_by_side", []), default=[]
    )
    asked.add_argument("--pages", type=int, default=1_000, help="pages of the generated site")
    options = asked.parse_args()
    parts = options.parts or ("peers", "real", "generated")
    if "peers" in parts:
        from bench.links import peers

        peers.report()
    if "real" in parts:
        from bench.links import real

        real.report()
    if "generated" in parts:
        from bench.links import generated

        generated.report(options.pages)
    if "side_by_side" in parts:
        from bench.links import side_by_side

        side_by_side.report(options.pages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
