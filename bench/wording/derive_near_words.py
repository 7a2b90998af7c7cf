"""Makes near-words.tsv, set-phrases.txt, near-characters.tsv, attested-phrases.txt of checks/vocabulary.

    python -m bench.wording.derive_near_words

near-words: words of two characters that official text (the n-gram table) writes often, each with one character
replaced by another of its line in confused-characters.txt, where the table never or hardly ever has the result.
set-phrases: words of three to five characters and pairs of words that it writes often, and more-phrases.txt. near-characters: for every
character of those the common ones that sound like it and the ones that look like it. attested-phrases: what official
text writes although a set phrase is one near character away.
"""

from __future__ import annotations

import math
from pathlib import Path

import rjieba

from checks.wording.lexicon import VOCABULARY, rows
from checks.wording.likeness import shape_likeness, sounds
from checks.wording.statistics import ngram_table

OFTEN = 200
HARDLY = 20
SINGLE = 300
PAIR = 1000
COMMON = 1500
SHAPE = 0.82
NUMERALS = frozenset("一二三四五六七八九十百千万两零〇半每各")
FREE = frozenset("太大天无没到道里在为对最常长著戴坐还回爱画曰跑")
"""Characters that stand alone so often that a form with them proves nothing."""


def main() -> None:
    grams = {length: counts(length) for length in range(1, 6)}
    doubles: dict[str, set[str]] = {}
    for line in Path(__file__).with_name("confused-characters.txt").read_text(encoding="utf-8").split():
        for char in line:
            doubles.setdefault(char, set()).update(set(line) - {char})
    near_words(grams[2], doubles)
    set_phrases(grams, doubles)


def counts(length: int) -> dict[str, float]:
    """Every counted n-gram of Han characters -> how often."""
    table = ngram_table()
    found: dict[str, float] = {}
    for key, log in zip(table.keys[length].tolist(), table.logs[length].tolist(), strict=True):
        ids = [key >> 12 * (length - 1 - at) & 4095 for at in range(length)]
        text = "".join(table.chars[number - 1] for number in ids if number)
        if len(text) == length and all("一" <= char <= "鿿" for char in text):
            found[text] = math.exp(log)
    return found


def near_words(count: dict[str, float], doubles: dict[str, set[str]]) -> None:
    listed = {row["wrong"] for row in rows("confusions.tsv") if row["grade"] != "hint"}
    meant: dict[str, str] = {}
    for word, often in count.items():
        if often < OFTEN or rjieba.cut(word, hmm=False) != [word] or set(word) & NUMERALS:
            continue
        for at in (0, 1):
            for other in doubles.get(word[at], set()) - FREE - NUMERALS:
                form = word[:at] + other + word[at + 1 :]
                if form in listed or count.get(form, 0) >= HARDLY or rjieba.cut(form, hmm=False) == [form]:
                    continue
                if form not in meant or count[meant[form]] < often:
                    meant[form] = word
    write("near-words.tsv", ["wrong\tright", *(f"{form}\t{word}" for form, word in sorted(meant.items()))])


def set_phrases(grams: dict[int, dict[str, float]], doubles: dict[str, set[str]]) -> None:
    often_written = {
        text for length in (5, 4, 3) for text, often in grams[length].items() if is_phrase(text, often)
    }
    by_hand = Path(__file__).with_name("more-phrases.txt").read_text(encoding="utf-8").split()
    phrases = sorted(often_written.union(by_hand))
    near = near_characters(sorted({char for phrase in phrases for char in phrase}), grams[1], doubles)
    attested = {
        form
        for phrase in phrases
        for at in range(len(phrase))
        for other in near[phrase[at]]
        if (form := phrase[:at] + other + phrase[at + 1 :]) in grams.get(len(phrase), {})
    }
    names = {name for name in by_hand if len(name) == 3}
    write(
        "set-phrases.txt",
        [
            "# 公文里常见的固定词语，+ 为专名。由 bench.wording.derive_near_words 生成。",
            *(phrase + "+" * (phrase in names) for phrase in phrases),
        ],
    )
    write(
        "attested-phrases.txt",
        [
            "# 与固定词语差一字、公文里也这样写的。由 bench.wording.derive_near_words 生成。",
            *sorted(attested),
        ],
    )
    write("near-characters.tsv", ["char\tnear", *(f"{char}\t{others}" for char, others in near.items())])


def is_phrase(text: str, often: float) -> bool:
    if text[0] == "第" or len(set(text) & NUMERALS) > 1:
        return False
    parts = rjieba.cut(text, hmm=False)
    if len(parts) == 1:
        return often >= (SINGLE if len(text) == 4 else OFTEN)
    return len(text) == 4 and often >= PAIR and all(len(part) == 2 for part in parts)


def near_characters(
    chars: list[str], count: dict[str, float], doubles: dict[str, set[str]]
) -> dict[str, str]:
    common = sorted(count, key=lambda char: -count[char])[:COMMON]
    by_sound: dict[str, set[str]] = {}
    for char in common:
        for sound in sounds(char):
            by_sound.setdefault(sound, set()).add(char)
    near: dict[str, str] = {}
    for char in chars:
        alike = {other for other in count if shape_likeness(char, other) >= SHAPE} | doubles.get(char, set())
        alike = alike.union(*(by_sound.get(sound, set()) for sound in sounds(char))) - {char}
        if char in NUMERALS:
            alike -= NUMERALS
        near[char] = "".join(sorted(alike))
    return near


def write(name: str, lines: list[str]) -> None:
    (VOCABULARY / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines) - 1}")


if __name__ == "__main__":
    main()
