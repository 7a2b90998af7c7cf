"""Measures the wording layers on the real texts beside the checkout: python -m bench.wording [--statistics] [PART]...

Parts: clean formulas pairs spelling seed speed privacy. Texts are read by path and never shipped.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from checks.check import Grade
from checks.privacy.personal_data import exposures
from checks.wording.formulas import Formulas, listed_formulas
from checks.wording.passage import Hit, Passage
from checks.wording.proofread import LAYERS, Proofreader

REAL = Path(__file__).parents[2].parent / "shared" / "realdata"
SEED = REAL.parent / "seed" / "annual-report-2017.txt"
HAN = re.compile("[一-鿿]")
DATE = re.compile(r"\((\d{4})-(\d\d)-(\d\d)\)")


def clean_texts() -> Iterator[tuple[str, str, dt.date | None]]:
    for path in sorted(REAL.glob("clean-text/*/*.txt")):
        match = DATE.search(path.name)
        year = re.match(r"20\d\d(?=_)", path.name)
        dated = dt.date(*map(int, match.groups())) if match else dt.date(int(year[0]), 2, 1) if year else None
        yield path.name, path.read_text(encoding="utf-8"), dated


def pairs(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def show(text: str, hit: Hit, name: str) -> None:
    around = (
        f"{text[max(0, hit.start - 14) : hit.start]}【{hit.text}】{text[hit.end : hit.end + 12]}".replace(
            "\n", "⏎"
        )
    )
    print(f"    {hit.layer} {hit.rule} {hit.grade} {around} -> {hit.suggestion}  ({name[:24]})")


def clean(layers: tuple[str, ...]) -> None:
    reader = Proofreader(layers=layers)
    counts: Counter[tuple[str, str]] = Counter()
    characters = 0
    print("clean official text, every hit:")
    for name, text, dated in clean_texts():
        characters += len(HAN.findall(text))
        for hit in reader.hits(text, dated=dated):
            counts[hit.layer, hit.grade] += 1
            show(text, hit, name)
    per = characters / 10_000
    for (layer, grade), count in sorted(counts.items()):
        print(f"  {layer:14} {grade:7} {count:4}  {count / per:.4f} per 10,000")
    total = sum(counts.values())
    failed = sum(count for (_, grade), count in counts.items() if grade is Grade.FAIL)
    print(f"  {characters} Han characters: fail {failed / per:.4f}, all {total / per:.4f} per 10,000")


def slips(text: str, kind: str, chance: random.Random, letters: str) -> Iterator[str]:
    """Every slip of a kind; for substitution and insertion one random character a place."""
    for at in range(len(text)):
        if not HAN.match(text[at]):
            continue
        if kind == "drop":
            yield text[:at] + text[at + 1 :]
        elif kind == "swap" and at + 1 < len(text) and HAN.match(text[at + 1]) and text[at] != text[at + 1]:
            yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        elif kind == "replace":
            yield text[:at] + chance.choice(letters) + text[at + 1 :]
        elif kind == "alike":
            alike = ALIKE.get(text[at])
            if alike:
                yield text[:at] + chance.choice(alike) + text[at + 1 :]
        elif kind == "add" and at:
            yield text[:at] + chance.choice(letters + text[at] * 300) + text[at:]


def alike_table() -> dict[str, str]:
    """Same-sound characters out of the third-party confusion sets."""
    table = {}
    for line in (
        (REAL / "wording" / "confusion-pycorrector-same-pinyin.txt").read_text(encoding="utf-8").splitlines()
    ):
        cells = line.split("\t")
        if len(cells) >= 2 and len(cells[0]) == 1 and cells[1]:
            table[cells[0]] = cells[1]
    return table


ALIKE: dict[str, str] = {}


def formulas(layers: tuple[str, ...]) -> None:
    ALIKE.update(alike_table())
    common = Counter(HAN.findall("".join(text for _, text, _ in clean_texts())))
    letters = "".join(char for char, _ in common.most_common(600))
    chance = random.Random(7)
    alone, together = Formulas(listed_formulas()), Proofreader(layers=layers)
    carriers = ("会议强调，要坚持{}，抓好落实。", "近日，{}有关工作全面推进。")
    print("planted slips in formulas (found by the formula layer / by all layers):")
    for kind in ("replace", "alike", "swap", "drop", "add"):
        planted = found = both = 0
        missed: Counter[str] = Counter()
        for formula in listed_formulas():
            for number, slip in enumerate(slips(formula.text, kind, chance, letters)):
                if slip == formula.text:
                    continue
                text = carriers[number % 2].format(slip)
                start = text.index(slip)
                near = (start - 1, start + len(slip) + 1)
                planted += 1
                mine = any(hit.start < near[1] and near[0] < hit.end for hit in alone.hits(Passage(text)))
                found += mine
                both += any(hit.start < near[1] and near[0] < hit.end for hit in together.hits(text))
                if not mine:
                    missed[slip] += 1
        print(
            f"  {kind:8} {planted:5}  {found / planted:.3f} / {both / planted:.3f}   missed e.g. {'，'.join(list(missed)[:400:40])}"
        )


def pair_lists(layers: tuple[str, ...]) -> None:
    reader = Proofreader(layers=layers)
    dated = dt.date(2026, 6, 1)
    carrier = "据了解，{}的情况已经核实。"
    for path in (
        REAL / "inspection-findings" / "pairs-from-notices.tsv",
        REAL / "wording" / "pairs-wrong-right.tsv",
    ):
        kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        print(f"{path.name}: pairs, wrong form found, right form accused")
        for row in pairs(path):
            wrong, right = carrier.format(row["wrong"]), carrier.format(row["right"])
            count = kinds[row["kind"]]
            count[0] += 1
            if reader.hits(wrong, dated=dated):
                count[1] += 1
            elif "notices" in path.name:
                print(f"    missed {row['wrong']} -> {row['right']} ({row['kind']})")
            for hit in reader.hits(right, dated=dated):
                count[2] += 1
                show(right, hit, "right form")
        for kind, count in sorted(kinds.items(), key=lambda item: -item[1][0]):
            print(f"  {kind:24} {count[0]:4} {count[1]:4} {count[2]:4}")
        total = [sum(column) for column in zip(*kinds.values(), strict=True)]
        print(f"  total {total[0]}: recall {total[1] / total[0]:.3f}, alarms on the right form {total[2]}")


def spelling(layers: tuple[str, ...]) -> None:
    reader = Proofreader(layers=layers)
    print(
        "spelling sets, by sentence: precision, recall, alarms on correct sentences (every wrong alarm of odw is listed)"
    )
    for path in sorted((REAL / "csc").glob("*.tsv")):
        true = false = wrong = alarmed = right = 0
        for row in pairs(path):
            source, correct = row["source"] or "", row["correct"] or ""
            hits = reader.hits(source)
            if source == correct:
                right += 1
                alarmed += bool(hits)
            else:
                wrong += 1
            if not hits:
                continue
            good = source != correct and any(hit_is_true(source, correct, hit) for hit in hits)
            true += good
            false += not good
            if not good and "odw" in path.name:
                for hit in hits:
                    show(source, hit, path.stem)
        precision = true / (true + false) if true + false else 1.0
        print(
            f"  {path.stem:30} wrong {wrong:5} precision {precision:.3f} recall {true / max(1, wrong):.3f}"
            f" alarms {alarmed}/{right}"
        )


def hit_is_true(source: str, correct: str, hit: Hit) -> bool:
    if len(source) != len(correct):
        return hit.text not in correct
    return source[hit.start : hit.end] != correct[hit.start : hit.end]


def seed(layers: tuple[str, ...]) -> None:
    text = SEED.read_text(encoding="utf-8")
    print("seed document, every hit:")
    for hit in Proofreader(layers=layers).hits(text, dated=dt.date(2018, 3, 26)):
        show(text, hit, "seed")


def speed(layers: tuple[str, ...]) -> None:
    texts = [(text, dated) for _, text, dated in clean_texts()]
    characters = sum(len(text) for text, _ in texts)
    print("speed, characters per second on one core:")
    begun = time.process_time()
    Proofreader(layers=layers)
    print(f"  build {time.process_time() - begun:.3f} s")
    for chosen in [(layer,) for layer in layers] + [layers]:
        reader = Proofreader(layers=chosen)
        reader.hits(texts[0][0], dated=texts[0][1])
        begun = time.process_time()
        for text, dated in texts:
            reader.hits(text, dated=dated)
        print(f"  {'+'.join(chosen):70.70} {characters / (time.process_time() - begun) / 1e6:8.2f} million")


def privacy(layers: tuple[str, ...]) -> None:
    found = [(exposure, name) for name, text, _ in clean_texts() for exposure in exposures(text)]
    print(f"personal data in clean text: {len(found)}")
    for exposure, name in found:
        print("   ", exposure.kind, exposure.masked, name)


PARTS = {
    "clean": clean,
    "formulas": formulas,
    "pairs": pair_lists,
    "spelling": spelling,
    "seed": seed,
    "speed": speed,
    "privacy": privacy,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*")
    parser.add_argument("--statistics", action="store_true")
    options = parser.parse_args()
    layers = (*LAYERS, "statistics") if options.statistics else LAYERS
    for part in options.part or PARTS:
        PARTS[part](layers)


if __name__ == "__main__":
    main()
