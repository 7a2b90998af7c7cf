"""How a command ends when something is wrong: one clear line on stderr and the right exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from reports.language import say


def stop(message: str, code: int) -> NoReturn:
    """End with one line on stderr."""
    typer.echo(f"xuncha：{say(message)}", err=True)
    raise typer.Exit(code)


@contextmanager
def faults() -> Iterator[None]:
    """Turn the operator's mistakes into one clear line and the right exit code."""
    try:
        yield
    except KeyboardInterrupt:
        stop("已中断；再执行同一条命令会接着做", 130)
    except typer.Exit:
        raise
    except Exception as error:
        # What a fault is called is known to rooms that weigh much: they are loaded when there is one.
        code = _code_of(error)
        if code is None:
            raise
        words = (
            f"{error.filename or ''}：{error.strerror or error}" if isinstance(error, OSError) else str(error)
        )
        stop(words, code)


def _code_of(error: Exception) -> int | None:
    """The exit code of a mistake of the operator's or of the site's, None for a fault of ours."""
    from checks.answers import AnswerError
    from checks.standard import StandardError
    from checks.store import StoreError
    from crawler.evidence.schema import EvidenceSchemaError
    from crawler.room import NoRoom
    from crawler.siteconfig import SiteConfigError
    from crawler.workline import WorkLost
    from reports.errors import ReportError
    from xuncha.faults import NotSealed, SiteUnreachable, UnknownName

    if isinstance(error, SiteUnreachable | WorkLost | NoRoom):
        return 3
    wrong_use = (
        SiteConfigError, StandardError, EvidenceSchemaError, StoreError, ReportError, AnswerError,
        UnknownName, NotSealed, OSError,
    )  # fmt: skip
    return 2 if isinstance(error, wrong_use) else None
