"""The nouns of English: which plurals are irregular, and how the others are made. Single words in lower case only.

Written here because the library for it takes seconds to import, which a user would wait for in every fresh process.
Phrases, capitals and numbers are handled in ``english``.
"""

from __future__ import annotations

import re

_VOWELS = "aeiou"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


#: Singular -> plural where no rule helps. "mooses" is what the documentation shows.
IRREGULAR = _pairs(
    "child:children person:people man:men woman:women foot:feet tooth:teeth goose:geese mouse:mice louse:lice ox:oxen "
    "moose:mooses datum:data medium:media bacterium:bacteria addendum:addenda memorandum:memoranda erratum:errata "
    "curriculum:curricula stratum:strata criterion:criteria phenomenon:phenomena appendix:appendices vertex:vertices "
    "matrix:matrices index:indexes alumnus:alumni stimulus:stimuli nucleus:nuclei fungus:fungi cactus:cacti radius:radii "
    "alumna:alumnae larva:larvae vertebra:vertebrae formula:formulas quiz:quizzes genus:genera corpus:corpora opus:opuses "
    "axis:axes analysis:analyses basis:bases crisis:crises thesis:theses hypothesis:hypotheses diagnosis:diagnoses "
    "prognosis:prognoses parenthesis:parentheses oasis:oases synopsis:synopses emphasis:emphases neurosis:neuroses "
    "wife:wives knife:knives life:lives leaf:leaves half:halves self:selves wolf:wolves shelf:shelves thief:thieves "
    "calf:calves loaf:loaves scarf:scarves elf:elves hoof:hooves sheaf:sheaves "
    "bus:buses gas:gases lens:lenses bias:biases alias:aliases atlas:atlases canvas:canvases iris:irises "
    "stomach:stomachs monarch:monarchs patriarch:patriarchs matriarch:matriarchs epoch:epochs passerby:passersby"
)
#: Words that end like one of these compounds follow it: policeman, grandchild, housewife, schedule-free midlife.
_TAILS = ("child", "woman", "man", "wife", "life", "mouse", "tooth", "foot", "self", "person")
_NO_MAN = _set("human german roman norman shaman talisman ottoman")
#: The same in both numbers, or used in one only.
INVARIANT = _set(
    "fish sheep deer series species means corps chassis news measles mathematics physics economics politics ethics "
    "aircraft spacecraft offspring salmon trout shrimp bison swine information advice evidence equipment furniture luggage "
    "money knowledge homework software hardware jewelry rice athletics gymnastics headquarters barracks crossroads scissors "
    "pants trousers jeans shorts pajamas pyjamas clothes thanks"
)
_OES = _set("potato tomato hero echo veto torpedo cargo embargo mosquito volcano tornado negro domino")
#: Plurals of words that end in -ie: movies, not movy.
_IES = _set(
    "movies cookies ties pies lies dies zombies calories selfies brownies genies prairies eyries rookies magpies hippies neckties"
)
_CHE_ES = _set(
    "aches caches niches headaches toothaches stomachaches heartaches backaches avalanches mustaches moustaches psyches quiches creches"
)
#: Words in -s that are singular although they end like plurals.
_SINGULAR_IN_AS = _set("christmas pancreas texas kansas arkansas vas")
_PLURAL_IN_US = _set("menus emus gnus haikus tofus gurus tutus bayous caribous thous flus plateaus bureaus")
_PLURAL_IN_IS = _set(
    "taxis skis bikinis alibis safaris rabbis broccolis khakis salamis zucchinis emojis kiwis wikis apis semis"
)

_SINGULARS = {
    **{plural: singular for singular, plural in IRREGULAR.items()},
    "mooses": "moose", "fishes": "fish", "memorandums": "memorandum", "indices": "index", "axes": "axis", "dice": "die",
    "bases": "basis",
}  # fmt: skip


def plural(word: str) -> str:
    """The plural of a singular."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in INVARIANT or word.endswith("fish"):
        return word
    for tail in _TAILS:
        if word.endswith(tail) and word not in _NO_MAN and len(word) > len(tail) + 1:
            return word[: -len(tail)] + IRREGULAR[tail]
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    if word.endswith("sis") and len(word) > 4:
        return word[:-2] + "es"
    if word.endswith(("s", "x", "z", "ch", "sh")) or word in _OES:
        return word + "es"
    return word + "s"


def singular(word: str) -> str:
    """The singular of a plural; a singular comes back as it is."""
    if word in _SINGULARS:
        return _SINGULARS[word]
    if word in INVARIANT or word in IRREGULAR:
        return word
    for tail in _TAILS:
        many = IRREGULAR[tail]
        if word.endswith(many) and len(word) > len(many) + 1 and word not in ("olives",):
            return word[: -len(many)] + tail
    if not word.endswith("s") or len(word) < 3 or _is_singular(word):
        return word
    return _without_ending(word)


def _is_singular(word: str) -> bool:
    """Whether a word that ends in -s is no plural: address, status, tennis, Christmas."""
    if word.endswith("ss") or word in _SINGULAR_IN_AS:
        return True
    if word.endswith("us"):
        return word not in _PLURAL_IN_US
    if word.endswith("is"):
        return word not in _PLURAL_IN_IS
    return False


def _without_ending(word: str) -> str:
    if word.endswith("ies") and len(word) > 3:
        return word[:-1] if word in _IES else word[:-3] + "y"
    if word.endswith("es"):
        stem = word[:-2]
        if stem in _OES or stem.endswith(("ss", "x", "zz", "sh")) or (stem.endswith("ch") and word not in _CHE_ES):
            return stem
        # statuses, viruses; not houses, causes, uses, clauses, excuses, spouses
        if re.search(r"[^aeiou]us$", stem) and word not in ("uses", "fuses", "muses", "excuses", "abuses", "refuses"):
            return stem
    return word[:-1]


_SILENT_H = re.compile(r"(?:hour|honest|honor|honour|heir|herb(?!i))", re.IGNORECASE)
# The letter is a vowel and the sound is not: a user, a union, a European, a one-time fee.
_CONSONANT_SOUND = re.compile(
    r"(?:eu|ew|uni(?!n|m)|unit|us[aeiu]|ut[ei]|ur[aeiou]|ub[aeiou]|uk|ufo|one\b|once\b|one-)", re.IGNORECASE
)
_AN_LETTERS = "AEFHILMNORSX"


def article(phrase: str) -> str:
    """``a`` or ``an``, by the sound that `phrase` begins with."""
    number = re.match(r"\d+", phrase)
    if number:
        # eight, eleven, eighteen, and what begins with them: 8, 80, 800, 8,000, 11, 11,000, 18
        return "an" if number[0].startswith("8") or number[0] in ("11", "18") else "a"
    first = re.match(r"[^\W\d_]+", phrase)
    word = first[0] if first else ""
    spelled_out = len(word) == 1 or (word.isupper() and len(word) < 6)
    if spelled_out and word[:1].isupper():
        return "an" if word[0] in _AN_LETTERS else "a"
    if len(word) == 1:
        return "an" if word.upper() in _AN_LETTERS else "a"
    if _SILENT_H.match(phrase):
        return "an"
    return "an" if word[:1].lower() in _VOWELS and not _CONSONANT_SOUND.match(phrase) else "a"
