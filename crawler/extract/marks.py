"""Identity marks of a page's footer, from its source: some are written by scripts and never become text.

Runs on every page, so it looks for fixed words first and only then reads what stands beside them.
"""

from __future__ import annotations

import html as entities
import re
from functools import lru_cache
from typing import Any

from crawler.extract.signs import SOURCE
from crawler.extract.webpage import WebPage

_PROVINCE = "京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川蜀贵黔云滇藏陕甘陇青宁新"
_GAP = r"(?:\s|&nbsp;?|&ensp;?|&emsp;?|<[^>]{0,300}>|[:：第【\[(（])*"
_INLINE = r"(?:\s|&nbsp;?|</?(?:a|span|b|i|em|font|strong|label|td)\b[^>]{0,300}>|[:：])*"
_SITE_CODE = re.compile(rf"网站(?:标识码|识别码|识别号|标识号|标识编码){_GAP}((?:bm|BM)?\d{{4,14}})")
_ICP = re.compile(
    rf"([{_PROVINCE}])\s*[Ii][Cc][Pp]\s*(?:证|备|备案)?\s*(?:字第|字|第)?\s*[:：]?\s*(\d{{4,12}})\s*(号?)\s*(?:[-－—]\s*(\d{{1,3}}))?"
)
_POLICE = re.compile(rf"([\u4e00-\u9fa5])公网安备{_GAP}(\d{{6,18}})")
_RECORD = re.compile(r"(?:recordcode=|beian\.mps\.gov\.cn[^\"'\s>]{0,60}code=)(\d{4,20})", re.I)
_EMBLEM = re.compile(
    r"bszs\.conac\.cn/sitename\?method=show(?:&|&amp;|%26)id=(?P<id>[0-9A-Fa-f]{16,40})|dcs\.conac\.cn(?:/|%2F)js[^\"'\s<>)]{0,120}?(?P<js>CA\d{6,30})\.js",
    re.I,
)
_EMBLEM_WORDS = re.compile(r"_ideConac|imgConac|conac\.cn", re.I)
_REPORT = re.compile(
    r"_jiucuo_[^>]{0,200}?sitecode\s*=\s*[\"']?(?P<a>\w{4,20})|sitecode\s*=\s*[\"'](?P<b>\w{4,20})[\"'][^>]{0,200}_jiucuo_"
    r"|jiucuo\.html\?site_?code=(?P<c>\w{4,20})|(?:errorInfo|jcInfo)[^\"'\s>]{0,80}?(?:site_?code|wzbsm)=(?P<d>\w{4,20})|\bLink\(\s*'(?P<e>\d{10})'\s*\)",
    re.I,
)
_REPORT_WORDS = re.compile(
    r"jiucuo\.(?:js|html)|_jiucuo_|_span_jiucuo|zfwz(?:zc|gl)\.www\.gov\.cn|网站找错", re.I
)
_SPONSOR = re.compile(rf"主\s*办\s*(?:单\s*位|方)?(?:\s|&nbsp;?)*[:：]{_INLINE}([^<>\n|｜]{{2,80}})")
_SPONSORED = re.compile(r"(?:^|[>\s;　])([\u4e00-\u9fa5（）()]{4,40})\s?主办(?=[\s<&　|｜]|$)")
"""The name before the word: 某市人民政府主办."""
_NAMED = re.compile(
    r"(?:^|[>\s;　])([\u4e00-\u9fa5（）()]{3,40}[府会室局厅部委办院处所馆署心])(?:\s|&nbsp;?|&emsp;?|&ensp;?|　|<[^>]{0,200}>)*"
    rf"(?:(?:联系)?地\s*址(?:\s|&nbsp;?)*[:：]|[{_PROVINCE}](?:公网安备|ICP))"
)
"""A body's name that stands without a label before its address or its record number."""
_OWNED = re.compile(r"(?:^|[>\s;　])([\u4e00-\u9fa5（）()]{4,40})\s?版权所有(?=[\s<&　|｜]|$)")
"""The name before the words: 某市科学技术局版权所有."""
_ORGANISER = re.compile(rf"承\s*办\s*(?:单\s*位|方)?(?:\s|&nbsp;?)*[:：]{_INLINE}([^<>\n|｜]{{2,80}})")
_OWNER = re.compile(rf"版\s*权\s*所\s*有(?:\s|&nbsp;?)*[:：]?{_INLINE}([^<>\n|｜]{{2,80}})")
_PHONE = re.compile(
    rf"(?:电\s*话|热\s*线|联系方式)(?:\s|&nbsp;?)*[:：]{_GAP}((?:[（(]?0\d{{2,3}}[）)]?(?:[-－—]|\s){{0,3}})?\d{{7,8}}|12345|1[3-9]\d{{9}}|400[-\d]{{7,10}})"
)
_MAIL = re.compile(r"[\w.+-]{1,40}@[\w-]{1,40}\.[\w.-]{2,20}", re.ASCII)
_ADDRESS = re.compile(rf"地\s*址(?:\s|&nbsp;?)*[:：]{_INLINE}([^<>\n|｜]{{4,60}})")
_MAP_WORDS = (
    "网站地图",
    "网站导航",
    "站点导航",
    "站点地图",
    "站内地图",
    "gateway_siteMap",
    "sitemap.htm",
    "sitemap.jsp",
    "sitemap.aspx",
)
_NAME_END = re.compile(
    r"(?:&nbsp;?|&ensp;?|&emsp;?|\s{2,}|　|主办|承办|协办|版权|地址|电话|邮编|联系|技术支持|维护|备案|网站标识|[京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新]ICP|ICP|Copyright|©|All Rights).*",
    re.I | re.S,
)
_ELSEWHERE = re.compile(
    r"(?:\.load\(\s*[\"']|<(?:script|iframe)\b[^>]{0,200}?src\s*=\s*[\"']?)[^\"'>\s]{0,200}$", re.I
)
_FOOTER_FILES = ("foot", "Foot", "bottom", "copyright", "dibu")
_EMPTY_FOOTER = re.compile(
    r"<(div|footer|section)\b(?:[^>]{0,80}\s)?(?:id|class)\s*=\s*[\"']?(?:[\w-]{1,20}[-_])?[Ff]oot(?:er)?(?:[-_]?(?:box|wrap|con|content|main|area))?(?=[\"'\s>])[^>]{0,120}>\s*</\1>"
)
"""An element named as the footer that has nothing in it: a script fills it."""
_OWNERS = ("主办", "版权所有", "标识码", "ICP备", "公网安备")
_REPORTS = ("jiucuo", "网站找错", "zfwzzc.", "zfwzgl.")
_TELLING = frozenset({"icp", "sponsor", "owner", "site_code", "police"})
_TEMPLATE = re.compile(
    r"(?:主办|承办|标识码|备案)[^<>]{0,10}(?:</?\w[^>]{0,200}>){0,3}\s*(?:\{\{|\$\{|<span[^>]{0,200}v-text)"
)


def marks(page: WebPage) -> dict[str, Any]:
    """The identity marks on a page; what is not there is left out.

        {"emblem": {"value": certificate id or script number | "", "script": bool},
         "site_code": [codes as written], "icp": "宁ICP备12345678号-1",
         "police": {"number": digits, "record": [digits in links]},
         "error_report": {"code": site code it reports to | None, "active": a script or link and not words alone},
         "sponsor": name, "organiser": name, "owner": name behind 版权所有,
         "named": name before the address, "phone": number, "mail": address, "address": street,
         "contact_page": True when the footer leads to one,
         "site_map": True, "elsewhere": True when the footer is loaded from another file or filled by a script}

    Marks inside comments do not count.
    """
    source, cut = _uncommented(page.html)
    words = page.words | SOURCE.among(cut) if cut else page.words
    found: dict[str, Any] = {}
    if hit := _near(source, words, ("conac", "Conac"), 40, 200, _EMBLEM, _EMBLEM_WORDS):
        groups = hit.groupdict()
        found["emblem"] = {
            "value": groups.get("id") or groups.get("js") or "",
            "script": bool(groups.get("id") or groups.get("js")),
        }
    if codes := _site_codes(source, words):
        found["site_code"] = codes
    if hit := _near(source, words, ("ICP", "icp"), 4, 60, _ICP):
        found["icp"] = f"{hit[1]}ICP备{hit[2]}{hit[3]}" + (f"-{hit[4]}" if hit[4] else "")
    if hit := _near(source, words, ("公网安备",), 1, 400, _POLICE):
        record = [
            m.group(1) for word in ("recordcode", "beian.mps") for m in _all_near(source, word, 120, _RECORD)
        ]
        found["police"] = {"number": hit.group(2), "record": list(dict.fromkeys(record))[:3]}
    if hit := _near(source, words, ("jiucuo", "errorInfo", "jcInfo", "Link('"), 200, 300, _REPORT):
        found["error_report"] = {"code": next(v for v in hit.groups() if v), "active": True}
    elif hit := _near(source, words, _REPORTS, 6, 60, _REPORT_WORDS):
        found["error_report"] = {"code": None, "active": "找错" not in hit.group()}
    found |= _names_and_contacts(source, words)
    if any(word in source for word in _MAP_WORDS if word in words):
        found["site_map"] = True
    if _footer_elsewhere(page.html, words) or (
        "oot" in words and found.keys().isdisjoint(_TELLING) and _empty_footer(source)
    ):
        found["elsewhere"] = True
    return found


def _site_codes(source: str, words: set[str]) -> list[str]:
    codes: dict[str, None] = {}
    if words.isdisjoint(("网站标识", "网站识别")):
        return []
    end = 0
    at = source.find("识")
    while at >= 0:
        for begin in (at - 3, at - 2):
            if begin >= end and (code := _SITE_CODE.match(source, begin)):
                codes[code[1]] = None
                end = code.end()
        at = source.find("识", at + 1)
    return list(codes)[:4]


def _uncommented(html: str) -> tuple[str, set[str]]:
    """`html` without comments, and those of its lines that had any."""
    end = html.find("<!--")
    if end < 0:
        return html, set()
    parts, places, length, begin = [], [], 0, 0
    while end >= 0:
        parts.append(html[begin:end])
        length += end - begin
        places.append(length)
        begin = html.find("-->", end + 4) + 3
        if begin < 3:
            begin = len(html)
        end = html.find("<!--", begin)
    parts.append(html[begin:])
    source = "".join(parts)
    lines = set()
    for place in places:
        stop = source.find("\n", place)
        lines.add(source[source.rfind("\n", 0, place) + 1 : stop if stop >= 0 else None])
    return source, lines


def _footer_elsewhere(source: str, words: set[str]) -> bool:
    """Whether the footer is loaded from another file or written by a template in the browser."""
    for word in _FOOTER_FILES:
        for at in _places(source, word) if word in words else ():
            before = source[max(0, at - 240) : at]
            folded = before.casefold()
            if ("src" in folded or ".load(" in folded) and _ELSEWHERE.search(before):
                return True
    if words.isdisjoint(("{{", "${", "v-text")):
        return False
    return ("{{" in source or "v-text" in source or "${" in source) and bool(_TEMPLATE.search(source))


def _empty_footer(source: str) -> bool:
    at = source.find("oot")
    while at >= 0:
        start = source.find("<", source.rfind(">", 0, at) + 1, at)
        while start >= 0:
            if _EMPTY_FOOTER.match(source, start):
                return True
            start = source.find("<", start + 1, at)
        at = source.find("oot", at + 3)
    return False


def _names_and_contacts(source: str, words: set[str]) -> dict[str, Any]:
    """Who runs the site and how to reach them, from the last part of the page that names either."""
    places = [at for word in _OWNERS if word in words and (at := source.rfind(word)) >= 0]
    if not places:
        return {}
    start = min(places)
    return dict(_in_footer(source[max(0, start - 1_500) : start + 5_000]))


@lru_cache(maxsize=32)
def _in_footer(tail: str) -> tuple[tuple[str, str | bool], ...]:
    found: dict[str, str | bool] = {}
    for key, sign, pattern in (
        ("sponsor", "主", _SPONSOR),
        ("organiser", "承", _ORGANISER),
        ("owner", "版", _OWNER),
    ):
        hits = list(pattern.finditer(tail)) if sign in tail else []
        name = _name(hits[-1].group(1)) if hits else ""
        if name:
            found[key] = name
    if "sponsor" not in found:
        if "主办" in tail and (hits := list(_SPONSORED.finditer(tail))):
            found["sponsor"] = hits[-1].group(1)
        elif "owner" not in found:
            if "版权所有" in tail and (hits := list(_OWNED.finditer(tail))):
                found["owner"] = hits[-1].group(1)
            elif any(word in tail for word in ("址", "公网安备", "ICP")) and (
                hits := list(_NAMED.finditer(tail))
            ):
                found["named"] = hits[-1].group(1)
    hits = list(_PHONE.finditer(tail))
    if hits:
        found["phone"] = re.sub(r"\s", "", hits[-1].group(1))
    if hit := _near(tail, {"@"}, ("@",), 40, 60, _MAIL):
        found["mail"] = hit.group()
    if street := next((name for m in _ADDRESS.finditer(tail) if (name := _name(m.group(1)))), ""):
        found["address"] = street
    if "联系我们" in tail or "联系方式" in tail:
        found["contact_page"] = True
    return tuple(found.items())


def _name(text: str) -> str:
    name = _NAME_END.sub("", text).strip(" \r\t　:：,，。;；-—'\")）")
    name = re.sub(r"^[©\d\s.~—–-]+(?=[\u4e00-\u9fa5])", "", entities.unescape(name))
    return name if len(name) >= 2 and re.search(r"[\u4e00-\u9fa5]", name) and "{" not in name else ""


def _places(source: str, word: str, most: int = 12) -> list[int]:
    found: list[int] = []
    at = source.find(word)
    while at >= 0 and len(found) < most:
        found.append(at)
        at = source.find(word, at + len(word))
    return found


def _near(
    source: str,
    present: set[str],
    words: tuple[str, ...],
    before: int,
    after: int,
    *patterns: re.Pattern[str],
) -> re.Match[str] | None:
    """The first pattern's first match around one of the words that are present; then the next pattern's."""
    places = [at for word in words if word in present for at in _places(source, word)]
    for pattern in patterns:
        for at in places:
            if match := pattern.search(source[max(0, at - before) : at + after]):
                return match
    return None


def _all_near(source: str, word: str, after: int, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    return [match for at in _places(source, word) if (match := pattern.search(source[at : at + after]))]
