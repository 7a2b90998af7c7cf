"""The proofreader as a whole: what it must find, what it must leave alone."""

import datetime as dt
from itertools import product
from pathlib import Path

import pytest

from checks.check import Grade
from checks.wording.proofread import LAYERS, Proofreader

SHARED = Path(__file__).parents[2].parent / "shared"
SEED = SHARED / "seed" / "annual-report-2017.txt"


@pytest.fixture(scope="module")
def reader() -> Proofreader:
    return Proofreader()


def told(reader: Proofreader, text: str, **options: object) -> list[tuple[str, str, str]]:
    return [(hit.text, hit.suggestion, str(hit.grade)) for hit in reader.hits(text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中华人民共合国成立", [("中华人民共合国", "中华人民共和国", "fail")]),
        ("坚持中国特色社会注义道路", [("中国特色社会注义", "中国特色社会主义", "fail")]),
        ("坚持中国特社会主义道路", [("中国特社会主义", "中国特色社会主义", "fail")]),
        ("深入推进扫黑险恶专项斗争", [("扫黑险恶", "扫黑除恶", "fail")]),
        ("加强社会治安综合治里", [("综合治里", "综合治理", "review")]),
        ("截止目前，全市共有三所", [("截止", "截至", "fail")]),
        ("报名截止目前已近尾声的日期为5月", [("截止", "截至", "fail")]),
        ("2023年2月30日", [("2023年2月30日", "", "fail")]),
        ("2023年2月28日（星期三）", [("2023年2月28日（星期三）", "星期二", "fail")]),
        ("“十四五”（2020—2025年）期间", [("“十四五”（2020—2025年）", "2021—2025年", "review")]),
        ("党的十九届八中全会", [("党的十九届八中全会", "", "fail")]),
        ("2021年是中国共产党成立101周年", [("2021年是中国共产党成立101周年", "100周年", "review")]),
        ("共10人，其中：男4人、女5人。", [("共10人，其中：男4人、女5人", "", "review")]),
        ("根据《条例规定。", [("《", "", "review")]),
        ("开展”三会一课“活动", [("”三会一课“", "", "review")]),
    ],
)
def test_finds(reader: Proofreader, text: str, expected: list[tuple[str, str, str]]) -> None:
    assert told(reader, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "这是一个大麻烦",
        "“七五”（2016—2020年）法治宣传教育规划",
        "从德智体到德智体美到德智体美劳五育并举",
        "奖金会通过“福...【详情】",
        "路口交通管理所",
        "三黄片是一种中成药",
        "车辆开进去死胡同调头",
        "创建全国文明城市",
        "逾期未报的单位",
        "重若千钧的责任",
        "现在在岗职工三百人",
        "叶县县委、叶县县人民政府",
        "请于2025年12月31日前报送，报名截止时间为5月1日",
        "一点一点地做，一块地一块地丈量",
        "“布署”应为“部署”",
        "网络安全测试赛开幕",
        "2024年2月29日",
        "“十四五”（2021—2025年）",
        "全面从严治团，全面依法治市",
        "坚持中国特色的社会主义",
        "（一）是中华人民共和国公民；",
        "一是加强学习。二是抓好落实。",
    ],
)
def test_leaves_alone(reader: Proofreader, text: str) -> None:
    assert told(reader, text, dated=dt.date(2026, 6, 1)) == []


def test_ordinary_names_are_no_faults(reader: Proofreader) -> None:
    surnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
    given = (
        "建国",
        "己立",
        "克己",
        "正甫",
        "若千",
        "布江",
        "树敬",
        "秀拨",
        "松弛",
        "志坚",
        "慧敏",
        "建全",
        "国栋",
        "文俊",
        "晓攻",
        "布署文",
    )
    names = [surname + name for surname, name in product(surnames, given)]
    assert len(names) >= 480
    accused = [
        name
        for name in names
        if told(reader, f"公示人员：{name}，男，汉族。") and name[1:] not in ("布署文",)
    ]
    assert accused == []


def test_names_hold_from_a_date(reader: Proofreader) -> None:
    text = "请到市国土资源局窗口办理。"
    assert told(reader, text) == []
    assert told(reader, text, dated=dt.date(2017, 5, 1)) == []
    assert told(reader, text, dated=dt.date(2024, 5, 1)) == [
        ("国土资源局", "自然资源局（自然资源和规划局）", "review")
    ]


def test_offsets_are_characters_of_the_text(reader: Proofreader) -> None:
    text = "😀会议布署了工作，\n截止2020年底完成。"
    assert [(text[hit.start : hit.end], hit.start) for hit in reader.hits(text)] == [
        ("布署", 3),
        ("截止", 10),
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_can_be_switched_off(layer: str) -> None:
    text = "布署工作，中国特色社会会主义，市国土资源局，《合同法》，那就事伴功倍了，有关法津规定，截止目前，2023年2月30日。"
    dated = dt.date(2024, 5, 1)
    spoken = {hit.layer for hit in Proofreader().hits(text, dated=dated)}
    assert spoken == set(LAYERS)
    assert {hit.layer for hit in Proofreader(site={"off": [layer]}).hits(text, dated=dated)} == spoken - {
        layer
    }
    assert {hit.layer for hit in Proofreader(layers=[layer]).hits(text, dated=dated)} == {layer}


def test_a_site_adds_switches_off_and_waives() -> None:
    site = {
        "add": [{"wrong": "临江是", "right": "临江市", "reason": "地名误写"}],
        "off": ["W0034"],
        "waive": [
            {"text": "截止", "reason": "已与办公室商定", "until": dt.date(2024, 6, 30)},
            {"rule": "impossible-date", "reason": "农历", "until": "2024-06-30"},
        ],
        "names": ["秸杆湖"],
    }
    text = "临江是布署秸杆湖治理，截止目前完成，2月30日。"
    early = Proofreader(site=site, as_of=dt.date(2024, 6, 30)).hits(text)
    late = Proofreader(site=site, as_of=dt.date(2024, 7, 1)).hits(text)
    assert [(hit.text, hit.reason) for hit in early] == [("临江是", "地名误写")]
    assert [hit.text for hit in late] == ["临江是", "截止", "2月30日"]


def test_hostile_text_ends_soon(reader: Proofreader) -> None:
    for text in (
        "布署" * 50_000,
        "（" * 50_000,
        "其中" * 50_000,
        "1" * 100_000,
        "“" * 50_000,
        "《" * 20_000 + "》" * 20_000,
        "\ud800截止\x00" * 1000,
    ):
        reader.hits(text, dated=dt.date(2024, 1, 1))


@pytest.mark.skipif(not SEED.exists(), reason="the seed document is not beside the checkout")
def test_the_seed_document(reader: Proofreader) -> None:
    hits = reader.hits(SEED.read_text(encoding="utf-8"), dated=dt.date(2018, 3, 26))
    assert [(hit.text, hit.grade) for hit in hits] == [
        ("其中：其中", Grade.FAIL),
        ("(二)是", Grade.FAIL),
        ("[2014]", Grade.FAIL),
        ("截止", Grade.FAIL),
        ("2017年3月26日", Grade.FAIL),
    ]


@pytest.mark.skipif(not SHARED.exists(), reason="the clean texts are not beside the checkout")
def test_clean_official_text_raises_no_alarm(reader: Proofreader) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(SHARED.glob("realdata/clean-text/*/*.txt"))]
    failed = [
        hit
        for text in texts
        for hit in reader.hits(text, dated=dt.date(2017, 1, 1))
        if hit.grade is Grade.FAIL
    ]
    assert [hit.text for hit in failed] == ["（普通高中、中等职业、技工教育)"]


def test_an_unnamed_sponsor_spares_nothing() -> None:
    reader = Proofreader(site={"names": ("某局", "")})
    assert [hit.text for hit in reader.hits("会议布署全年工作。")] == ["布署"]
