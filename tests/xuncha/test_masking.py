"""No number of a person leaves the run: not in any format, not in the log, not on the screen."""

import io
import subprocess
import zipfile
from pathlib import Path

from docx import Document
from typer.testing import CliRunner

from tests.server import Behaviour, Server, answer, missing, serving
from xuncha.cli import app

IDENTITY, MOBILE, CARD = "11010519491231002X", "13800001234", "6222021001116245702"
PERSON = f"户主身份证号：{IDENTITY}，户主手机号：{MOBILE}，银行卡号：{CARD}"


def page(title: str, body: str) -> Behaviour:
    text = f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{body}</body></html>"
    return answer(text, kind="text/html")


def attachment() -> bytes:
    document = Document()
    document.add_paragraph(f"关于布署补助发放工作的公示，{PERSON}。")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def site() -> dict[str, Behaviour]:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {
        "/": page(
            "云上市科学技术局",
            f"<p><a href=/list.html>公示公告</a> <a href='/gone.html?sfz={IDENTITY}&tel={MOBILE}'>户主手机号：{MOBILE}的查询</a></p>",
        ),
        "/list.html": page(
            "公示公告",
            f"<ul><li><a href=/a.html>公示（{PERSON}）</a> 2018-03-01</li><li><a href=/l.html>局长信箱来信</a> 2018-03-02</li>"
            f"<li><a href=/b.docx>附件：户主身份证号{IDENTITY}.docx</a></li></ul>",
        ),
        "/a.html": page(
            f"公示（{PERSON}）",
            f"<h1>公示（{PERSON}）</h1><p>发布时间：2018-03-01</p><p>现将布署情况公示如下：{PERSON}，其中：其中一户。</p>"
            f"<p>测试测试{IDENTITY}</p><p>本人手机号{MOBILE}，截止2018年12月31日。</p>",
        ),
        "/l.html": page(
            "局长信箱",
            f"<p>标题：户主手机号：{MOBILE}的来信</p><p>来信时间：2018-03-01</p><p>来信内容：我的身份证号：{IDENTITY}。</p>"
            f"<p>回复内容：您好，{PERSON}，不服你去告，我们会尽快处理。</p><p>回复时间：2018-09-05</p>",
        ),
        "/b.docx": answer(attachment(), kind=word),
        f"/gone.html?sfz={IDENTITY}&tel={MOBILE}": missing(),
    }


def printed(path: Path) -> str:
    """All there is to read in a file, packed parts and names included."""
    data = path.read_bytes()
    if path.suffix == ".pdf":
        done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
        return path.name + done.stdout.decode("utf-8").replace("\n", "").replace(" ", "")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return path.name + "".join(
                name + archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
            )
    return path.name + data.decode("utf-8", "replace")


def test_no_number_of_a_person_in_any_output(tmp_path: Path) -> None:
    with serving(Server(routes=site())) as (server,):
        audit = CliRunner().invoke(app, ["audit", f"{server.base}/", "--out", str(tmp_path)])
    assert audit.exit_code == 0, audit.output
    run = max(tmp_path.glob("*/runs/*"))
    report = CliRunner().invoke(app, ["report", str(run), "--format", "html,json,csv,xlsx,docx,pdf"])
    assert report.exit_code == 0, report.output
    files = [path for path in (run / "report").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".html", ".json", ".csv", ".xlsx", ".docx", ".pdf"}
    files += [path for path in tmp_path.rglob("*.log*") if path.is_file()]
    told = {str(path.relative_to(tmp_path)): printed(path) for path in files}
    told["screen"] = audit.output + report.output
    assert "exposed-personal-data" in told[str((run / "report" / "findings.json").relative_to(tmp_path))]
    leaks = [
        (name, secret, text[max(0, (at := text.index(secret)) - 60) : at + 30])
        for name, text in told.items()
        for secret in (IDENTITY, MOBILE, CARD)
        if secret in text
    ]
    assert leaks == []
