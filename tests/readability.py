"""How hard a Dutch text is to read, as far as counting can tell.

The score is Flesch-Douma's: 60-70 is normal, 70-80 fairly easy, 80-90 easy. Formulas judge badly on their own, so this
is a gate and no proof: `hindrances` also counts the words of each sentence and names the rare words.
"""

import re
from collections.abc import Collection
from pathlib import Path

from wordfreq import zipf_frequency

LOWEST_SCORE = 70.0
LONGEST_MEAN_SENTENCE = 10.0  # words
LONGEST_SENTENCE = 15  # words
LOWEST_ZIPF = 3.3  # log10 of the uses in a billion words

SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+|\n\s*\n|\n\s*[-*•]\s+")
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
SYLLABLE = re.compile(r"[äëïöü]?[aeiouyàáâèéêìíîòóôùúû]+|[äëïöü]")  # a diaeresis opens a new syllable: pa-ti-ënt


def glossary() -> frozenset[str]:
    """Words that may be rare: a text explains them, or a person with back pain knows them."""
    return frozenset(Path(__file__).with_name("glossary_nl.txt").read_text(encoding="utf-8").split())


def sentences(text: str) -> list[str]:
    """The sentences of a text; an empty line or a bullet ends a sentence too."""
    return [part.strip() for part in SENTENCE_END.split(text) if words(part)]


def words(text: str) -> list[str]:
    """The words of a text as written, hyphens and apostrophes inside; figures are no words."""
    return WORD.findall(text)


def flesch_douma(text: str) -> float:
    """206.84 - 0.77 x syllables per 100 words - 0.93 x words per sentence; higher is easier.

    ValueError: the text has no words.
    """
    found = words(text)
    if not found:
        raise ValueError("a text without words has no reading score")
    syllables = sum(max(1, len(SYLLABLE.findall(word.lower()))) for word in found)
    return 206.84 - 77 * syllables / len(found) - 0.93 * len(found) / len(sentences(text))


def rare_words(text: str, allow: Collection[str]) -> list[str]:
    """Words below `LOWEST_ZIPF` that `allow` does not hold; all in lower case, with a straight apostrophe."""
    found = set(words(text.lower().replace("’", "'")))
    return sorted(word for word in found if word not in allow and is_rare(word))


def is_rare(word: str) -> bool:
    return zipf_frequency(word, "nl") < LOWEST_ZIPF


def hindrances(text: str, allow: Collection[str]) -> list[str]:
    """What keeps a text from passing as plain Dutch, one line each; empty when it passes."""
    lengths = [(sentence, len(words(sentence))) for sentence in sentences(text)]
    score = flesch_douma(text)
    mean = sum(n for _, n in lengths) / len(lengths)
    found = []
    if score < LOWEST_SCORE:
        found.append(f"score {score:.1f}, at least {LOWEST_SCORE:.0f} is asked")
    if mean > LONGEST_MEAN_SENTENCE:
        found.append(f"{mean:.1f} words a sentence, at most {LONGEST_MEAN_SENTENCE:.0f} are asked")
    found += [f"{n} words in one sentence: {sentence}" for sentence, n in lengths if n > LONGEST_SENTENCE]
    found += [f"rare word: {word}" for word in rare_words(text, allow)]
    return found
