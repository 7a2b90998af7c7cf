"""The bundled sample: both states build, links hold, faults are where the truth says, and it is served right."""

from __future__ import annotations

import http.client
import re
import tomllib
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest

from xuncha.sample.build import AS_OF, DEFAULT_BASE_URL, Fault, build, faults, partner_url, site_toml, traps
from xuncha.sample.serve import serve

LINK = re.compile(r"""(?:href|src|action)=["']([^"']+)["']""")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("healthy")
    build(folder, healthy=True)
    return folder


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faulty")
    build(folder, healthy=False)
    return folder


def file_of(folder: Path, path: str) -> Path:
    target = folder / unquote(path).lstrip("/")
    return target / "index.html" if path.endswith("/") else target


def read(file: Path) -> str:
    body = file.read_bytes()
    try:
        return unescape(body.decode("utf-8"))
    except UnicodeDecodeError:
        return unescape(body.decode("gb18030"))


def links(folder: Path) -> list[tuple[str, str]]:
    """Every link of every page and style sheet: path of the page, absolute target."""
    found = []
    for file in sorted(folder.rglob("*")):
        if file.suffix not in (".html", ".jsp", ".css"):
            continue
        path = f"/{file.relative_to(folder)}"
        for target in LINK.findall(read(file)) + re.findall(r"url\(([^)]+)\)", read(file)):
            found.append((path, urljoin(DEFAULT_BASE_URL + path, target)))
    return found


def resolves(folder: Path, target: str) -> bool:
    parts = urlsplit(target)
    file = file_of(folder, parts.path or "/")
    if not file.is_file():
        return False
    return not parts.fragment or f'id="{parts.fragment}"' in read(file)


def test_every_link_of_the_healthy_site_leads_somewhere(healthy: Path) -> None:
    internal = [(page, target) for page, target in links(healthy) if target.startswith(DEFAULT_BASE_URL)]
    assert len(internal) > 1000
    assert [pair for pair in internal if not resolves(healthy, pair[1])] == []


def test_no_link_leaves_loopback(healthy: Path, faulty: Path) -> None:
    hosts = {urlsplit(target).hostname for folder in (healthy, faulty) for _, target in links(folder)}
    outside = {host for host in hosts if host and not host.startswith("127.0.0.")}
    assert outside == {"http", "192.168.10.6"}
    assert {urlsplit(target).hostname for _, target in links(healthy)} == {"127.0.0.1", "127.0.0.2"}


@pytest.mark.parametrize("fault", faults() + traps(), ids=lambda fault: f"{fault.check}-{fault.page}")
def test_fault_is_where_the_truth_says(fault: Fault, healthy: Path, faulty: Path) -> None:
    page = file_of(faulty, "/" if fault.page == "*" else fault.page)
    text = read(page)
    assert (fault.where in text) is not fault.absent
    if fault.absent:
        assert fault.where in read(file_of(healthy, fault.page))


def test_faults_are_not_in_the_healthy_site(healthy: Path) -> None:
    pages = {f"/{file.relative_to(healthy)}": read(file) for file in healthy.rglob("*.html")}
    quoted_in_both = {
        "missing-division-of-work",
        "blank-column",
        "broken-attachment",
        "wrong-charset",
        "late-disclosure",
        "suspect-date",
    }
    for fault in faults():
        own = pages.get(fault.page if not fault.page.endswith("/") else f"{fault.page}index.html", "")
        if not fault.absent and fault.check not in quoted_in_both:
            assert fault.where not in own, fault
    everything = "\n".join(pages.values())
    for word in (
        "截止2017",
        "布署",
        "社会主意",
        "锟斤拷",
        "其中：其中",
        "测试",
        "43990019010307000X",
        "15400005678",
    ):
        assert word not in everything


def test_dead_targets_are_dead_and_sound_ones_are_not(faulty: Path) -> None:
    broken = {
        urlsplit(target).path
        for _, target in links(faulty)
        if target.startswith(DEFAULT_BASE_URL) and not resolves(faulty, target)
    }
    served_by_code = {
        "/kjxm/cx.html",
        "/kjxm/tj.html",
        "/kjxm/dl.html",
        "/go/1.html",
        "/go/sb.html",
        "/oldweb/show_3312.html",
        "/ws/index.html",
    }
    assert broken == served_by_code | {
        "/zcwj/201611/t20161120_2988.html",
        "/images/chungeng.jpg",
        "/images/bg-nav.png",
        "/wza/index.html",
        "/zcwj/201711/t20171108_3102.html",
    }


def test_truth_names_checks_and_grades() -> None:
    for fault in faults() + traps():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.check)
        assert fault.grade in ("fail", "review", "ok")
        assert fault.family in (
            "links",
            "columns",
            "mandated",
            "money",
            "identity",
            "wording",
            "interaction",
            "privacy",
        )
        assert fault.note
    keys = [(fault.check, fault.page, fault.where) for fault in faults()]
    assert len(keys) == len(set(keys))


def test_size_of_the_site(healthy: Path, faulty: Path) -> None:
    for folder in (healthy, faulty):
        assert 60 <= len(list(folder.rglob("*.html"))) <= 90
        assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < 2_000_000
    sources = Path(serve.__wrapped__.__code__.co_filename).parent
    assert (
        sum(
            file.stat().st_size
            for file in sources.rglob("*")
            if "__pycache__" not in file.parts and file.is_file()
        )
        < 600_000
    )


def test_same_state_same_bytes(healthy: Path, tmp_path: Path) -> None:
    build(tmp_path, healthy=True)
    names = {file.relative_to(healthy) for file in healthy.rglob("*") if file.is_file()}
    assert names == {file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()}
    assert [name for name in names if (healthy / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_gb18030_pages_declare_gb2312_and_hold_more(healthy: Path) -> None:
    page = (healthy / "kjkp/index.html").read_bytes()
    assert b'<meta charset="gb2312">' in page
    assert "㵲溪湿地" in page.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        page.decode("gb2312")


def test_site_toml() -> None:
    assert AS_OF.isoformat() == "2018-04-16"
    assert tomllib.loads(site_toml("http://127.0.0.1:8780")) == {
        "id": "yunling-kjj",
        "name": "云岭市科学技术局",
        "home_url": "http://127.0.0.1:8780/",
        "sponsor": "云岭市科学技术局",
        "site_code": "4399000018",
        "crawl": {"delay": 0, "concurrency": 16, "again_after": 0},
    }


def ask(url: str, method: str = "GET") -> tuple[int, str, str, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, quote(parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        return (
            answer.status,
            answer.getheader("Content-Type", ""),
            answer.getheader("Location", ""),
            answer.read(),
        )
    finally:
        connection.close()


def test_serving() -> None:
    with serve(healthy=False) as base:
        partner = partner_url(base)
        status, kind, _, body = ask(f"{base}/")
        assert (status, kind) == (200, "text/html")
        assert f"{partner}/gone/index.html" in body.decode()
        assert {
            path: ask(base + path)[:3]
            for path in (
                "/images/style.css",
                "/forms/sqb.docx",
                "/jgsz/ldxx",
                "/nichts.html",
                "/../../etc/passwd",
                "/kjxm/cx.html",
                "/go/1.html",
                "/go/2.html",
                "/go/sb.html",
                "/kjxm/dl.html",
                "/ws/index.html",
                "/oldweb/x.html",
            )
        } == {
            "/images/style.css": (200, "text/css", ""),
            "/forms/sqb.docx": (
                200,
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "",
            ),
            "/jgsz/ldxx": (302, "text/html", "/jgsz/ldxx/"),
            "/nichts.html": (404, "text/html", ""),
            "/../../etc/passwd": (404, "text/html", ""),
            "/kjxm/cx.html": (500, "text/html", ""),
            "/go/1.html": (302, "text/html", "/go/2.html"),
            "/go/2.html": (302, "text/html", "/go/1.html"),
            "/go/sb.html": (302, "text/html", "/kjxm/sb.html"),
            "/kjxm/dl.html": (200, "text/html", ""),
            "/ws/index.html": (412, "text/html", ""),
            "/oldweb/x.html": (200, "text/html", ""),
        }
        assert ask(f"{base}/kjxm/dl.html", "HEAD")[0] == 405
        assert ask(f"{base}/module/jpage/dataproxy.jsp?page=2")[:2] == (200, "text/xml")
        assert "您访问的页面不存在或已删除" in ask(f"{base}/oldweb/x.html")[3].decode()
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            ask(f"{base}/kjxm/tj.html")
        assert ask(f"{partner}/kjt/")[0] == 200
        assert ask(f"{partner}/gone/index.html")[0] == 404
        assert ask(f"{partner}/pucha.kaipuyun.cn/exposure/jiucuo.js")[1] == "application/javascript"
