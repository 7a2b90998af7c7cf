"""How an attempt ended, said once for all: exception or status in, outcome and plain words out."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl

from crawler.evidence.records import FetchOutcome

IMPATIENT = frozenset({429, 503})
"""Statuses by which a server asks to be left in peace for a while."""

WALL_STATUS = frozenset({405, 412, 418, 429, 468, 493, 521})
"""Statuses that gateways use against robots; what a page behind them says decides for the others."""


class NotAllowed(Exception):
    """Raised when an address must not be asked: the message says why."""


class Dropped(Exception):
    """Raised when a server closed the connection before it had answered."""


class NotHttp(Exception):
    """Raised when what a server sent is no HTTP answer."""


class TooManyRedirects(Exception):
    """Raised when redirects lead in a circle or do not end."""


class Stalled(TimeoutError):
    """Raised when a server began to answer and did not finish in time; `status` is what it began with."""

    def __init__(self, status: int | None = None) -> None:
        super().__init__()
        self.status = status


class ConnectTimeout(TimeoutError):
    """Raised when no connection came about in time."""


class DnsTimeout(TimeoutError):
    """Raised when no name server answered: says nothing about the host."""


_CERTIFICATE = {
    9: "证书尚未生效",
    10: "证书已过期",
    18: "证书是自己签发的",
    19: "证书链里有自己签发的证书",
    20: "证书链不完整或签发者不受信任",
    21: "证书链不完整",
    62: "证书与域名不符",
    64: "证书与地址不符",
}


def certificate_fault(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with a certificate, in words."""
    return _CERTIFICATE.get(error.verify_code, f"证书未通过验证（{error.verify_message}）")


_OLD_TLS = re.compile(
    r"UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|WRONG_SSL_VERSION|TLSV1_ALERT_PROTOCOL_VERSION|DH_KEY_TOO_SMALL"
    r"|HANDSHAKE_FAILURE|NO_CIPHERS|EE_KEY_TOO_SMALL|CA_MD_TOO_WEAK|LEGACY|INTERNAL_ERROR|BAD_SIGNATURE|UNEXPECTED_EOF"
    r"|WRONG_SIGNATURE_TYPE|BAD_DH_VALUE|NO_SHARED|NO_PROTOCOLS"
)


def maybe_old_tls(error: BaseException) -> bool:
    """Whether a handshake failed in a way that a second try with the settings of ten years ago can explain."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return False
    if isinstance(error, ssl.SSLError):
        return bool(_OLD_TLS.search(str(error)))
    return isinstance(error, ConnectionResetError | Dropped)


def of_error(error: BaseException) -> tuple[FetchOutcome, str]:
    """The outcome of an attempt that ended in an exception, with detail in words."""
    match error:
        case NotAllowed():
            return FetchOutcome.NOT_FETCHED, str(error)
        case TooManyRedirects():
            return FetchOutcome.REDIRECT_LOOP, str(error)
        case DnsTimeout():
            return FetchOutcome.TIMEOUT, "域名服务器没有应答，不能判断"
        case ConnectTimeout():
            return FetchOutcome.TIMEOUT, "连接超时"
        case Stalled():
            return FetchOutcome.TIMEOUT, "开始回应后没有在规定时间内传完"
        case TimeoutError():
            return FetchOutcome.TIMEOUT, "已连上，但没有在规定时间内回应"
        case socket.gaierror():
            return FetchOutcome.DNS_FAILURE, "域名不存在"
        case UnicodeError():
            return FetchOutcome.DNS_FAILURE, "域名写法不正确"
        case ssl.SSLCertVerificationError():
            return FetchOutcome.TLS_FAILURE, certificate_fault(error)
        case ssl.SSLError():
            return (
                FetchOutcome.TLS_FAILURE,
                f"加密连接没有建立（{getattr(error, 'reason', None) or '握手失败'}）",
            )
        case ConnectionRefusedError():
            return FetchOutcome.REFUSED, "服务器拒绝连接"
        case Dropped() | asyncio.IncompleteReadError():
            return FetchOutcome.RESET, "服务器没有回应就断开了连接"
        case ConnectionResetError() | BrokenPipeError() | ConnectionAbortedError():
            return FetchOutcome.RESET, "连接被服务器中断"
        case NotHttp():
            return FetchOutcome.RESET, "服务器的回应不是网页协议"
        case OSError():
            if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
                return FetchOutcome.TIMEOUT, "网络不通，到不了对方服务器"
            return FetchOutcome.REFUSED, f"连接失败（{error.strerror or '原因不明'}）"
        case _:
            return FetchOutcome.NOT_FETCHED, f"程序原因未能访问（{type(error).__name__}）"


def of_status(status: int) -> FetchOutcome:
    """The outcome of an answer by its status alone; a wall behind 200 or 403 is known by its body only."""
    if status < 400:
        return FetchOutcome.OK
    return FetchOutcome.BLOCKED if status in WALL_STATUS else FetchOutcome.HTTP_ERROR


def classify(result: BaseException | int) -> tuple[FetchOutcome, str | None]:
    """(outcome, detail) of an attempt that ended in an exception or with a status."""
    if isinstance(result, BaseException):
        return of_error(result)
    return of_status(result), None
