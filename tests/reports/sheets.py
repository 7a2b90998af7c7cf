"""What staff do to the workbook: cells typed over, formulas, saved again by LibreOffice."""

from __future__ import annotations

import datetime as dt
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EPOCH = dt.date(1899, 12, 30)
FIRST_SHEET = "xl/worksheets/sheet1.xml"


class Formula(str):
    """A cell that computes."""


def typed(source: Path, target: Path, cells: Mapping[str, Any], part: str = FIRST_SHEET) -> Path:
    """A copy with these cells typed over: text, number, day, Formula, or None for nothing."""
    with zipfile.ZipFile(source) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    tree = etree.fromstring(parts[part])
    rows = {row.get("r"): row for row in tree.iter(f"{MAIN}row")}
    for ref, value in cells.items():
        number = str(xl_cell_to_rowcol(ref)[0] + 1)
        row = rows.get(number)
        if row is None:
            row = rows[number] = etree.SubElement(tree.find(f"{MAIN}sheetData"), f"{MAIN}row", r=number)
        cell = next((one for one in row if one.get("r") == ref), None)
        if cell is None:
            cell = etree.SubElement(row, f"{MAIN}c", r=ref)
            row[:] = sorted(row, key=lambda one: xl_cell_to_rowcol(one.get("r"))[1])
        _fill(cell, value)
    parts[part] = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return target


def _fill(cell: Any, value: Any) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if isinstance(value, Formula):
        etree.SubElement(cell, f"{MAIN}f").text = str(value)
        etree.SubElement(cell, f"{MAIN}v").text = "0"
    elif isinstance(value, dt.date):
        etree.SubElement(cell, f"{MAIN}v").text = str((value - EPOCH).days)
    elif isinstance(value, (int, float)):
        etree.SubElement(cell, f"{MAIN}v").text = str(value)
    elif value is not None:
        cell.set("t", "inlineStr")
        etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t").text = value


def refs(path: Path, sheet: str = "整改台账") -> dict[tuple[str, str], str]:
    """Where each cell of the list stands, by 问题编号 and column name."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    number = rows[0].index("问题编号")
    return {
        (str(row[number]), str(name)): f"{xl_col_to_name(column)}{line}"
        for line, row in enumerate(rows[1:], 2)
        for column, name in enumerate(rows[0])
    }


def saved_by_libreoffice(source: Path, folder: Path) -> Path:
    """The workbook opened and saved by a real LibreOffice."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder / source.name
