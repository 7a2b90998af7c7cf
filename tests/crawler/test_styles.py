"""A style sheet's pictures are links like any other."""

from crawler.extract.styles import style_links

BASE = "http://kjj.example/css/main.css"


def test_pictures_fonts_and_sheets_are_found_once() -> None:
    sheet = """@import 'more.css'; @import url("/css/print.css");
    /* url(old.png) */ a { background: url( ../img/bg.png ) } b { background: URL('../img/bg.png') }
    @font-face { src: url("f.woff?#iefix") } i { background: url(data:image/png;base64,AA==) } u { fill: url(#g) }"""
    assert [link.url for link in style_links(BASE, sheet)] == [
        "http://kjj.example/css/more.css",
        "http://kjj.example/css/print.css",
        "http://kjj.example/img/bg.png",
        "http://kjj.example/css/f.woff?#iefix",
    ]


def test_a_sheet_that_never_ends_is_read_to_an_end() -> None:
    assert style_links(BASE, "/*" + "url(" * 200_000) == ()
    assert len(style_links(BASE, "".join(f"a{{background:url({n}.png)}}" for n in range(5000)))) == 2000
