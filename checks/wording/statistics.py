"""Layer "statistics": a character that official text never writes here, where a look- or sound-alike would fit.

Off by default and only ever a review. It counts how often published official documents write the
neighbourhood of a character (n-grams of one to five characters) as it stands, and with each character that is
easily confused with it; a linear model weighs the difference. It knows official language only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from checks.check import Grade, Severity
from checks.wording.lexicon import VOCABULARY, rows
from checks.wording.likeness import merged, sounds
from checks.wording.passage import Hit, Passage

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_ORDER = 5
_BITS = 12
_BACK_OFF = np.log(0.4)
_PAD = 8
_CHUNK = 200_000
_AROUND = 40
"""Characters before and after what is read that it is weighed by."""
_CLOSE = 0.8
_TABLE = 23
"""Bits of an address in the table that says which n-grams were counted: 1 MB, wrong for one in ten it was not."""
_MIX = -7046029254386353131
_FEW = 200
"""N-grams that are searched for sooner than the table of bits is asked."""
_NUMERALS = frozenset("〇零一二两三四五六七八九十百千万亿")
_WIDE = str.maketrans("(),;:?!", "（），；：？！")


class NgramTable:
    """Counts of character n-grams of official text. Keys are ids packed 12 bits each, first character highest."""

    def __init__(self) -> None:
        with np.load(VOCABULARY / "ngrams-official.npz") as stored:
            self.chars = str(stored["vocab"])
            self.keys = {n: np.cumsum(stored[f"gap{n}"].astype(np.int64)) for n in range(1, _ORDER + 1)}
            self.logs = {
                n: stored[f"log{n}"].astype(np.float64) / 8 * np.log(2) for n in range(1, _ORDER + 1)
            }
        self.id_of = np.zeros(0x10000, np.int64)
        for number, char in enumerate(self.chars, 1):
            self.id_of[ord(char)] = number
        self.total = float(np.log(np.exp(self.logs[1]).sum()))

        self._counted = {n: np.packbits(_marked(keys), bitorder="little") for n, keys in self.keys.items()}

    def log_count(self, n: int, keys: Ints) -> Floats:
        """Natural logarithm of the count of each n-gram, -inf where it was not counted."""
        if len(keys) < _FEW:
            return self._searched(n, keys)
        found = np.full(len(keys), -np.inf)
        place = _place(keys)
        # Most of what is asked for was never counted: a table of bits says so without a search.
        maybe = np.flatnonzero(self._counted[n][place >> 3] >> (place & 7).astype(np.uint8) & 1)
        found[maybe] = self._searched(n, keys[maybe])
        return found

    def _searched(self, n: int, keys: Ints) -> Floats:
        table = self.keys[n]
        at = np.minimum(np.searchsorted(table, keys), len(table) - 1)
        return np.where(table[at] == keys, self.logs[n][at], -np.inf)


def _place(keys: Ints) -> Ints:
    """The place of each n-gram in the table of bits."""
    mixed: Ints = (keys * _MIX >> (64 - _TABLE)) & ((1 << _TABLE) - 1)
    return mixed


def _marked(keys: Ints) -> npt.NDArray[np.bool_]:
    marked = np.zeros(1 << _TABLE, bool)
    marked[_place(keys)] = True
    return marked


@dataclass(frozen=True, slots=True)
class _Alike:
    """Characters easily written for one another: row of a character -> slice of `ids` with likeness and penalty.

    `close` are the ids of sound-alikes and close look-alikes only, by row.
    """

    row_of: Ints
    starts: Ints
    ids: Ints
    likeness: Floats
    penalty: Floats
    close: list[Ints]


@cache
def ngram_table() -> NgramTable:
    return NgramTable()


@cache
def _alike_table() -> _Alike:
    """Sound-alikes by pinyin, look-alikes by the table of shapes; the best likeness of each pair counts."""
    table = ngram_table()
    shapes = {row["char"]: row["similar"].split() for row in rows("similar-shapes.tsv")}
    han = [char for char in table.chars if "一" <= char <= "鿿"]
    by_sound: dict[str, set[str]] = {}
    by_near: dict[str, set[str]] = {}
    for char in han:
        for sound in sounds(char):
            by_sound.setdefault(sound, set()).add(char)
            by_near.setdefault(merged(sound), set()).add(char)
    known = set(han)
    row_of = np.zeros(0x10000, np.int64)
    starts: list[int] = [0, 0]
    ids: list[int] = []
    likeness: list[float] = []
    penalty: list[float] = []
    for number, char in enumerate(dict.fromkeys([*han, *shapes]), 1):
        if len(char) != 1 or ord(char) > 0xFFFF:
            starts.append(len(ids))
            continue
        near: dict[str, tuple[float, float]] = {}
        for pair in shapes.get(char, ()):
            score = float(pair[1:])
            graded = (1.0, 0.0) if score >= 0.75 else (0.8, 1.0) if score >= 0.6 else (0.5, 3.0)
            near[pair[0]] = graded
        for sound in sounds(char):
            for other in by_near.get(merged(sound), ()):
                near[other] = max(near.get(other, (0.0, 0.0)), (0.6, 1.5))
            for other in by_sound.get(sound, ()):
                near[other] = (1.0, 0.0)
        row_of[ord(char)] = number
        for other, (alike, cost) in near.items():
            if other != char and other in known:
                ids.append(int(table.id_of[ord(other)]))
                likeness.append(alike)
                penalty.append(cost)
        starts.append(len(ids))
    all_ids, alikeness = np.array(ids, np.int64), np.array(likeness)
    close = [all_ids[first:last][alikeness[first:last] >= _CLOSE] for first, last in pairwise(starts)]
    return _Alike(row_of, np.array(starts, np.int64), all_ids, alikeness, np.array(penalty), close)


def normal(text: str) -> tuple[Ints, Ints]:
    """Code points as the counts saw them, and the offset of each in the text.

    A run of digits is one 0, a run of Latin letters one A, half-width marks are full-width, blanks are gone.
    """
    codes = np.frombuffer(text.translate(_WIDE).encode("utf-32-le"), np.uint32).astype(np.int64)
    codes = np.where(codes > 0xFFFF, 0xFFFF, codes)
    digit = (codes >= 48) & (codes <= 57)
    latin = ((codes >= 65) & (codes <= 90)) | ((codes >= 97) & (codes <= 122))
    codes = np.where(digit, 48, np.where(latin, 65, codes))
    keep = ~np.isin(codes, (9, 11, 12, 13, 32, 0xA0, 0x3000))
    again = np.zeros(len(codes), bool)
    again[1:] = (digit[1:] & digit[:-1]) | (latin[1:] & latin[:-1])
    places = np.flatnonzero(keep & ~again)
    return codes[places], places


def _packed(ids: Ints, start: Ints, length: int) -> Ints:
    key = np.zeros(len(start), np.int64)
    for step in range(length):
        key = key << _BITS | ids[start + step]
    return key


def suspects(ids: Ints, codes: Ints) -> Ints:
    """Places of Han characters none of whose three trigrams was counted."""
    table = ngram_table()
    starts = np.arange(len(ids) - 2)
    seen = np.isfinite(table.log_count(3, _packed(ids, starts, 3)))
    known = np.zeros(len(ids), bool)
    for step in range(3):
        known[step : step + len(seen)] |= seen
    han = (codes >= 0x4E00) & (codes <= 0x9FFF)
    found = np.flatnonzero(han & ~known)
    return found[(found >= _PAD) & (found < len(ids) - _PAD)]


def _log_probability(ids_at: Ints) -> Floats:
    """Stupid back-off over rows of 5 + 4 ids: the sum over the five windows that hold the middle character."""
    table = ngram_table()
    total = np.zeros(len(ids_at))
    for last in range(4, 9):
        value = np.full(len(ids_at), np.nan)
        for length in range(_ORDER, 0, -1):
            missing = np.isnan(value)
            if not missing.any():
                break
            part = ids_at[missing, last - length + 1 : last + 1]
            key = np.zeros(len(part), np.int64)
            context = np.zeros(len(part), np.int64)
            for step in range(length):
                context = key
                key = key << _BITS | part[:, step]
            count = table.log_count(length, key)
            counted = np.isfinite(count)
            if length > 1:
                below = np.maximum(table.log_count(length - 1, context), count)
                score = np.where(counted, count, 0.0) - np.where(counted, below, 0.0)
                score[~counted] = np.nan
            else:
                score = np.where(counted, count, 0.0) - table.total
            value[missing] = score + (_ORDER - length) * _BACK_OFF
        total += value
    return total


def _count(ids_at: Ints, first: int, length: int) -> Floats:
    key = np.zeros(len(ids_at), np.int64)
    for step in range(first, first + length):
        key = key << _BITS | ids_at[:, step]
    found = ngram_table().log_count(length, key)
    return np.where(np.isfinite(found), np.log1p(np.exp(found)), 0.0)


def candidates(ids: Ints, codes: Ints, places: Ints) -> tuple[Ints, Ints, Floats, Floats]:
    """Place, candidate id, likeness and penalty of every candidate that makes a counted trigram."""
    table, alike = ngram_table(), _alike_table()
    row = alike.row_of[codes[places]]
    size = alike.starts[row + 1] - alike.starts[row]
    places = np.repeat(places, size)
    offset = np.arange(len(places)) - np.repeat(np.cumsum(size) - size, size)
    index = np.repeat(alike.starts[row], size) + offset
    cand = alike.ids[index]
    a, b, c, d = ids[places - 2], ids[places - 1], ids[places + 1], ids[places + 2]
    seen = np.isfinite(table.log_count(3, (a << 24) | (b << 12) | cand))
    seen |= np.isfinite(table.log_count(3, (b << 24) | (cand << 12) | c))
    seen |= np.isfinite(table.log_count(3, (cand << 24) | (c << 12) | d))
    return places[seen], cand[seen], alike.likeness[index[seen]], alike.penalty[index[seen]]


def features(ids: Ints, places: Ints, cand: Ints, likeness: Floats, penalty: Floats) -> Floats:
    """One row a candidate; the order is that of `features` in detector.json."""
    around = np.arange(-4, 5)
    written = ids[places[:, None] + around]
    meant = written.copy()
    meant[:, 4] = cand
    unique, back = np.unique(places, return_inverse=True)
    before = _log_probability(ids[unique[:, None] + around])[back]
    delta = _log_probability(meant) - before - penalty
    four = np.stack([_count(meant, first, 4) for first in range(1, 5)], axis=1)
    five = np.stack([_count(meant, first, 5) for first in range(5)], axis=1)
    return np.column_stack(
        [
            delta,
            _count(written, 3, 2),
            _count(written, 4, 2),
            _count(meant, 3, 2),
            _count(meant, 4, 2),
            _count(meant, 2, 3),
            _count(meant, 3, 3),
            _count(meant, 4, 3),
            four[:, 1:3].max(axis=1),
            four.max(axis=1),
            four[:, 0],
            four[:, 3],
            five.max(axis=1),
            five[:, 1:4].max(axis=1),
            likeness,
            _count(written, 4, 1),
            _count(meant, 4, 1),
        ]
    )


def pairs(ids: Ints, codes: Ints, places: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Two neighbours both wrong: place, the two ids meant, and the log count of the rarer trigram around them.

    Tried are neighbours never written side by side, with a word beside them, and only sound-alikes and close
    look-alikes; both trigrams over an edge of the pair must be known.
    """
    table, alike = ngram_table(), _alike_table()
    first = places[:-1][np.diff(places) == 1]
    unheard = ~np.isfinite(table.log_count(2, ids[first] << _BITS | ids[first + 1]))
    han_before, han_after = ((codes[at] >= 0x4E00) & (codes[at] <= 0x9FFF) for at in (first - 1, first + 2))
    first = first[unheard & (han_before | han_after)]
    row, next_row = alike.row_of[codes[first]], alike.row_of[codes[first + 1]]
    spots: list[Ints] = [np.zeros(0, np.int64)]
    ones: list[Ints] = [np.zeros(0, np.int64)]
    twos: list[Ints] = [np.zeros(0, np.int64)]
    for place, one, two in zip(first.tolist(), row.tolist(), next_row.tolist(), strict=True):
        left = alike.close[one]
        right = alike.close[two]
        if len(left) and len(right):
            words = (left[:, None] << _BITS | right[None, :]).ravel()
            words = words[np.isfinite(table.log_count(2, words))]
            spots.append(np.full(len(words), place))
            ones.append(words >> _BITS)
            twos.append(words & 4095)
    spot, one_id, two_id = np.concatenate(spots), np.concatenate(ones), np.concatenate(twos)
    middle = one_id << _BITS | two_id
    before = table.log_count(3, ids[spot - 1] << 24 | middle)
    after = table.log_count(3, middle << _BITS | ids[spot + 2])
    rarer = np.minimum(before, after)
    seen = np.isfinite(rarer)
    return spot[seen], one_id[seen], two_id[seen], rarer[seen]


@dataclass(frozen=True, slots=True)
class _Guess:
    """A span of the text, what is meant there, and the score."""

    start: int
    end: int
    meant: str
    score: float


class Statistics:
    """Weighs every suspicious character; the model is detector.json."""

    def __init__(self) -> None:
        model: dict[str, Any] = json.loads((VOCABULARY / "detector.json").read_text(encoding="utf-8"))
        self._mean = np.array(model["mean"])
        self._weights = np.array(model["coef"]) / np.array(model["scale"])
        self._intercept = float(model["intercept"])
        self._common = float(np.log1p(model["reject_if_original_bigram_count_at_least"]))
        self._thresholds: list[float] = model["threshold_by_words_saved"]
        self._free_threshold = float(model["threshold_of_free_characters"])
        self._free = frozenset(model["grammar"] + model["place_names"])
        self._pair_threshold = float(np.log(model["pair_trigram_count_at_least"]))

    def hits(self, passage: Passage) -> list[Hit]:
        guesses = [
            guess
            for first, last in passage.stretches
            for start in range(first, last, _CHUNK)
            for guess in self._guesses(passage.text, start, min(last, start + _CHUNK))
        ]
        return [self._hit(passage, guess) for guess in guesses if self._may_speak(passage, guess)]

    def _guesses(self, text: str, first: int, last: int) -> list[_Guess]:
        start, end = max(0, first - _AROUND), last + _AROUND
        codes, places = normal("\n" * _PAD + text[start:end] + "\n" * _PAD)
        ids = ngram_table().id_of[codes]
        found = suspects(ids, codes)
        if not len(found):
            return []
        chars = ngram_table().chars
        offset = start - _PAD
        guesses: list[_Guess] = []
        spots, cand, likeness, penalty = candidates(ids, codes, found)
        if len(spots):
            rows_ = features(ids, spots, cand, likeness, penalty)
            score = (rows_ - self._mean) @ self._weights + self._intercept
            good = np.flatnonzero(
                (score > min(self._thresholds)) & (rows_[:, 1] < self._common) & (rows_[:, 2] < self._common)
            )
            for index in good:
                at = int(places[spots[index]]) + offset
                guesses.append(_Guess(at, at + 1, chars[int(cand[index]) - 1], float(score[index])))
        spots, one, two, rarer = pairs(ids, codes, found)
        for index in np.flatnonzero(rarer >= self._pair_threshold):
            at, next_at = int(places[spots[index]]) + offset, int(places[spots[index] + 1]) + offset
            if next_at == at + 1:
                meant = chars[int(one[index]) - 1] + chars[int(two[index]) - 1]
                guesses.append(_Guess(at, at + 2, meant, 100.0 + float(rarer[index])))
        return [guess for guess in _best(guesses) if first <= guess.start < last]

    def _may_speak(self, passage: Passage, guess: _Guess) -> bool:
        saved, whole = _words_saved(passage.text, guess)
        written = passage.text[guess.start]
        if guess.end - guess.start == 2:
            if saved < 1:
                return False
        else:
            least = self._thresholds[max(0, min(saved, len(self._thresholds) - 2) + 1)]
            if written in self._free or (whole and saved < 2):
                least = max(least, self._free_threshold)
            if guess.score < least or (written in _NUMERALS and guess.meant in _NUMERALS):
                return False
        if passage.in_book_title(guess.start, guess.end) or passage.is_quoted_alone(guess.start, guess.end):
            return False
        return not passage.is_about_wording(guess.start, guess.end)

    def _hit(self, passage: Passage, guess: _Guess) -> Hit:
        written = passage.text[guess.start : guess.end]
        return Hit(
            start=guess.start,
            end=guess.end,
            text=written,
            suggestion=guess.meant,
            category="guess",
            severity=Severity.MAJOR,
            grade=Grade.REVIEW,
            rule=f"guess-{written}-{guess.meant}",
            reason=f"公开的公文里几乎不这样写，疑为“{guess.meant}”",
            layer="statistics",
        )


def _best(guesses: list[_Guess]) -> list[_Guess]:
    """Of guesses within two characters of each other the highest score stays."""
    best: list[_Guess] = []
    for guess in sorted(guesses, key=lambda guess: (guess.start, -guess.score)):
        if best and guess.start - best[-1].end < 2:
            if guess.score > best[-1].score:
                best[-1] = guess
        else:
            best.append(guess)
    return best


def _words_saved(text: str, guess: _Guess) -> tuple[int, bool]:
    """How many words fewer the neighbourhood has when the guess is put in, and whether a word holds what is written.

    A slip breaks words into pieces.
    """
    import rjieba

    before, after = text[max(0, guess.start - 5) : guess.start], text[guess.end : guess.end + 5]
    written = rjieba.cut(before + text[guess.start : guess.end] + after, hmm=False)
    meant = rjieba.cut(before + guess.meant + after, hmm=False)
    at, whole = 0, False
    for word in written:
        whole |= len(word) > 1 and at <= len(before) < at + len(word)
        at += len(word)
    return len(written) - len(meant), whole
