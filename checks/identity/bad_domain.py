"""域名不规范。

What it finds: 网站（含子网站）使用的域名是否以 .gov.cn（中文域名以 .政务）结尾；直接用 IP 地址的也指出。

Why it matters: 国办函〔2018〕55号规定政府网站使用以 .gov.cn 为后缀的英文域名；别的后缀群众难辨真假，也容易失效后被抢注。

Known problems: 只看配置里写明属于本网站的域名。事业单位网站不一定用 .gov.cn，只请人核实。本机地址不检查。

Good: kjj.yunshang.gov.cn
Bad: www.yunshangkj.com
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from checks.check import Check, Citation, Grade, Severity, Subject, Verdict
from checks.mandated.profile import profile_of
from crawler.evidence.reader import Evidence

CHECK = Check(
    id="bad-domain",
    title="域名不规范",
    severity=Severity.MINOR,
    needs=("pages",),
    limits={"suffixes": [".gov.cn", ".政务", ".xn--zfr164b"]},
    message="网站使用的“{host}”{fault}。",
    fix="请改用以 .gov.cn 为后缀的域名，并把旧域名跳转过来。",
    variants={
        "institution": (
            "网站使用的“{host}”{fault}。事业单位或类别不明的网站不一定要用 .gov.cn 域名，请核实。",
            "承担行政职能的，请改用 .gov.cn 域名；否则不用处理。",
        ),
    },
)


def examine(evidence: Evidence, limits: Mapping[str, Any]) -> Iterator[Verdict]:
    """Yield one verdict per host of the site that is not this machine."""
    site = evidence.run.site
    profile = profile_of(site)
    for netloc in site.hosts:
        host = netloc.rpartition(":")[0] if netloc.rpartition(":")[2].isdigit() else netloc
        address = _address(host)
        if (
            (address is not None and address.is_loopback)
            or host == "localhost"
            or host.endswith(".localhost")
        ):
            continue
        fault = ""
        if address is not None:
            fault = "是 IP 地址，没有用域名"
        elif not host.endswith(tuple(limits["suffixes"])):
            fault = "不是政府网站域名（应以 .gov.cn 结尾）"
        institution = bool(fault) and not profile.blamed
        yield Verdict(
            grade=Grade.OK if not fault else Grade.REVIEW if institution else Grade.FAIL,
            subject=Subject(kind="host", key=f"host/{host}", url=site.home_url, title=host),
            facts={"host": host, "fault": fault},
            citations=(Citation(url=site.home_url, quote=netloc, where="网址", title=site.name),)
            if fault
            else (),
            variant="institution" if institution else None,
        )


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
