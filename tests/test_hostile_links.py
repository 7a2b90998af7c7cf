"""Every way a link can go wrong, on one site among hostile servers: what each is called, and what none may be called."""

import json
from pathlib import Path

import pytest

from crawler.siteconfig import SiteConfig, from_url
from tests.server import (
    Behaviour,
    Issuer,
    Request,
    Server,
    answer,
    by_method,
    drip,
    hang,
    in_turn,
    missing,
    page,
    raw,
    redirect,
    reset,
    serving,
    tls_context,
)
from xuncha.audit import audit

CHECKS = frozenset({
    "dead-link", "soft-404", "redirect-loop", "insecure-connection", "broken-attachment", "private-address", "mistyped-link",
    "broken-anchor", "wrong-charset",
})  # fmt: skip

Told = tuple[str, str, str]
"""Check, grade, and the rung."""

Everything = tuple[dict[str, set[Told]], dict[str, set[Told]], dict[str, str]]

DEAD: Told = ("dead-link", "fail", "confirmed")
SUSPECT: Told = ("dead-link", "review", "suspect")
BLOCKED: Told = ("dead-link", "review", "blocked")
RESTRICTED: Told = ("dead-link", "review", "restricted")
UNREACHABLE: Told = ("dead-link", "review", "unreachable")
SOFT: Told = ("soft-404", "fail", "")
CIRCLE: Told = ("redirect-loop", "fail", "circle")
BROKEN: Told = ("broken-attachment", "fail", "")

JS_WALL = "<script>document.cookie='__jsl_clearance_s=1;';location.href=location.pathname</script>"
HTML_404 = "<html><head><title>404</title></head><body>您访问的页面不存在</body></html>"
PNG = answer(b"\x89PNG\r\n", kind="image/png")
CUT = b"HTTP/1.1 200 OK\r\nContent-Type: application/msword\r\nContent-Length: 90000\r\n\r\n\xd0\xcf\x11\xe0half"


def _next(request: Request) -> str:
    stem, _, number = request.path.rpartition("/")
    return f"{stem}/{int(number) + 1}"


def steps(most: int) -> Behaviour:
    """A chain of redirects, each to another address, that ends after so many."""

    async def behave(request, writer) -> None:  # type: ignore[no-untyped-def]
        number = int(request.path.rpartition("/")[2])
        await (page("终点") if number >= most else redirect(_next(request)))(request, writer)

    return behave


def wants_cookie() -> Behaviour:
    """Redirects to itself until its cookie comes back."""

    async def behave(request, writer) -> None:  # type: ignore[no-untyped-def]
        if "seen=1" in request.headers.get("cookie", ""):
            await page("带着 cookie")(request, writer)
        else:
            again = answer("", 302, headers=(("Location", request.path), ("Set-Cookie", "seen=1")))
            await again(request, writer)

    return behave


OWN: dict[str, tuple[Behaviour, set[Told]]] = {
    # HEAD lies; for the site's own pictures HEAD is asked first.
    "/head-404.png": (by_method(HEAD=missing(), GET=PNG), set()),
    "/head-405.png": (by_method(HEAD=answer("", 405), GET=PNG), set()),
    "/head-500.png": (by_method(HEAD=answer("", 500), GET=PNG), set()),
    "/head-reset.png": (by_method(HEAD=reset(), GET=PNG), set()),
    "/head-hangs.png": (by_method(HEAD=hang(), GET=PNG), set()),
    "/gone.png": (missing(), {DEAD}),
    # Really gone.
    "/404.html": (missing(), {DEAD}),
    "/410.html": (answer("", 410), {DEAD}),
    "/500.html": (answer("内部错误", 500), {DEAD}),
    "/reset.html": (reset(), {DEAD}),
    "/closed.html": (raw(b""), {DEAD}),
    "/no-http.html": (raw(b"220 smtp ready\r\n\r\n"), {DEAD}),
    "/silent.html": (hang(), {DEAD}),
    "/to-404.html": (redirect("/404.html", 301), {DEAD}),
    # Not for certain.
    "/502.html": (answer("", 502), {SUSPECT}),
    "/503.html": (answer("", 503), {SUSPECT}),
    "/504.html": (answer("", 504), {SUSPECT}),
    "/drip.html": (drip(), {SUSPECT}),
    "/changes.html": (in_turn(missing(), answer("", 500)), {SUSPECT}),
    "/hiccup.html": (in_turn(answer("", 500), page("恢复了")), set()),
    "/gone-then-back.html": (in_turn(missing(), page("又有了")), set()),
    "/reset-once.html": (in_turn(reset(), page("又通了")), set()),
    # Walls.
    "/403.html": (answer("禁止访问", 403), {BLOCKED}),
    "/405.html": (answer("", 405), {BLOCKED}),
    "/406.html": (answer("", 406), {BLOCKED}),
    "/412.html": (answer('<meta r="m"><script>$_ts=window["$_ts"]</script>', 412), {BLOCKED}),
    "/418.html": (answer("", 418), {BLOCKED}),
    "/429.html": (answer("", 429), {BLOCKED}),
    "/451.html": (answer("", 451), {BLOCKED}),
    "/468.html": (answer("", 468), {BLOCKED}),
    "/493.html": (answer("", 493), {BLOCKED}),
    "/521.html": (answer(JS_WALL, 521), {BLOCKED}),
    "/wall-200.html": (answer(JS_WALL), {BLOCKED}),
    "/wall-404.html": (answer(JS_WALL, 404), {BLOCKED}),
    "/to-wall.html": (redirect("/521.html"), {BLOCKED}),
    "/404-then-403.html": (in_turn(missing(), answer("", 403)), {BLOCKED}),
    "/403-then-404.html": (in_turn(answer("", 403), missing()), {BLOCKED}),
    # Not for everyone.
    "/401.html": (answer("", 401, headers=(("WWW-Authenticate", "Basic"),)), {RESTRICTED}),
    "/members.html": (redirect("/sso/login.jsp"), {RESTRICTED}),
    # Mazes.
    "/loop-a.html": (redirect("/loop-b.html"), {CIRCLE}),
    "/loop-b.html": (redirect("/loop-a.html"), {CIRCLE}),
    "/to-itself.html": (redirect("/to-itself.html"), {CIRCLE}),
    "/endless/0": (steps(10**6), {("redirect-loop", "fail", "endless")}),
    "/long/0": (steps(12), {("redirect-loop", "review", "long")}),
    "/short/0": (steps(3), set()),
    "/cookie.html": (wants_cookie(), set()),
    "/bad-location.html": (redirect("http://"), {DEAD}),
    # Attachments.
    "/empty.doc": (answer(b"", kind="application/msword"), {BROKEN}),
    "/no-file.doc": (answer(HTML_404, kind="application/msword"), {BROKEN}),
    "/cut.doc": (raw(CUT), {BROKEN}),
    # Sound, whatever it looks like.
    "/bare.html": (raw(b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n<title>bare</title><p>x"), set()),
    "/packed.html": (answer("<title>压缩</title><p>内容", packed=True), set()),
    "/204.html": (answer("", 204), set()),
    "/page.html#here": (page("有定位", '<p id="here">这里</p>'), set()),
    "/page.html#nowhere": (page("有定位", '<p id="here">这里</p>'), {("broken-anchor", "fail", "")}),
}  # fmt: skip


class Hostile:
    """The servers, and by address what each link must be called."""

    def __init__(self, folder: Path) -> None:
        issuer = Issuer(folder)
        self.trusted = issuer.file
        own = self._own = Server(routes={path.partition("#")[0]: how for path, (how, _) in OWN.items()})
        own.routes |= {f"/endless/{n}": steps(10**6) for n in range(60)}
        own.routes |= {f"/long/{n}": steps(12) for n in range(14)} | {
            f"/short/{n}": steps(3) for n in range(5)
        }
        own.routes["/sso/login.jsp"] = page("统一身份认证", '<form><input type="password"></form>')
        # Hosts of the site that answer 200 to whatever is asked, each in its own way.
        sorry = page("提示信息", text="抱歉，您访问的页面不存在或已被删除，请返回首页重新查找。")
        echo = page("某局的分站", "/real.html", text="今日要闻、通知公告、政策文件、办事服务、互动交流。")
        self.soft = [
            Server(address="127.0.0.2", other=sorry),
            Server(address="127.0.0.3", other=redirect("/404.html"), routes={"/404.html": sorry}),
            Server(address="127.0.0.4"),
            Server(address="127.0.0.5", other=echo),
        ]
        for server in self.soft:
            server.routes |= {
                "/": echo,
                "/real.html": page("真有其页", text="这一页真的在，写着些别处没有的话。"),
            }
        secure = {
            "127.0.0.11": tls_context(folder, name="127.0.0.11", days=(-400, -2), issuer=issuer),
            "127.0.0.12": tls_context(folder, name="www.other.example", issuer=issuer),
            "127.0.0.13": tls_context(folder, name="127.0.0.13"),
            "127.0.0.14": tls_context(folder, name="127.0.0.14", old=True),
            "127.0.0.15": tls_context(folder, name="127.0.0.15", issuer=issuer),
        }
        self.secure = [
            Server(address=name, context=context, routes={"/a.html": page("甲"), "/gone.html": missing()})
            for name, context in secure.items()
        ]
        self.plain = Server(
            address="127.0.0.16", routes={"/a.html": page("甲")}, banner=b"220 no tls here\r\n"
        )
        self.outside = Server(
            address="127.0.0.17",
            routes={
                "/": page("外单位"),
                "/head-lies.html": by_method(HEAD=missing(), GET=page("在")),
                "/head-lies-2.html": by_method(HEAD=answer("", 403), GET=page("在")),
                "/walled.html": answer(JS_WALL, 521),
                "/403.html": answer("", 403),
                "/429.html": answer("", 429),
                "/401.html": answer("", 401),
                "/drip.html": drip(),
                "/cut.html": raw(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 900\r\n\r\n<p>half"
                ),
            },
        )
        self.servers = (own, *self.soft, *self.secure, self.plain, self.outside)

    def expected(self) -> dict[str, set[Told]]:
        own, outside = self._own.base, self.outside.base
        [same, to_error, to_home, echoed] = [server.base for server in self.soft]
        insecure = {("insecure-connection", "fail", "")}
        table = {f"{own}{path}": told for path, (_, told) in OWN.items()}
        table |= {f"{base}/real.html": set() for base in (same, to_error, to_home, echoed)}
        table |= {
            f"{same}/xw/lost.html": {SOFT},
            f"{to_error}/xw/lost.html": {SOFT},
            f"{to_home}/xw/lost.html": {SOFT},
            f"{echoed}/xw/lost.html": {SOFT},
            f"{self.secure[0].base}/a.html": insecure,
            f"{self.secure[1].base}/a.html": insecure,
            f"{self.secure[2].base}/a.html": insecure,
            f"{self.secure[3].base}/a.html": insecure,
            f"{self.secure[4].base}/a.html": set(),
            f"{self.secure[4].base}/gone.html": {DEAD},
            f"{self.plain.base.replace('http:', 'https:')}/a.html": insecure,
            f"{outside}/head-lies.html": set(),
            f"{outside}/head-lies-2.html": set(),
            f"{outside}/walled.html": {BLOCKED},
            f"{outside}/403.html": {BLOCKED},
            f"{outside}/401.html": {RESTRICTED},
            f"{outside}/drip.html": set(),
            f"{outside}/cut.html": set(),
            f"{outside}/gone.html": {DEAD},
            f"{outside}/429.html": {BLOCKED},
            "http://127.0.0.19:9/refused.html": {UNREACHABLE},
            "http://nowhere.invalid/": {DEAD},
            "http://10.1.2.3/oa/": {("private-address", "fail", "")},
            "file:///C:/Users/a.doc": {("private-address", "fail", "")},
        }  # fmt: skip
        return table

    def config(self) -> SiteConfig:
        self._own.routes["/"] = page("某局门户网站", *self.expected(), text="本局的要闻、公告和办事服务。")
        self.soft[2].other = redirect(f"{self._own.base}/")
        hosts = [server.base.removeprefix("http://") for server in self.soft]
        config = from_url(f"{self._own.base}/").with_limits(timeout=0.4, render=False, sitemap=False)
        return config.model_copy(update={"hosts": (*config.hosts, *hosts)})


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory,
) -> Everything:
    """(what was expected, what was said by address, and why by host)."""
    folder = tmp_path_factory.mktemp("hostile-links")
    hostile = Hostile(folder)
    with pytest.MonkeyPatch.context() as patch, serving(*hostile.servers):
        patch.setenv("SSL_CERT_FILE", str(hostile.trusted))
        [file] = [
            f for f in audit(hostile.config(), folder, formats=("json",)).files if f.name == "findings.json"
        ]
        expected = hostile.expected()
    said: dict[str, set[Told]] = {url: set() for url in expected}
    reasons: dict[str, str] = {}
    for row in json.loads(file.read_text(encoding="utf-8"))["findings"]:
        if row["check"] in CHECKS:
            facts = row["facts"]
            reasons[row["subject"]["key"].partition(":")[0]] = str(facts.get("reason"))
            rung = str(facts.get("verdict", ""))
            for url in facts.get("target_urls") or [facts.get("target_url") or row["subject"]["url"]]:
                said.setdefault(url, set()).add((row["check"], row["grade"], rung))
    return expected, said, reasons


def test_every_kind_is_called_what_it_is(told: Everything) -> None:
    expected, said, _ = told
    wrong = {
        url: (sorted(expected.get(url, set())), sorted(rows))
        for url, rows in said.items()
        if expected.get(url, set()) != rows
    }
    assert wrong == {}


def test_nothing_that_is_walled_shut_or_alive_is_called_dead(
    told: Everything,
) -> None:
    expected, said, _ = told
    dead = {url for url, rows in said.items() if DEAD in rows}
    assert len(dead) == sum(DEAD in rows for rows in expected.values())
    assert [url for url in sorted(dead) if expected[url] != {DEAD}] == []


def test_a_secure_connection_that_fails_is_told_why(told: Everything) -> None:
    _, _, reasons = told
    assert {host: reasons.get(f"127.0.0.{host}") for host in range(11, 17)} == {
        11: "证书已过期",
        12: "证书与地址不符",
        13: "证书是自己签发的",
        14: "只支持已淘汰的旧加密方式",
        15: None,
        16: "加密连接没有建立（WRONG_VERSION_NUMBER）",
    }
