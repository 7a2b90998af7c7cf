"""Formats of attachments: how many files of each kind are read, whether text and tables are exact, ms each.

    python -m bench.documents [FOLDER] [--files N]

Makes N files (default 12) of each kind from the texts under FOLDER (default: realdata/clean-text beside the
repository; without it, from built-in sentences), each with a table of figures, and reads every one.
DOC, RTF and one kind of PDF are made by LibreOffice, another by Chromium, another by Typst.
Exact text: the same characters in the same order, white space apart. Exact table: every cell.
"""

from __future__ import annotations

import argparse
import html
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import docx
import xlsxwriter

from crawler.documents import DocumentText, read, read_capped
from tests.crawler import attachments as make

_SHARED = Path(__file__).parents[3] / "shared" / "realdata" / "clean-text"
Paper = tuple[str, list[str], list[list[str]]]


def papers(folder: Path, count: int) -> list[Paper]:
    """Title, paragraphs and table of each paper."""
    files = (
        sorted(folder.rglob("*.txt"))[:: max(1, len(list(folder.rglob("*.txt"))) // count)][:count]
        if folder.is_dir()
        else []
    )
    texts = [file.read_text("utf-8", "replace") for file in files] or [make.SENTENCE * 20] * count
    out = []
    for number, text in enumerate(texts, 1):
        lines = [re.sub(r"\s+", "", line)[:400] for line in text.splitlines() if len(line.strip()) > 10][:40]
        rows = [["项目", "2016年决算数", "2017年预算数"]]
        rows += [
            [name, f"{number * k}.{k}5", f"{number + k}.50"]
            for k, name in enumerate(("合计", "公务接待费", "公务用车费", "因公出国（境）费"), 2)
        ]
        out.append((f"云州市第{number}号材料说明", lines, rows))
    return out


def make_all(folder: Path, found: list[Paper]) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {}
    for number, (title, lines, rows) in enumerate(found):
        path = folder / f"w{number}.docx"
        document = docx.Document()
        for line in (title, *lines):
            document.add_paragraph(line)
        table = document.add_table(rows=0, cols=3)
        table.style = "Table Grid"
        for row in rows:
            for cell, value in zip(table.add_row().cells, row, strict=True):
                cell.text = value
        document.save(str(path))
        files.setdefault("docx", []).append(path)
        book_path = folder / f"s{number}.xlsx"
        with xlsxwriter.Workbook(str(book_path)) as book:
            sheet = book.add_worksheet("表")
            for index, row in enumerate(rows):
                for column, value in enumerate(row):
                    sheet.write(index, column, float(value) if value.replace(".", "").isdigit() else value)
        files.setdefault("xlsx", []).append(book_path)
        cells = ", ".join(f'["{cell}"]'.replace('["', "[").replace('"]', "]") for row in rows for cell in row)
        body = "\n\n".join(
            "".join("\\" + c if c in "*_#$@<>`[]\\/~=+-" else c for c in line) for line in (title, *lines)
        )
        make.typeset(f"{body}\n\n#table(columns: 3, {cells})\n", folder / f"t{number}.pdf")
        files.setdefault("pdf (typst)", []).append(folder / f"t{number}.pdf")
        page = f"<meta charset=utf-8><title>{title}</title>" + "".join(
            f"<p>{html.escape(line)}</p>" for line in (title, *lines)
        )
        page += (
            "<table border=1>"
            + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
            + "</table>"
        )
        (folder / f"c{number}.html").write_text(page, "utf-8")
        files.setdefault("html", []).append(folder / f"c{number}.html")
        files.setdefault("zip", []).append(folder / f"z{number}.zip")
        (folder / f"z{number}.zip").write_bytes(make.make_gbk_zip({"材料.docx": path.read_bytes()}))
        files.setdefault("rar (stored)", []).append(folder / f"r{number}.rar")
        (folder / f"r{number}.rar").write_bytes(make.make_rar({"m.docx": path.read_bytes()}))
    for source, target, kind in (
        ("docx", "doc", "doc"),
        ("docx", "rtf", "rtf"),
        ("docx", "pdf", "pdf (LibreOffice)"),
        ("xlsx", "xls", "xls"),
        ("docx", "odt", "odt"),
        ("xlsx", "ods", "ods"),
    ):
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", target, *(p.name for p in files[source])],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        files[kind] = [path.with_suffix(f".{target}") for path in files[source]]
    # WPS and ET files are DOC and XLS under another name, as the office program writes them by default.
    for kind, twin in (("doc", "wps"), ("xls", "et")):
        for path in files[kind]:
            copy = path.with_suffix(f".{twin}")
            copy.write_bytes(path.read_bytes())
            files.setdefault(twin, []).append(copy)
    for number, (title, lines, rows) in enumerate(found):
        path = folder / f"o{number}.ofd"
        path.write_bytes(make.make_ofd([title, *lines, *("\t".join(row) for row in rows)]))
        files.setdefault("ofd", []).append(path)
        path = folder / f"p{number}.7z"
        path.write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(64))
        files.setdefault("7z (told, not read)", []).append(path)
    for path in files["html"][:4]:
        target = path.with_suffix(".chromium.pdf")
        subprocess.run(
            [
                "chromium",
                "--headless",
                "--no-sandbox",
                f"--print-to-pdf={target}",
                "--no-pdf-header-footer",
                path.as_uri(),
            ],
            check=True,
            capture_output=True,
        )
        files.setdefault("pdf (Chromium)", []).append(target)
    return files


def judge(document: DocumentText, paper: Paper, sheet: bool) -> tuple[bool, bool]:
    """Whether text and table are exact."""
    title, lines, rows = paper
    numbers = [[cell.rstrip("0").rstrip(".") if "." in cell else cell for cell in row] for row in rows]
    wanted = (
        "".join(cell for row in numbers for cell in row)
        if sheet
        else "".join((title, *lines, *(cell for row in rows for cell in row)))
    )
    text = re.sub(r"\s", "", document.text)
    exact = (
        text.endswith(wanted)
        if sheet or document.kind in ("zip", "rar")
        else text == re.sub(r"\s", "", wanted)
    )
    tables = [[list(row) for row in table] for table in document.tables]
    return exact, any(table in (rows, numbers) for table in tables)


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench.documents")
    asked.add_argument("folder", nargs="?", type=Path, default=_SHARED)
    asked.add_argument("--files", type=int, default=12)
    options = asked.parse_args()
    found = papers(options.folder, options.files)
    with tempfile.TemporaryDirectory() as name:
        files = make_all(Path(name), found)
        read_capped(files["docx"][0].read_bytes())
        print(
            f"{'kind':<20}{'files':>6}{'read':>6}{'text exact':>12}{'table exact':>13}{'ms each':>9}{'worst':>8}"
        )
        for kind, paths in sorted(files.items()):
            times, good, texts, tables = [], 0, 0, 0
            read(paths[0].read_bytes(), paths[0].name)
            for path, paper in zip(paths, found, strict=False):
                data = path.read_bytes()
                start = time.perf_counter()
                document = read(data, path.name)
                times.append((time.perf_counter() - start) * 1000)
                exact, table = judge(document, paper, kind in ("xls", "xlsx", "et", "ods"))
                good, texts, tables = good + document.readable, texts + exact, tables + table
            print(
                f"{kind:<20}{len(paths):>6}{good:>6}{texts:>12}{tables:>13}{statistics.median(times):>9.1f}{max(times):>8.1f}"
            )


if __name__ == "__main__":
    main()
