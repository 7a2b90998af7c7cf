"""Makes checks/vocabulary/near-words.tsv: python -m bench.wording.derive_near_words.

Words of two characters that official text (the n-gram table) writes often, each with one character replaced by
another of its line in confused-characters.txt, where the table never or hardly ever has the result.
"""

from __future__ import annotations

import math
from pathlib import Path

import rjieba

from checks.wording.lexicon import VOCABULARY, rows
from checks.wording.statistics import ngram_table

OFTEN = 200
HARDLY = 20
NUMERALS = frozenset("一二三四五六七八九十百千万两零〇半每各")
FREE = frozenset("太大天无没到道里在为对最常长著戴坐还回爱画曰跑")
"""Characters that stand alone so often that a form with them proves nothing."""


def main() -> None:
    table = ngram_table()
    count = {
        table.chars[(key >> 12) - 1] + table.chars[(key & 4095) - 1]: math.exp(log)
        for key, log in zip(table.keys[2].tolist(), table.logs[2].tolist(), strict=True)
        if key >> 12 and key & 4095
    }
    doubles: dict[str, set[str]] = {}
    for line in Path(__file__).with_name("confused-characters.txt").read_text(encoding="utf-8").split():
        for char in line:
            doubles.setdefault(char, set()).update(set(line) - {char})
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
    lines = ["wrong\tright", *(f"{form}\t{word}" for form, word in sorted(meant.items()))]
    (VOCABULARY / "near-words.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(meant)} forms of {len(set(meant.values()))} words")


if __name__ == "__main__":
    main()
