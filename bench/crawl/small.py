"""Very many small pages: `python -m bench.crawl.small --pages 1000000 --folder FOLDER`.

Writes a site of `--pages` pages of about a kilobyte (columns, lists of fifty, articles), serves it with nginx on
loopback and audits it whole. Prints what the audit cost and how many pages it saw: run it with 10,000 and with
1,000,000 and compare the cost a page. The folder is kept, so that the next run need not write the site again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.crawl.cost import measured

SITE, STATUS = "127.0.0.51:8770", "127.0.0.51:8771"
_ROWS = 50
_LISTS = 100
"""Lists of one column; with their rows some five thousand pages."""
_NEAR = (1, 2, 3, 10, 30)
"""How far the numbers under a list reach."""
_NEWEST = dt.date(2025, 6, 20)
_WORDS = (
    "科技", "项目", "申报", "评审", "结果", "公示", "会议", "座谈", "调研", "企业", "服务", "平台", "建设", "人才", "计划",
    "专项", "资金", "管理", "办法", "实施", "方案", "培训", "活动", "开展", "推进", "工作", "部署",
)  # fmt: skip
_CONF = f"""worker_processes 1; pid run/nginx.pid; error_log logs/error.log crit;
events {{ worker_connections 4096; }}
http {{
    access_log off; log_not_found off; sendfile on; keepalive_requests 1000000; keepalive_timeout 75s;
    client_body_temp_path run/body; proxy_temp_path run/proxy; fastcgi_temp_path run/fastcgi;
    uwsgi_temp_path run/uwsgi; scgi_temp_path run/scgi;
    types {{ text/html html; }}
    server {{ listen {SITE} backlog=4096; root www; index index.html; }}
    server {{ listen {STATUS}; location /status {{ stub_status; }} }}
}}
"""


def pages(count: int) -> Iterator[tuple[str, str]]:
    """(path, HTML) of every page of a site of about `count` pages."""
    chance = random.Random(7)
    columns = max(1, round(count / (_LISTS * (_ROWS + 1))))
    lists = _LISTS if columns > 1 else max(1, round(count / (_ROWS + 1)))
    menu = "".join(f'<li><a href="/c{c}/">栏目{c}</a></li>' for c in range(min(columns, 40)))
    rest = "".join(f'<li><a href="/c{c}/">栏目{c}</a></li>' for c in range(columns))
    yield "index.html", _page("首页", menu, f"<ul>{rest}</ul>")
    for c in range(columns):
        for n in range(lists):
            rows = []
            for a in range(n * _ROWS, (n + 1) * _ROWS):
                day = _NEWEST - dt.timedelta(hours=7 * a)
                title = f"{''.join(chance.choices(_WORDS, k=6))}第{a}期"
                name = f"{day:%Y%m}/t{day:%Y%m%d}_{c * 10_000_000 + a}.html"
                rows.append(f'<li><a href="/c{c}/{name}">{title}</a><span>{day}</span></li>')
                words = "，".join("".join(chance.choices(_WORDS, k=4)) for _ in range(12))
                yield (
                    f"c{c}/{name}",
                    _page(
                        title, menu, f"<h1>{title}</h1><p>发布时间：{day}</p><p>{words}，编号{c}之{a}。</p>"
                    ),
                )
            near = sorted({m for by in _NEAR for m in (n - by, n + by) if 0 <= m < lists} | {0, lists - 1})
            pager = "".join(f'<a href="/c{c}/{_list(m)}">{m + 1}</a> ' for m in near)
            yield f"c{c}/{_list(n)}", _page(f"栏目{c}", menu, f"<ul>{''.join(rows)}</ul><p>{pager}</p>")


def _list(n: int) -> str:
    return f"index_{n}.html" if n else "index.html"


def _page(title: str, menu: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head><body><ul class="nav">'
        f'{menu}</ul><div class="content">{body}</div><div class="footer">主办单位：测试局</div></body></html>'
    )


def write(folder: Path, count: int) -> int:
    """Write the site, returns its pages."""
    written = 0
    for path, html in pages(count):
        file = folder / "www" / path
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(html, encoding="utf-8")
        written += 1
    for name in ("run", "logs"):
        (folder / name).mkdir()
    (folder / "nginx.conf").write_text(_CONF, encoding="utf-8")
    (folder / "written").write_text(str(written), encoding="utf-8")
    return written


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, required=True)
    args = parser.parse_args()
    site = args.folder.resolve() / f"small-{args.pages}"
    count = site / "written"
    written = int(count.read_text(encoding="utf-8")) if count.exists() else write(site, args.pages)
    work = site / "audit"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    (work / "site.toml").write_text(
        f'id = "small"\nname = "小页网"\nhome_url = "http://{SITE}/"\n[crawl]\ndelay = 0\nmax_pages = 5000000\nmax_per_pattern = 5000000\n',
        encoding="utf-8",
    )
    program = "import sys; from xuncha.cli import main; sys.argv[0] = 'xuncha'; sys.exit(main())"
    subprocess.run(["nginx", "-p", site, "-c", "nginx.conf"], check=True)
    try:
        cost = measured(
            [sys.executable, "-c", program, "audit", "site.toml", "--out", "out", "--as-of", "2025-06-30", "--json"],
            work, 4 * 3600, STATUS,
        )  # fmt: skip
    finally:
        subprocess.run(["nginx", "-p", site, "-c", "nginx.conf", "-s", "stop"], check=False)
    counts = json.loads(cost.output or "{}").get("run", {}).get("coverage", {}).get("pages", {})
    (run,) = sorted((work / "out").glob("*/runs/*"))[-1:]
    sizes = ", ".join(f"{f.name} {f.stat().st_size / 1e6:.0f} MB" for f in sorted(run.iterdir()) if f.suffix)
    print(
        f"{written} pages written, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}; {sizes}"
    )
    print(f"walked: {json.dumps(counts, ensure_ascii=False)}")
    print(
        f"wall {cost.wall:.0f} s, CPU {cost.cpu:.0f} s, {cost.cpu / written * 1000:.2f} ms a page,"
        f" peak {cost.resident:.0f} MB ({cost.shared:.0f} shared once), {cost.requests} requests"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
