"""A site's configuration, `site.toml`: read strictly, refused in one plain line.

Every field's description says what is expected of it; an error quotes it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from crawler.evidence.records import Site
from crawler.extract.address import fetchable, host, normal

AGENT = "xuncha/0.1 (+{contact}) website self-inspection"
_SECRET = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WINDOW = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


class SiteConfigError(Exception):
    """Raised when a site's configuration cannot be used: one line with file, key, value, expectation."""


def _address(value: str) -> str:
    if not fetchable(value):
        raise ValueError("网页地址")
    return normal(value)


def _prefix(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("路径")
    return value if value.endswith("/") else value + "/"


def _window(value: str) -> str:
    if not _WINDOW.fullmatch(value):
        raise ValueError("时段")
    return value


def _id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", value):
        raise ValueError("标识")
    return value


def _secret(value: object) -> object:
    """`value` with ${NAME} replaced from the environment: passwords do not belong in a file."""
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise ValueError(f"环境变量 {match[1]} 没有设置")
        return os.environ[match[1]]

    return _SECRET.sub(found, value)


Address = Annotated[str, AfterValidator(_address)]
Secret = Annotated[str, BeforeValidator(_secret)]


class _Strict(BaseModel):
    # Built late: the page work is handed a finished configuration and validates none.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)


class BasicAuth(_Strict):
    user: Secret = Field(description="用户名")
    password: Secret = Field(description="密码，写成 ${环境变量名}")


class HostAccess(_Strict):
    """How one host is to be asked, where it differs: `[[host]]`."""

    name: str = Field(description="域名，不带 http://", min_length=1)
    headers: dict[str, Secret] = Field(default={}, description='请求头表，如 {"X-Token" = "${TOKEN}"}')
    cookies: dict[str, Secret] = Field(default={}, description="Cookie 表")
    proxy: Secret | None = Field(default=None, description='代理地址，如 "http://10.0.0.1:3128"')
    basic_auth: BasicAuth | None = Field(default=None, description='{user=…, password="${…}"}')
    delay: float | None = Field(default=None, gt=0, le=600, description="大于 0 的秒数")

    @model_validator(mode="after")
    def _no_line_breaks(self) -> Self:
        for name, value in [*self.headers.items(), *self.cookies.items()]:
            if re.search(r"[\r\n\0]", name + value):
                raise ValueError("请求头和 Cookie 不能含换行")
        return self


class Crawl(_Strict):
    """Limits and manners of the walk: `[crawl]`. Times in seconds unless named otherwise."""

    max_pages: int = Field(default=100_000, ge=1, le=5_000_000, description="1 到 5000000 的整数（页）")
    max_depth: int = Field(default=60, ge=0, le=10_000, description="0 到 10000 的整数（层）")
    max_minutes: float | None = Field(default=None, gt=0, description="大于 0 的分钟数")
    max_megabytes: float | None = Field(default=None, gt=0, description="大于 0 的兆字节数（总下载量）")
    page_megabytes: float = Field(default=10, gt=0, le=200, description="0 到 200 之间的兆字节数（单个网页）")
    file_megabytes: float = Field(default=30, gt=0, le=500, description="0 到 500 之间的兆字节数（单个附件）")
    delay: float = Field(default=1.0, ge=0, le=600, description="大于 0 的秒数；只有本机地址可写 0")
    outside_delay: float | None = Field(default=None, gt=0, le=600, description="大于 0 的秒数（外站）")
    concurrency: int = Field(default=4, ge=1, le=256, description="1 到 256 的整数")
    timeout: float = Field(default=20, gt=0, le=600, description="0 到 600 之间的秒数")
    again_after: float = Field(default=30, ge=0, le=86_400, description="0 到 86400 之间的秒数（复核间隔）")
    contact: str = Field(
        default="https://example.invalid/xuncha", min_length=3, description="联系方式（网址或邮箱）"
    )
    user_agent: str | None = Field(default=None, min_length=3, description="完整的浏览器标识")
    respect_robots: bool = Field(default=True, description="true 或 false")
    sitemap: bool = Field(default=True, description="true 或 false")
    seeds: str | None = Field(default=None, description="地址清单文件，每行一个地址")
    hours: tuple[Annotated[str, AfterValidator(_window)], ...] = Field(
        default=(), description='时段列表，如 ["22:00-06:00"]'
    )
    check_outside: bool = Field(default=True, description="true 或 false（是否核查外部链接）")
    outside_hours: float = Field(
        default=12,
        ge=0,
        le=168,
        description="0 到 168 之间的小时数（外站核查结果供本机其他网站沿用多久；0 为不沿用）",
    )
    outside_failed_minutes: float = Field(
        default=30, ge=0, le=1440, description="0 到 1440 之间的分钟数（外站打不开的结果沿用多久）"
    )
    documents: bool = Field(default=True, description="true 或 false（是否下载并读取附件）")
    ocr_pages: int = Field(
        default=0,
        ge=0,
        le=200,
        description="0 到 200 的整数（扫描件每份最多识别几页，0 为不识别；需安装 ocr 组件）",
    )
    render: bool = Field(default=True, description="true 或 false（是否用浏览器读取脚本生成的页面）")
    render_pages: int = Field(default=50, ge=0, le=10_000, description="0 到 10000 的整数（页）")
    max_per_pattern: int = Field(default=20_000, ge=10, description="不小于 10 的整数（同一形状的地址）")

    @model_validator(mode="after")
    def _no_line_breaks(self) -> Self:
        if re.search(r"[\r\n\0]", (self.user_agent or "") + self.contact):
            raise ValueError("浏览器标识不能含换行")
        return self


class DeclaredColumn(_Strict):
    """A column the owner declares: `[[column]]`."""

    name: str = Field(min_length=1, description="栏目名称，上下级用 / 隔开")
    url: Address = Field(description="栏目首页地址，以 http:// 或 https:// 开头")
    column_class: Literal[
        "news", "notice", "policy", "personnel", "plan", "statistics", "interpretation", "service",
        "interaction", "static", "archived", "other",
    ] | None = Field(default=None, alias="class", description="news、notice、policy、static 等之一")  # fmt: skip
    exempt: str | None = Field(default=None, min_length=2, description="不要求更新的理由")
    until: dt.date | None = Field(default=None, description="日期，如 2026-12-31")


class DeclaredItem(_Strict):
    """What the owner says of one mandated item: `[[item]]`."""

    id: str = Field(
        pattern=r"^DI-\d{2}[a-z]?$", description='事项编号，如 "DI-39"（xuncha explain DI-39 说明它是什么）'
    )
    applies: bool = Field(description="true（本单位必须公开）或 false（本单位没有这类事项）")
    reason: str = Field(min_length=2, description="理由")


class Waiver(_Strict):
    """A finding the owner has decided to live with, for a time: `[[waiver]]`."""

    check: str = Field(min_length=1, description='检查项编号，如 "dead-link"；"*" 为全部')
    url: str | None = Field(default=None, min_length=1, description="完整地址")
    pattern: str | None = Field(default=None, min_length=1, description="正则表达式")
    reason: str = Field(min_length=2, description="豁免理由")
    owner: str = Field(min_length=1, description="决定人")
    until: dt.date = Field(description="到期日，如 2026-12-31")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.url is None) == (self.pattern is None):
            raise ValueError("url 与 pattern 写且只写一个")
        try:
            re.compile(self.pattern or "")
        except re.error as error:
            raise ValueError(f"pattern 不是正确的正则表达式（{error}）") from error
        return self


class OwnWord(_Strict):
    wrong: str = Field(min_length=1, description="错误写法")
    right: str = Field(default="", description="正确写法")
    reason: str = Field(default="", description="理由")
    severity: Literal["veto", "major", "minor", "advice"] = Field(
        default="major", description="veto、major、minor、advice 之一"
    )


class WordWaiver(_Strict):
    text: str | None = Field(default=None, description="原文")
    rule: str | None = Field(default=None, description="规则编号")
    reason: str = Field(min_length=2, description="理由")
    until: dt.date | None = Field(default=None, description="日期")


class Wording(_Strict):
    """The site's own words: `[wording]`."""

    add: tuple[OwnWord, ...] = Field(default=(), description="[{wrong, right, reason}]")
    off: tuple[str, ...] = Field(default=(), description="规则编号、错误写法或类别名的列表")
    waive: tuple[WordWaiver, ...] = Field(default=(), description="[{text 或 rule, reason, until}]")
    names: tuple[str, ...] = Field(default=(), description="本单位专名列表")
    statistics: bool = Field(default=False, description="true 或 false（是否加用统计方法，只提请核实）")


class SiteConfig(_Strict):
    """What is to be walked and how. Made by `load` from a file or by `from_url` from an address."""

    id: Annotated[str, AfterValidator(_id)] = Field(description="字母、数字、点、横线组成的标识")
    name: str = Field(default="", description="网站名称")
    home_url: Address = Field(description="首页地址，以 http:// 或 https:// 开头")
    hosts: tuple[str, ...] = Field(default=(), description='域名列表，如 ["kjj.example.gov.cn"]')
    path_prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        default="/", description="以 / 开头的路径；网站是门户下的一个目录时填写"
    )
    sponsor: str = Field(default="", description="主办单位")
    site_code: str = Field(default="", description="网站标识码")
    profile: Literal["bureau", "county-bureau", "public-institution", "party-group", "portal"] | None = Field(
        default=None,
        description="bureau（部门）、county-bureau（县区部门）、public-institution（事业单位）、party-group（党群机关）、portal（政府门户）之一；不写就由名称推定",
    )
    allow_private: bool = Field(default=False, description="true 或 false（可否访问内网地址）")
    crawl: Crawl = Field(default_factory=Crawl, description="[crawl] 表")
    host: tuple[HostAccess, ...] = Field(default=(), description="[[host]] 表")
    column: tuple[DeclaredColumn, ...] = Field(default=(), description="[[column]] 表")
    waiver: tuple[Waiver, ...] = Field(default=(), description="[[waiver]] 表")
    item: tuple[DeclaredItem, ...] = Field(default=(), description="[[item]] 表")
    wording: Wording = Field(default_factory=Wording, description="[wording] 表")

    @model_validator(mode="after")
    def _gentle(self) -> Self:
        if self.crawl.delay == 0 and not self.on_loopback:
            raise ValueError("crawl.delay = 0：应为大于 0 的秒数；只有本机地址可写 0")
        return self

    @property
    def netloc(self) -> str:
        """Host and port of the start address, as links carry them."""
        return urlsplit(self.home_url).netloc.rpartition("@")[2]

    @cached_property
    def netlocs(self) -> frozenset[str]:
        """Hosts (with a port where it is not the usual one) that belong to the site."""
        return frozenset({self.netloc, *(h.lower().rstrip(".") for h in self.hosts)})

    @property
    def on_loopback(self) -> bool:
        return is_loopback(host(self.home_url))

    @property
    def agent(self) -> str:
        """The agent string: says who asks and how to reach them."""
        return self.crawl.user_agent or AGENT.format(contact=self.crawl.contact)

    @property
    def outside_delay(self) -> float:
        """Seconds between two requests to one host of others."""
        if self.crawl.outside_delay is not None:
            return self.crawl.outside_delay
        return max(self.crawl.delay, 1.0) if self.crawl.delay else 0.0

    def access(self, name: str) -> HostAccess | None:
        return next((h for h in self.host if h.name.lower() == name), None)

    def site(self) -> Site:
        return Site(
            id=self.id,
            name=self.name,
            home_url=self.home_url,
            hosts=tuple(sorted(self.netlocs)),
            path_prefix=self.path_prefix,
            sponsor=self.sponsor,
            site_code=self.site_code,
            profile=self.profile or "",
        )

    def moved_to(self, home_url: str) -> SiteConfig:
        """This configuration for a home page that turned out to lie under another host (http://x to http://www.x)."""
        hosts = (*sorted(self.netlocs), urlsplit(home_url).netloc)
        return _validated({**self._raw(), "home_url": home_url, "hosts": hosts}, home_url)

    def public(self) -> dict[str, Any]:
        """The configuration as plain data for the run's record, without secrets."""
        data = self.model_dump(mode="json", by_alias=True, exclude={"host"})
        data["host"] = [{"name": h.name, "delay": h.delay} for h in self.host]
        return data

    def with_limits(self, **limits: Any) -> SiteConfig:
        """This configuration with other `[crawl]` values (command-line options); None leaves a value as it is."""
        given = {k: v for k, v in limits.items() if v is not None}
        return _validated({**self._raw(), "crawl": {**self.crawl.model_dump(), **given}}, "命令行")

    def _raw(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).model_fields}


def is_loopback(name: str) -> bool:
    """Whether a host name is this machine itself."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def load(path: Path) -> SiteConfig:
    """Read `site.toml`. Raises SiteConfigError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SiteConfigError(f"{path}：读不了这个文件（{error.strerror}）") from error
    except UnicodeDecodeError as error:
        raise SiteConfigError(f"{path}：不是 UTF-8 编码的文本文件") from error
    except tomllib.TOMLDecodeError as error:
        raise SiteConfigError(f"{path}：不是正确的 TOML 格式（{error}）") from error
    config = _validated(data, str(path))
    seeds = config.crawl.seeds
    if seeds is not None:
        file = path.parent / seeds
        if not file.is_file():
            raise SiteConfigError(f"{path}：crawl.seeds = {seeds!r}：应为已有的地址清单文件")
        config = config.with_limits(seeds=str(file.resolve()))
    return config


def from_url(url: str) -> SiteConfig:
    """A configuration for an address given on the command line. Raises SiteConfigError.

    On this machine's own addresses the delay is 0: nobody else is served there.
    """
    text = url.strip()
    if "://" not in text:
        text = "http://" + text
    if not fetchable(text):
        raise SiteConfigError(f"地址 {url!r}：应为 http:// 或 https:// 开头的网址")
    text = normal(text)
    netloc = urlsplit(text).netloc.rpartition("@")[2]
    crawl = {"delay": 0, "concurrency": 32, "again_after": 0} if is_loopback(host(text)) else {}
    path = urlsplit(text).path
    folder = path if path.endswith("/") else "/"
    return _validated(
        {
            "id": re.sub(r"[^A-Za-z0-9.-]", "_", netloc).strip("._-") or "site",
            "home_url": text,
            "crawl": crawl,
        }
        | ({"path_prefix": folder} if _is_folder_of_portal(folder) else {}),
        f"地址 {url}",
    )


def _is_folder_of_portal(folder: str) -> bool:
    """Whether a start address names one bureau's folder of a portal and not just where the home page lies."""
    return folder != "/" and not re.fullmatch(
        r"/(?:index|home|web|www|site|portal|cn|zh|html?|main)/", folder
    )


def _validated(data: Mapping[str, Any], source: str) -> SiteConfig:
    try:
        return SiteConfig.model_validate(data)
    except ValidationError as error:
        raise SiteConfigError(_plain(error, data, source)) from error


def _plain(error: ValidationError, data: Mapping[str, Any], source: str) -> str:
    """The first fault of a configuration as one line."""
    fault = error.errors(include_url=False)[0]
    where = fault["loc"]
    key = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in where).lstrip(".")
    if fault["type"] == "extra_forbidden":
        known = "、".join(_fields(where[:-1]))
        return f"{source}：{key}：没有这个设置；这里可以写 {known}"
    expected = _description(where)
    if fault["type"] == "missing":
        return f"{source}：{key}：必须填写；应为{expected}"
    if fault["type"] == "value_error":
        own = str(fault["ctx"]["error"])
        if "：" in own or not expected or "没有设置" in own or "写" in own or "不" in own:
            return f"{source}：{key + '：' if key else ''}{own}"
    value = _value_at(data, where)
    return f"{source}：{key} = {value!r}：应为{expected}"


def _value_at(data: Any, where: tuple[int | str, ...]) -> Any:
    for part in where:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return data
    return data


def _model_at(where: tuple[int | str, ...]) -> tuple[type[BaseModel], str]:
    """The model that holds the place `where`, and the description of the field there."""
    model: type[BaseModel] = SiteConfig
    description = ""
    for part in where:
        if isinstance(part, int):
            continue
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        found = fields.get(part)
        if found is None:
            break
        description = found.description or ""
        inner = _inner_model(found.annotation)
        if inner is not None:
            model = inner
    return model, description


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _inner_model(part)
        if found is not None:
            return found
    return None


def _description(where: tuple[int | str, ...]) -> str:
    return _model_at(where)[1]


def _fields(where: tuple[int | str, ...]) -> list[str]:
    return [f.alias or name for name, f in _model_at(where)[0].model_fields.items()]


def seeds_of(config: SiteConfig) -> list[str]:
    """The addresses of the seeds file, bad lines left out."""
    if config.crawl.seeds is None:
        return []
    try:
        lines = Path(config.crawl.seeds).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise SiteConfigError(
            f"crawl.seeds = {config.crawl.seeds!r}：读不了这个文件（{error.strerror}）"
        ) from error
    return [normal(line.strip()) for line in lines if fetchable(line.strip())]
