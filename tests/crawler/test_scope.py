"""What belongs to the site, what each target is asked for, and where mazes end."""

import pytest

from crawler.evidence.writer import LEFT_OUT, WAITING
from crawler.scope import Scope, pattern_of, private
from crawler.siteconfig import SiteConfig

BASE = {"id": "kjj", "home_url": "http://kjj.example/", "hosts": ["www.kjj.example", "kjj.example:8080"]}


def scope(**more: object) -> tuple[Scope, list[tuple[str, str, str | None]]]:
    notes: list[tuple[str, str, str | None]] = []
    return Scope(SiteConfig.model_validate(BASE | more), lambda *note: notes.append(note)), notes


@pytest.mark.parametrize(
    ("url", "tag", "role", "state"),
    [
        ("http://kjj.example/a.html", "a", "page", WAITING),
        ("http://www.kjj.example/", "area", "page", WAITING),
        ("http://kjj.example:8080/x", "iframe", "page", WAITING),
        ("http://kjj.example:81/x", "a", "probe", WAITING),
        ("http://other.example/", "a", "probe", WAITING),
        ("http://kjj.example/P020180101.doc", "a", "file", WAITING),
        ("http://kjj.example/a.pdf?x=1", "a", "file", WAITING),
        ("http://kjj.example/download.jsp?id=3", "a", "page", WAITING),
        ("http://kjj.example/a.jpg", "a", "probe", WAITING),
        ("http://kjj.example/show?id=3", "img", "probe", WAITING),
        ("http://kjj.example/style.css", "link", "file", WAITING),
        ("http://kjj.example/submit.do", "form", "probe", WAITING),
        ("http://kjj.example/api?x=1", "data", "data", WAITING),
        ("mailto:a@b.example", "a", "probe", LEFT_OUT),
        ("javascript:void(0)", "a", "probe", LEFT_OUT),
        ("ftp://kjj.example/a", "a", "probe", LEFT_OUT),
    ],
)
def test_roles(url: str, tag: str, role: str, state: int) -> None:
    assert scope()[0].classify(url, tag, 3) == (role, state, 4)


def test_a_bureau_that_is_a_folder_of_a_portal() -> None:
    part, _ = scope(path_prefix="/kjj")
    assert [part.internal(f"http://kjj.example{path}") for path in ("/kjj/", "/kjj", "/kjj/a/b.html", "/kjjx/", "/")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert part.classify("http://kjj.example/other/a.html", "a", 0)[0] == "probe"


def test_too_deep_is_only_asked_for() -> None:
    shallow, notes = scope(crawl={"max_depth": 2})
    assert shallow.classify("http://kjj.example/a.html", "a", 1)[0] == "page"
    assert shallow.classify("http://kjj.example/b.html", "a", 2) == ("probe", WAITING, 3)
    assert [kind for kind, _, _ in notes] == ["depth"]


def test_mazes_are_left_and_said() -> None:
    maze, notes = scope(crawl={"max_per_pattern": 10})
    left = [
        "http://kjj.example/a/b/a/b/a/b/x.html",
        "http://kjj.example/x/x/x/y.html",
        "http://kjj.example/cal?year=3017",
        "http://kjj.example/" + "a" * 3000,
    ]
    assert [maze.classify(url, "a", 0)[1] for url in left] == [LEFT_OUT] * 4
    states = [maze.classify(f"http://kjj.example/list?page={n}", "a", 0)[1] for n in range(12)]
    assert states == [WAITING] * 10 + [LEFT_OUT] * 2
    assert [kind for kind, _, _ in notes] == ["trap"] * 4 + ["limit"]


def test_addresses_that_only_look_like_mazes_are_walked() -> None:
    plain, notes = scope()
    fine = [
        "http://kjj.example/2018/04/16/a.html",
        "http://kjj.example/xxgk/xxgk/xxgk.html",
        "http://kjj.example/1/1/1/1.html",
        "http://kjj.example/list?year=2018",
    ]
    assert [plain.classify(url, "a", 0)[1] for url in fine] == [WAITING] * 4
    assert notes == []


def test_one_page_under_many_session_ids_is_walked_once() -> None:
    walk, _ = scope()
    urls = [f"http://kjj.example/a.jsp;jsessionid={n:032X}?id=1" for n in range(3)]
    assert [walk.classify(url, "a", 0)[1] for url in urls] == [WAITING, LEFT_OUT, LEFT_OUT]


def test_a_pattern_that_leads_only_to_itself_is_closed() -> None:
    maze, notes = scope()
    for n in range(200):
        page, following = (f"http://kjj.example/cal?m={m}" for m in (n, n + 1))
        maze.begin_page(page)
        maze.classify(following, "a", 1)
        maze.end_page(page)
    assert maze.classify("http://kjj.example/cal?m=999", "a", 1)[1] == LEFT_OUT
    assert [kind for kind, _, _ in notes] == ["trap"]


def test_after_an_interruption_traps_are_known_again() -> None:
    """The same addresses met with an interruption after each hundred pages: the same are walked, nothing said twice."""

    def met(interrupted: bool) -> tuple[list[tuple[str, int]], list[tuple[str, str, str | None]]]:
        maze, notes = scope(crawl={"max_per_pattern": 40})
        known: list[tuple[str, int]] = []
        chains: dict[str, int] = {}
        for n in range(400):
            maze.begin_page(f"http://kjj.example/cal?m={n}")
            for url in (
                f"http://kjj.example/cal?m={n + 1}",
                *([f"http://kjj.example/list/{n}.html"] if n % 160 == 0 else []),
            ):
                known.append((url, maze.classify(url, "a", 1)[1]))
            maze.end_page(f"http://kjj.example/cal?m={n}")
            for url in (
                f"http://kjj.example/a{n + 1}.html",
                f"http://kjj.example/b.jsp;jsessionid={n % 7:032X}",
                f"http://kjj.example/x/x/x/{n}.html",
            ):
                known.append((url, maze.classify(url, "a", 1)[1]))
            chains |= maze.chains_changed
            if interrupted and n % 100 == 99:
                again, _ = scope(crawl={"max_per_pattern": 40})
                again._note = maze._note
                again.resume(known, [(kind, url) for kind, _, url in notes], chains)
                maze = again
        return known, notes

    calm, said = met(False)
    assert met(True) == (calm, said)
    assert sum(state == WAITING for url, state in calm if "/a" in url) == 40
    assert sorted(kind for kind, _, _ in said) == ["limit", "limit", "trap"]


def test_a_maze_of_one_shape_is_closed_at_the_same_place_after_interruptions() -> None:
    maze, _ = scope()
    known: list[tuple[str, int]] = []
    chains: dict[str, int] = {}
    for n in range(200):
        maze.begin_page(f"http://kjj.example/cal?m={n}")
        known.append(
            (
                f"http://kjj.example/cal?m={n + 1}",
                maze.classify(f"http://kjj.example/cal?m={n + 1}", "a", 1)[1],
            )
        )
        maze.end_page(f"http://kjj.example/cal?m={n}")
        chains |= maze.chains_changed
        if n % 60 == 59:
            maze, _ = scope()
            maze.resume(known, [], chains)
    assert [state for _, state in known].count(WAITING) == 150


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        ("127.0.0.1", True), ("10.1.2.3", True), ("172.16.0.1", True), ("192.168.0.1", True), ("169.254.169.254", True),
        ("100.64.0.1", True), ("0.0.0.0", True), ("::1", True), ("fe80::1%eth0", True), ("::ffff:10.0.0.1", True),
        ("fd00::1", True), ("8.8.8.8", False), ("240e::1", False), ("no address", False),
    ],
)  # fmt: skip
def test_private_addresses(address: str, is_private: bool) -> None:
    assert private(address) is is_private


def test_the_shape_of_an_address() -> None:
    assert pattern_of("http://a/t20180416_123.html?b=2&a=1") == "http://a/t0_0.html?a&b"
    assert pattern_of("http://a/0123456789abcdef.html") == "http://a/x.html"
