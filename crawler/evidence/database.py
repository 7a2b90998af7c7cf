"""sqlite-utils without numpy, for whose column types it looks: loading it takes 27 MB in every process of a walk."""

from __future__ import annotations

import sys
from typing import Any

_modules: dict[str, Any] = sys.modules
_unloaded = "numpy" not in _modules
if _unloaded:
    # What is None here cannot be imported.
    _modules["numpy"] = None
try:
    from sqlite_utils import Database, Migrations
finally:
    if _unloaded:
        del _modules["numpy"]

__all__ = ["Database", "Migrations"]
