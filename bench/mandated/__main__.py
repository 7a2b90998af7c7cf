"""Disclosure items on real pages: recall, look-alikes taken, each miss named.

    python -m bench.mandated [FOLDER]

FOLDER holds real pages and `_truth_items.tsv` (default: realdata/gov-html beside the repository's shared material).
Truth speaks of items in plain words; a page counts as found when every id listed for its word is among the
items read from it, and a look-alike as taken when any of them is.

    机构职能            DI-01   one office's duties under 机构职责 count as part of it (confidence 0.6)
    领导信息/分工       DI-04
    政府信息公开指南     DI-05
    政府信息公开年度报告  DI-08
    规划               DI-15
    预算 / 决算 / 三公经费  DI-28 / DI-29 / DI-30
    预算+决算(栏目页)    DI-28 and DI-29
    机构职能+领导(栏目页) DI-01 and DI-04
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

from crawler.extract.reading import read

IDS = {
    "机构职能": {"DI-01"},
    "领导信息/分工": {"DI-04"},
    "政府信息公开指南": {"DI-05"},
    "政府信息公开年度报告": {"DI-08"},
    "规划": {"DI-15"},
    "预算": {"DI-28"},
    "决算": {"DI-29"},
    "三公经费": {"DI-30"},
    "预算+决算(栏目页)": {"DI-28", "DI-29"},
    "机构职能+领导(栏目页)": {"DI-01", "DI-04"},
}
DEFAULT = Path(__file__).resolve().parents[2].parent / "shared" / "realdata" / "gov-html"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    with (folder / "_truth_items.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = {True: 0, False: 0}
    asked = {True: 0, False: 0}
    started = time.perf_counter()
    for row in rows:
        reading = read(f"http://www.example.gov.cn/{row['path']}", (folder / row["path"]).read_bytes())
        items = {hit.item for hit in reading.mandated}
        wanted, real = IDS[row["item"]], row["is_item"] == "yes"
        hit = wanted <= items if real else bool(wanted & items)
        asked[real] += 1
        found[real] += hit
        if hit is not real:
            word = "missed" if real else "taken "
            path = " > ".join(reading.column_path)
            print(
                f"{word}  {row['item']}  {row['path']}\n        {reading.kind} | {path} | {reading.title} | read: {sorted(items)}"
            )
    spent = (time.perf_counter() - started) / max(len(rows), 1) * 1000
    print(f"recall          {found[True]}/{asked[True]} = {found[True] / asked[True]:.1%}")
    print(f"look-alikes     {found[False]}/{asked[False]} taken as the item")
    print(f"whole reading   {spent:.1f} ms a page, {len(rows)} pages")


if __name__ == "__main__":
    main()
