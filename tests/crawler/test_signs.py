"""The words of a page's source are the same whether its lines were seen before or not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import marks, signs
from crawler.extract.signs import Signs, any_in

WORDS = {"版": ("版权所有", "版本"), "oot": ("foot", "Foot"), "{": ("{{",)}
LINES = st.lists(
    st.text(alphabet="版权所有本fFoot{ ", max_size=12) | st.sampled_from(["版权所有", "<Foot>", "{{"]),
    max_size=8,
)


@given(st.lists(LINES, max_size=30))
def test_the_words_are_those_that_stand_in_a_line(pages: list[list[str]]) -> None:
    looked = Signs(WORDS)
    for page in pages:
        said = {word for group in WORDS.values() for word in group if any(word in line for line in page)}
        assert looked.among(page) == said


def test_what_is_kept_is_bounded() -> None:
    looked = Signs(WORDS)
    for number in range(3 * signs._MOST_KEPT):
        assert looked.among((f"Foot {number}", f"{number}")) == {"Foot"}
    assert len(looked._silent) + len(looked._telling) <= signs._MOST_KEPT + 2
    assert looked.among(("x" * 5_000 + "Foot",)) == {"Foot"}
    assert all(len(line) <= signs._LONGEST_KEPT for line in (*looked._silent, *looked._telling))


@given(
    st.lists(
        st.sampled_from(
            ["<!--", "-->", "\n", "主", "办", "：某局", "网站", "标识码4400000001", "-", "<", ">"]
        )
    )
)
def test_words_parted_by_a_comment_are_found(parts: list[str]) -> None:
    html = "".join(parts)
    source, lines = marks._uncommented(html)
    found = signs.SOURCE.among([*html.split("\n"), *lines])
    assert {word for word in ("主办", "标识码", "网站标识") if word in source} <= found


def test_every_word_of_the_marks_is_looked_for() -> None:
    words = {word for group in signs.SOURCE._words.values() for word in group}
    assert words >= {*marks._MAP_WORDS, *marks._FOOTER_FILES, *marks._OWNERS, *marks._REPORTS}
    assert all(part in word for part, group in signs.SOURCE._words.items() for word in group)


@given(
    st.lists(
        st.sampled_from(
            ["<div ", "<footer ", "<", ">", 'id="', "class=", "my-", "foot", "Footer", "oot", '"', " ", "</div>", "</footer>", "x"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_an_empty_footer_is_found_wherever_it_stands(parts: list[str]) -> None:
    source = "".join(parts)
    assert marks._empty_footer(source) == (marks._EMPTY_FOOTER.search(source) is not None)


@given(
    st.lists(
        st.sampled_from(
            ["网站", "标识码", "识别码", "标识", "识", "：", "1234567890", "bm0", "<a ", ">", "\n", "x"]
        ),
        max_size=16,
    )
)
def test_site_codes_are_those_the_pattern_finds(parts: list[str]) -> None:
    source = "".join(parts)
    codes = list(dict.fromkeys(marks._SITE_CODE.findall(source)))[:4]
    assert marks._site_codes(source, signs.SOURCE.among(source.split("\n"))) == codes


@given(st.text(alphabet="版权所有本fFoot{ ", max_size=30))
def test_any_word_in_a_text(text: str) -> None:
    assert any_in(text, WORDS) == any(word in text for group in WORDS.values() for word in group)
