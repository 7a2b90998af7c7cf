"""site.toml is read strictly and refused in one plain line: file, key, value, expectation."""

from pathlib import Path

import pytest

from crawler.siteconfig import SiteConfigError, from_url, load, seeds_of

HEAD = 'id = "kjj"\nhome_url = "http://kjj.example/index.html"\n'


def written(folder: Path, text: str) -> Path:
    file = folder / "site.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_whole_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t0ken")
    (tmp_path / "seeds.txt").write_text("http://kjj.example/a.html\nno address\n\n", encoding="utf-8")
    config = load(
        written(
            tmp_path,
            HEAD
            + """
name = "某某局"
hosts = ["WWW.kjj.example"]
path_prefix = "/kjj"
profile = "bureau"

[crawl]
max_pages = 500
delay = 0.5
hours = ["22:00-06:00"]
seeds = "seeds.txt"

[[host]]
name = "kjj.example"
headers = {X-Token = "${TOKEN}"}

[[column]]
name = "政务公开/通知公告"
url = "http://kjj.example/tzgg/"
class = "notice"
exempt = "机构改革期间"
until = 2026-12-31

[[waiver]]
check = "dead-link"
url = "http://old.example/"
reason = "对方网站改版"
owner = "办公室"
until = 2026-06-30

[wording]
names = ["某某中心"]
add = [{wrong = "甲", right = "乙", reason = "统一写法"}]
""",
        )
    )
    assert config.netlocs == {"kjj.example", "www.kjj.example"}
    assert config.path_prefix == "/kjj/"
    assert config.host[0].headers == {"X-Token": "t0ken"}
    assert "t0ken" not in str(config.public())
    assert seeds_of(config) == ["http://kjj.example/a.html"]
    assert config.column[0].column_class == "notice"
    assert config.outside_delay == 1.0
    assert config.site().hosts == ("kjj.example", "www.kjj.example")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + "[crawl]\ndely = 1\n", "crawl.dely：没有这个设置；这里可以写 max_pages、"),
        (HEAD + "[crawl]\ndelay = 0\n", "crawl.delay = 0：应为大于 0 的秒数；只有本机地址可写 0"),
        (HEAD + "[crawl]\ndelay = -1\n", "crawl.delay = -1：应为大于 0 的秒数"),
        (HEAD + '[crawl]\nmax_pages = "many"\n', "crawl.max_pages = 'many'：应为1 到 5000000 的整数（页）"),
        (HEAD + '[crawl]\nhours = ["night"]\n', "crawl.hours[1] = 'night'：应为时段列表"),
        (HEAD + '[crawl]\nseeds = "none.txt"\n', "crawl.seeds = 'none.txt'：应为已有的地址清单文件"),
        (
            'id = "kjj"\nhome_url = "kjj.example"\n',
            "home_url = 'kjj.example'：应为首页地址，以 http:// 或 https:// 开头",
        ),
        ('id = "kjj"\n', "home_url：必须填写；应为首页地址"),
        ('id = "../x"\nhome_url = "http://a.example/"\n', "id = '../x'：应为字母、数字"),
        (
            HEAD + '[[host]]\nname = "a"\nheaders = {X = "${NOT_SET_ANYWHERE}"}\n',
            "host[1].headers.X：环境变量 NOT_SET_ANYWHERE 没有设置",
        ),
        (HEAD + '[[host]]\nname = "a"\nheaders = {X = "a\\r\\nb"}\n', "host[1]：请求头和 Cookie 不能含换行"),
        (
            HEAD + '[[waiver]]\ncheck = "x"\nreason = "理由"\nowner = "某"\nuntil = 2026-01-01\n',
            "waiver[1]：url 与 pattern 写且只写一个",
        ),
        (
            HEAD + '[[column]]\nname = "x"\nurl = "http://a/"\nclass = "bad"\n',
            "column[1].class = 'bad'：应为news、",
        ),
        ("id = \n", "不是正确的 TOML 格式"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, line: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SiteConfigError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}：{line}")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SiteConfigError, match="读不了"):
        load(tmp_path / "site.toml")
    (tmp_path / "site.toml").write_bytes("id = '局'".encode("gb18030"))
    with pytest.raises(SiteConfigError, match="UTF-8"):
        load(tmp_path / "site.toml")


def test_from_an_address() -> None:
    public = from_url("kjj.example.gov.cn")
    assert (public.home_url, public.id, public.crawl.delay) == (
        "http://kjj.example.gov.cn/",
        "kjj.example.gov.cn",
        1.0,
    )
    own = from_url("http://127.0.0.1:8000/")
    assert (own.crawl.delay, own.outside_delay, own.netlocs) == (0, 0, {"127.0.0.1:8000"})
    assert from_url("http://portal.example/kjj/").path_prefix == "/kjj/"
    assert from_url("http://portal.example/kjj/index.html").path_prefix == "/"
    with pytest.raises(SiteConfigError, match="应为"):
        from_url("http://")
    with pytest.raises(SiteConfigError, match="应为"):
        from_url("ftp://a.example/")
    with pytest.raises(SiteConfigError, match=r"crawl\.max_pages = 0"):
        from_url("http://a.example/").with_limits(max_pages=0)
