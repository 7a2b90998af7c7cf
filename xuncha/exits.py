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
    from checks.answers import AnswerError
    from checks.standard import StandardError
    from checks.store import StoreError
    from crawler.evidence.schema import EvidenceSchemaError
    from crawler.room import NoRoom
    from crawler.siteconfig import SiteConfigError
    from crawler.workline import WorkLost
    from reports.errors import ReportError
    from xuncha.faults import NotSealed, SiteUnreachable, UnknownName

    try:
        yield
    except (
        SiteConfigError,
        StandardError,
        EvidenceSchemaError,
        StoreError,
        ReportError,
        AnswerError,
    ) as error:
        stop(str(error), 2)
    except (UnknownName, NotSealed) as error:
        stop(str(error), 2)
    except (SiteUnreachable, WorkLost, NoRoom) as error:
        stop(str(error), 3)
    except OSError as error:
        stop(f"{error.filename or ''}：{error.strerror or error}", 2)
    except KeyboardInterrupt:
        stop("已中断；再执行同一条命令会接着做", 130)
