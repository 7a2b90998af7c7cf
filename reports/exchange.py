"""Words in code and templates, exchanged for the reader's language as they are loaded.

A module of a speaking room is compiled with its Chinese words exchanged, so no line of it asks for a translation, and
text that comes from a site or a file is never touched.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import re
import string
import sys
from collections.abc import Iterator, Sequence
from types import CodeType, ModuleType

from reports import language
from reports.language import CJK, HAN, catalogue

SPEAKING = ("xuncha", "reports", "checks.catalogue", "checks.standard", "crawler.siteconfig")
SILENT = (
    "xuncha.sample",
    "xuncha.answering",
    "reports.language",
    "reports.exchange",
    "reports.wordlist",
    "reports.ledger.book",
    "reports.ledger.entry",
    "reports.ledger.identity",
)
"""Rooms inside the speaking ones whose words are kept in files, or look for words of a site."""


def speak(tongue: str) -> None:
    """Speak this language from now on. To be called before a speaking module is loaded."""
    language.use(tongue)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Finder)]
    if tongue != "zh":
        sys.meta_path.insert(0, _Finder())


def speaking(module: str) -> bool:
    """Whether the words of a module are exchanged when it is loaded."""
    return _within(module, SPEAKING) and not _within(module, SILENT)


def _within(module: str, rooms: Sequence[str]) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not speaking(fullname):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compiled from source each time: the compiled files beside it hold the Chinese."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        return compile(exchanged(tree, catalogue(language.spoken())), path, "exec", dont_inherit=True)


def exchanged(tree: ast.Module, words: dict[str, str]) -> ast.Module:
    """The tree with its Chinese words exchanged, changed in place. What has no translation stays."""
    silent = {id(node) for node in _unspoken(tree)}

    class Exchange(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            if id(node) in silent or not isinstance(node.value, str) or node.value not in words:
                return node
            return ast.copy_location(ast.Constant(words[node.value]), node)

        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
            text, fields = template(node)
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    part.value = self.visit(part.value)
            if text in words:
                node.values = list(_joined(words[text], fields))
            return ast.fix_missing_locations(node)

    made = Exchange().visit(tree)
    assert isinstance(made, ast.Module)
    return made


def _joined(text: str, fields: dict[str, ast.FormattedValue]) -> Iterator[ast.expr]:
    for literal, name, _, _ in string.Formatter().parse(text):
        if literal:
            yield ast.Constant(literal)
        if name is not None:
            yield fields[name]


def template(node: ast.JoinedStr) -> tuple[str, dict[str, ast.FormattedValue]]:
    """An f-string as a template: named fields where the expression is a name, numbered ones elsewhere."""
    parts = []
    fields: dict[str, ast.FormattedValue] = {}
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            name = _field(part.value)
            if name is None or (name in fields and ast.dump(fields[name]) != ast.dump(part)):
                name = str(len(fields))
            fields[name] = part
            parts.append(f"{{{name}}}")
        elif isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
    return "".join(parts), fields


def _field(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        of = _field(node.value)
        return of and f"{of}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else None


def _unspoken(tree: ast.Module) -> Iterator[ast.AST]:
    """Strings that no reader sees: docstrings but those of commands, and patterns of `match`."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.Expr) and not _is_help(node.value)) or isinstance(node, ast.MatchValue):
            yield node.value


def _is_help(node: ast.expr) -> bool:
    """Whether it is a docstring that the command line shows: a Chinese sentence."""
    return (
        isinstance(node, ast.Constant) and bool(HAN.match(str(node.value))) and str(node.value).endswith("。")
    )


def words_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, Chinese text) of every string and f-string that `exchanged` would exchange."""
    silent = {id(node) for node in _unspoken(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = template(node)[0]
            if CJK.search(text):
                yield node.lineno, text
        elif isinstance(node, ast.Constant) and id(node) not in silent and CJK.search(str(node.value)):
            yield node.lineno, str(node.value)


_TAG = re.compile(r"<[^>]*>|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
_RUN = re.compile(r"(?m)^\s*//.*$|([\u3000-\u9fff\uff00-\uffef“”][^\[\]\"#*\n\\]*)")


def pieces(source: str, *, typst: bool = False) -> Iterator[tuple[int, int]]:
    """(start, end) of every Chinese text of a template: between tags, in attributes, in quoted words of expressions.

    `typst`: between the marks of a typst template or a style sheet.
    """
    if typst:
        yield from (found.span(1) for found in _RUN.finditer(source) if found[1])
        return
    at = 0
    for tag in (*_TAG.finditer(source), None):
        yield from _text_pieces(source, at, tag.start() if tag else len(source))
        if tag:
            for found in _QUOTED.finditer(source, *tag.span()):
                group = 1 if found[1] is not None else 2
                if CJK.search(found[group]):
                    yield found.span(group)
            at = tag.end()


def _text_pieces(source: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    text = source[start:end]
    outside = re.sub(r"\{\{.*?\}\}", lambda found: " " * len(found[0]), text, flags=re.DOTALL)
    if CJK.search(outside):
        yield start + len(text) - len(text.lstrip(" \n")), start + len(text.rstrip(" \n"))
        return
    for found in _QUOTED.finditer(source, start, end):
        group = 1 if found[1] is not None else 2
        if CJK.search(found[group]):
            yield found.span(group)


def template_said(source: str, *, typst: bool = False) -> str:
    """A template of ours in the reader's language."""
    if language.spoken() == "zh":
        return source
    words = catalogue(language.spoken())
    for start, end in sorted(pieces(source, typst=typst), reverse=True):
        text = source[start:end]
        source = source[:start] + words.get(text, text) + source[end:]
    return source.replace('lang="zh-CN"', f'lang="{language.spoken()}"').replace(
        'lang: "zh", region: "cn"', f'lang: "{language.spoken()}"'
    )
