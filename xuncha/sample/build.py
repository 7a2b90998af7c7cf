"""Write the sample site as static files.

Sources are data: `site.toml` (identity, columns), `pages/*.toml` (articles, letters), `pages/*.html` (single
pages), `templates/`. The faulty state is the healthy one with the edits of `faults.toml` applied: to the
sources (`edit`) or to written pages (`touch`). Entries marked `only` exist in one state alone.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from xuncha.sample import attachments, money

AS_OF = dt.date(2018, 4, 16)
DEFAULT_BASE_URL = "http://127.0.0.1:8780"

_HERE = Path(__file__).parent
_SLEEP_AFTER = dt.date(2018, 4, 1)
_SLEEP_DAYS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One seeded fault, or one trap (`grade` "ok") that no check may report.

    `page` is the path of the page that shows it, "*" when every page does. `where` is a quote of the
    page or the target of the link, with the addresses of the served site filled in.
    """

    check: str
    page: str
    where: str
    grade: str
    family: str
    note: str
    since: str
    absent: bool


def partner_url(base_url: str) -> str:
    """The outside site the sample links to: the next loopback address, same port."""
    return base_url.replace("127.0.0.1", "127.0.0.2")


def site_toml(base_url: str) -> str:
    """The `site.toml` an audit of the sample starts from."""
    site = _sources(healthy=True)["site.toml"]["site"]
    return (
        f'id = "{site["id"]}"\n'
        f'name = "{site["name"]}"\n'
        f'home_url = "{base_url}/"\n'
        f'sponsor = "{site["name"]}"\n'
        f'site_code = "{site["site_code"]}"\n'
        "\n[crawl]\ndelay = 0\nconcurrency = 16\nagain_after = 0\n"
    )


def faults(base_url: str = DEFAULT_BASE_URL) -> tuple[Fault, ...]:
    """What the faulty state holds, as served from `base_url`."""
    return tuple(_fault(row, base_url) for row in _truth()["fault"])


def traps(base_url: str = DEFAULT_BASE_URL) -> tuple[Fault, ...]:
    """What looks like a fault and is none."""
    return tuple(_fault({"grade": "ok", **row}, base_url) for row in _truth()["trap"])


def build(folder: Path, healthy: bool, base_url: str = DEFAULT_BASE_URL) -> None:
    """Write the site to `folder`. `base_url` is where it will be served from."""
    sources = _sources(healthy)
    site = _Site(sources=sources, healthy=healthy, base_url=base_url)
    for path, content in site.files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    if not healthy:
        _touch(folder, base_url)


def _truth() -> dict[str, Any]:
    return tomllib.loads((_HERE / "faults.toml").read_text(encoding="utf-8"))


def _rows() -> list[dict[str, Any]]:
    truth = _truth()
    return [*truth["fault"], *truth["trap"]]


def _fault(row: Mapping[str, Any], base_url: str) -> Fault:
    where = str(row["where"]).replace("{partner}", partner_url(base_url)).replace("{site}", base_url)
    return Fault(
        check=row["check"],
        page=row["page"],
        where=where,
        grade=row["grade"],
        family=row["family"],
        note=row["note"],
        since=row["since"],
        absent=row.get("absent", False),
    )


def _sources(healthy: bool) -> dict[str, Any]:
    """Every source by its path, TOML parsed, with the seeded edits applied unless `healthy`."""
    names = ["site.toml", *(f"pages/{path.name}" for path in sorted((_HERE / "pages").iterdir()))]
    texts = {name: (_HERE / name).read_text(encoding="utf-8") for name in names}
    if not healthy:
        for fault in _rows():
            for edit in fault.get("edit", ()):
                texts[edit["file"]] = _replaced(texts[edit["file"]], edit, fault)
    return {name: tomllib.loads(text) if name.endswith(".toml") else text for name, text in texts.items()}


def _replaced(text: str, edit: Mapping[str, str], fault: Mapping[str, Any]) -> str:
    if text.count(edit["find"]) != 1:
        raise ValueError(
            f"{fault['check']}: {edit['find']!r} stands {text.count(edit['find'])} times in {edit['file']}"
        )
    return text.replace(edit["find"], edit["replace"])


def _touch(folder: Path, base_url: str) -> None:
    for fault in _rows():
        for edit in fault.get("touch", ()):
            target = folder / edit["file"].lstrip("/")
            if "bytes" in edit:
                target.write_bytes(edit["bytes"].encode())
                continue
            codec = edit.get("codec", "utf-8")
            text = target.read_text(encoding=codec)
            filled = {
                key: value.replace("{partner}", partner_url(base_url)).replace("{site}", base_url)
                for key, value in edit.items()
            }
            target.write_text(_replaced(text, filled, fault), encoding=edit.get("write", codec))


class _Site:
    """The site in one state, ready to be written."""

    def __init__(self, sources: Mapping[str, Any], healthy: bool, base_url: str) -> None:
        self.sources = sources
        self.healthy = healthy
        self.site: dict[str, Any] = dict(sources["site.toml"]["site"])
        self.site["host"] = urlsplit(base_url).hostname
        self.site["partner"] = partner_url(base_url)
        self.columns: dict[str, dict[str, Any]] = {
            column["id"]: dict(column) for column in sources["site.toml"]["column"] if self._kept(column)
        }
        self.articles: dict[str, list[dict[str, Any]]] = {name: [] for name in self.columns}
        self.urls: dict[str, str] = {}
        self.letters = [
            dict(letter) for letter in sources["pages/letters.toml"]["letter"] if self._kept(letter)
        ]
        for column in self.columns.values():
            column["url"] = f"/{column['path']}/"
        for name in sorted(sources):
            if name.startswith("pages/") and name.endswith(".toml"):
                for article in sources[name].get("article", ()):
                    self._place(dict(article))
        self.env = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,
        )
        self.env.globals.update(
            site=self.site,
            columns=self.columns,
            articles=self.articles,
            letters=self.letters,
            url=self.urls.__getitem__,
            children=self._children,
            trail=self._trail,
            faulty=not healthy,
        )

    def files(self) -> dict[str, bytes]:
        pages: dict[str, bytes] = {}
        self._add(pages, "index.html", "home.html", kind="home", title=self.site["name"])
        for column in self.columns.values():
            if "page" in column:
                self._single(pages, column)
            elif column.get("template") == "letters":
                self._letters(pages, column)
            else:
                self._list(pages, column)
        for name, style in (("images/style.css", "style.css"), ("images/common.js", "common.js")):
            pages[name] = (_HERE / "templates" / style).read_bytes()
        pages["module/jpage/dataproxy.jsp"] = (
            self.env.get_template("records.xml").render(rows=self.articles["qxkj"]).encode()
        )
        pages.update(attachments.pictures())
        for rows in self.articles.values():
            for article in rows:
                for file in article.get("files", ()):
                    pages[self._file_path(article, file)] = attachments.make(file, article)
        for name, file in self.sources["pages/forms.toml"].items():
            pages[f"forms/{file['name']}"] = attachments.make(file, {"title": file["title"], "id": name})
        return pages

    def _kept(self, entry: Mapping[str, Any]) -> bool:
        return entry.get("only", "both") in ("both", "healthy" if self.healthy else "faulty")

    def _moved(self, day: dt.date) -> dt.date:
        """The faulty site fell asleep: what was published lately moves back."""
        return day if self.healthy or day <= _SLEEP_AFTER else day - dt.timedelta(days=_SLEEP_DAYS)

    def _place(self, article: dict[str, Any]) -> None:
        column = self.columns.get(article["column"])
        if column is None or not self._kept(article):
            return
        day = self._moved(article["date"])
        article["date"] = day
        article.setdefault("source", self.site["name"])
        article.setdefault("time", "09:30")
        article.setdefault("shown", f"{day} {article['time']}")
        article.setdefault("row_date", article["shown"][:10])
        if "signed" in article:
            article["signed"] = article["signed"].replace(
                "{published}", f"{day.year}年{day.month}月{day.day}日"
            )
        ident = article["id"]
        if "path" in article:
            article["url"] = f"/{column['path']}/{article['path']}"
        elif column.get("style") == "dahan":
            article["url"] = f"/art/{day.year}/{day.month}/{day.day}/art_118_{ident}.html"
        else:
            article["url"] = f"/{column['path']}/{day:%Y%m}/t{day:%Y%m%d}_{ident}.html"
        if "figures" in article:
            article["money"] = money.Statement.of(article)
        self.urls[ident] = article["url"]
        rows = self.articles[article["column"]]
        rows.append(article)
        rows.sort(key=lambda row: (row["date"], row["id"]), reverse=True)

    def _children(self, parent: str) -> list[dict[str, Any]]:
        return [column for column in self.columns.values() if column.get("parent") == parent]

    def _trail(self, column: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        parent = column.get("parent")
        return [*(self._trail(self.columns[parent]) if parent else ()), column]

    @staticmethod
    def _file_path(article: Mapping[str, Any], file: Mapping[str, Any]) -> str:
        return f"{article['url'].rsplit('/', 1)[0]}/{file['name']}".lstrip("/")

    def _add(self, pages: dict[str, bytes], path: str, template: str, **names: Any) -> None:
        column = names.get("column")
        codec = column.get("codec", "utf-8") if column else "utf-8"
        names.setdefault("column", None)
        names["charset"] = column.get("charset", "utf-8") if column else "utf-8"
        names["path"] = f"/{path}"
        pages[path] = self.env.get_template(template).render(**names).encode(codec)

    def _single(self, pages: dict[str, bytes], column: dict[str, Any]) -> None:
        body = self.env.from_string(self.sources[f"pages/{column['page']}"]).render(column=column)
        path = f"{column['path']}/index.html"
        self._add(pages, path, "single.html", kind="single", title=column["name"], column=column, body=body)

    def _list(self, pages: dict[str, bytes], column: dict[str, Any]) -> None:
        rows = self.articles[column["id"]]
        size = column.get("page_size", 20)
        total = max(1, -(-len(rows) // size))
        for number in range(total):
            name = "index.html" if number == 0 else f"index_{number}.html"
            self._add(
                pages,
                f"{column['path']}/{name}",
                "dahan.html" if column.get("style") == "dahan" else "list.html",
                kind="column",
                title=column["name"],
                column=column,
                rows=rows[number * size : (number + 1) * size],
                total=total,
                current=number,
            )
        for article in rows:
            self._article(pages, column, article)

    def _article(self, pages: dict[str, bytes], column: dict[str, Any], article: dict[str, Any]) -> None:
        def day(shift: int) -> str:
            date = article["date"] + dt.timedelta(days=shift)
            return f"{date.month}月{date.day}日"

        source = article.get("body", "")
        if "template" in article:
            body = self.env.get_template(article["template"]).render(article=article, m=article.get("money"))
        else:
            body = _paragraphs(self.env.from_string(source).render(article=article, day=day))
        self._add(
            pages,
            article["url"].lstrip("/"),
            "article.html",
            kind="article",
            title=article["title"],
            column=column,
            article=article,
            body=body,
        )

    def _letters(self, pages: dict[str, bytes], column: dict[str, Any]) -> None:
        letters = sorted(self.letters, key=lambda letter: str(letter["asked"]), reverse=True)
        for letter in letters:
            letter["url"] = f"/{column['path']}/show_{letter['id']}.html"
        names = {"kind": "column", "title": column["name"], "column": column, "rows": letters}
        self._add(pages, f"{column['path']}/index.html", "letters.html", **names)
        for letter in letters:
            self._add(
                pages,
                letter["url"].lstrip("/"),
                "letter.html",
                kind="letter",
                title=letter["title"],
                column=column,
                letter=letter,
            )


def _paragraphs(text: str) -> str:
    """Lines become paragraphs; a line that is markup already stays."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line if line.startswith("<") else f"<p>{line}</p>" for line in lines if line)
