"""A whole real site read item by item: the truth was written by hand, page by page. Without the material: nothing to read."""

from pathlib import Path

from crawler.extract.reading import read

SITE = Path(__file__).parents[2].parent / "shared" / "realdata" / "gov-html" / "cwl-lottery"
TRUTH: dict[str, set[tuple[str, int | None]]] = {
    "c/2017-03-17/416013.html": {("DI-29", 2016)},
    "c/2017-04-07/416049.html": {("DI-28", 2017)},
    "c/2017-11-07/415804.html": {("DI-01", None)},
    "c/2017-11-08/416437.html": {("DI-13", None)},
    "c/2018-04-13/432566.html": {("DI-28", 2018)},
    "c/2018-07-20/440821.html": {("DI-29", 2017)},
    "c/2018-09-01/415803.html": {("DI-01", None), ("DI-02", None)},
    "c/2019-01-09/447726.html": {("DI-13", None)},
    "c/2019-03-20/415805.html": {("DI-04", None)},
    "c/2019-04-02/450962.html": {("DI-28", 2019)},
    "c/2019-07-19/455579.html": {("DI-29", 2018)},
    "c/2020-06-11/469534.html": {("DI-28", 2020)},
    "c/2020-06-11/469537.html": {("DI-28", 2020)},
    "c/2020-07-17/471190.html": {("DI-29", 2019)},
    "c/2020-07-17/471191.html": {("DI-29", 2019)},
    "xxgk/cwyjs/index.html": {("DI-28", None), ("DI-29", None)},
    "zzjg/index.html": {("DI-01", None), ("DI-02", None), ("DI-04", None)},
    "zzjg/jgzn/index.html": {("DI-01", None)},
    "zzjg/ldjs/index.html": {("DI-04", None)},
}
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html")) if SITE.is_dir() else []


def test_every_page_of_the_site() -> None:
    wrong = {}
    for path in PAGES:
        reading = read(f"http://www.site.gov.cn/{path}", (SITE / path).read_bytes())
        found = {(hit.item, hit.year) for hit in reading.mandated}
        if found != TRUTH.get(path, set()):
            wrong[path] = found
    assert wrong == {}
