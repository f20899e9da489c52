"""English morphology: plural and singular nouns, verb forms, the indefinite article.

Rules for phrases and verbs; what is irregular lies in ``nouns`` and ``verbs``.

Source: functions.md, noun_plural(), noun_singular(), verb_past(), verb_present(), indefinite_article().
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from shared.authoring.text import nouns
from shared.authoring.text.verbs import BASE_OF, IRREGULAR, IRREGULAR_IN_ING


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# "mother-in-law", "change of address": the noun before the preposition is the one that counts.
_COMPOUND = re.compile(r"^(.*?)(\w+)([ -](?:of|in|to|at|by|for|from|with|on|a)[ -].+)$", re.IGNORECASE)
# "attorney general": the adjective stands after its noun.
_POSTPOSITIVE = re.compile(
    r"^(.*?)(attorneys?|solicitors?|postmasters?|secretar(?:y|ies)|governors?|inspectors?|notar(?:y|ies)|courts?)"
    r"( general| public| martial)$",
    re.IGNORECASE,
)
_VOWELS = "aeiou"


def _same_case(result: str, model: str) -> str:
    if len(model) > 1 and model.isupper():
        return result.upper()
    return result[:1].upper() + result[1:] if model[:1].isupper() else result


def _on_head(noun: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the word of the phrase `noun` that carries the number."""
    for pattern in (_POSTPOSITIVE, _COMPOUND):
        found = pattern.match(noun)
        if found:
            return f"{found[1]}{change(found[2])}{found[3]}"
    head, space, last = noun.rpartition(" ")
    return f"{head}{space}{change(last)}"


def _singular_word(word: str) -> str:
    return _of_word(word, nouns.singular, number_ending="")


def _plural_word(word: str) -> str:
    return _of_word(word, nouns.plural, number_ending="s")


def _of_word(word: str, change: Callable[[str], str], number_ending: str) -> str:
    """`word` changed by a rule for lower-case words; compounds by their last part, abbreviations and numbers by an s."""
    if "-" in word:  # e-mails
        head, dash, last = word.rpartition("-")
        return f"{head}{dash}{_of_word(last, change, number_ending)}"
    if not word:
        return word
    if not word.isalpha():  # 747s
        bare = word[:-1] if re.fullmatch(r".*\ds", word) else word
        return bare + number_ending
    if word[:-1].isupper() and len(word) > 2 and word.endswith("s"):  # LLCs
        return word[:-1] + number_ending
    if word.isupper() and 1 < len(word) < 5:  # LLC, IRS
        return word + number_ending
    return _same_case(change(word.lower()), word)


@lru_cache(maxsize=4096)
def singular(noun: str) -> str:
    """The singular of a noun or noun phrase, which may be singular already."""
    return _on_head(noun.strip(), _singular_word) if noun.strip() else noun


@lru_cache(maxsize=4096)
def plural(noun: str) -> str:
    """The plural of a singular noun or noun phrase."""
    return _on_head(noun.strip(), _plural_word) if noun.strip() else noun


@lru_cache(maxsize=4096)
def article(noun: str) -> str:
    """``a`` or ``an`` followed by `noun`."""
    text = noun.strip()
    return f"{nouns.article(text)} {text}" if text else ""


def _doubles(verb: str) -> bool:
    """Whether a one-syllable verb doubles its last consonant: stop, plan; not help, fix, play."""
    return bool(re.fullmatch(r"[^aeiou]*(?:qu)?[aeiou][^aeiouwxy]", verb))


def third_person(verb: str) -> str:
    """``helps``, ``goes``, ``tries`` from the base form."""
    if verb in ("be", "have", "can", "may", "must", "will", "shall", "could", "should", "would", "might"):
        return {"be": "is", "have": "has"}.get(verb, verb)
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def past(verb: str) -> str:
    """The simple past of the base form, third person."""
    if verb in IRREGULAR:
        return IRREGULAR[verb][0]
    return _with_ed(verb)


def past_participle(verb: str) -> str:
    """``eaten``, ``helped``."""
    return IRREGULAR[verb][1] if verb in IRREGULAR else _with_ed(verb)


def _with_ed(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + verb[-1] + "ed" if _doubles(verb) else verb + "ed"


def present_participle(verb: str) -> str:
    """``helping``, ``running``, ``dying``."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and verb != "be":
        return verb[:-1] + "ing"
    return verb + verb[-1] + "ing" if _doubles(verb) else verb + "ing"


# Stems that end like these have lost an ``e``: decid(e), requir(e), clos(e), settl(e), terminat(e), judg(e) …
_LOST_E = re.compile(
    r"(?:[cvuz]|[^n]g|[^s]s|[^aeioulrw]l|[^aeo]at|cre?at|[iu]r|[^eo]ar|[^aou]in|[^aeiou][aeiou]d|[^ao][iu]d|[^aeiou][aio][kp]|yp"
    r"|[ou]t|ul|[^aeiou]il|um|[^aeiou]im)$"
)
_KEPT_ALL = _set(
    "focus bias canvas bonus pilot pivot ballot develop gallop gossip worship ruin victim combat format avoid shout clout "
    "sort chair pair repair air hair threat treat heat seat repeat defeat cheat put hear appear out audit edit credit"
)
_LOST_E_TOO = _set(
    "ow ey dy chang arrang exchang challeng reveng plung rang complet delet compet deplet invit unit cit recit excit ignit "
    "nam blam shar stor restor ignor explor scor phon postpon condon clon zon welcom tun prun breath bath guid scal "
    "impos pil mil til fram gam argu ru"
)


def _restore_e(stem: str) -> str:
    """The base form of a stem left by taking off -ed or -ing: plann -> plan, us -> use, help -> help."""
    if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lszf" + _VOWELS:
        return stem[:-1]
    if stem in _KEPT_ALL:
        return stem
    return stem + "e" if stem in _LOST_E_TOO or _LOST_E.search(stem) else stem


@lru_cache(maxsize=4096)
def base(verb: str) -> str:
    """The base form of a verb in any form. A guess for regular forms: English spelling loses the final ``e``."""
    if verb in IRREGULAR or verb in ("be", "can", "may", "must", "will", "shall"):
        return verb
    if verb in BASE_OF:
        return BASE_OF[verb]
    if verb.endswith(("ied", "ies")):
        return verb[:-3] + "y" if len(verb) > 4 else verb[:-1]
    if verb.endswith("eed"):
        return verb[:-1] if verb.endswith(("greed", "anteed", "creed", "freed", "ereed")) else verb
    if verb.endswith("ed") and len(verb) > 3:
        return _restore_e(verb[:-2])
    if verb.endswith("ing") and len(verb) > 4 and re.search(r"[aeiouy]", verb[:-3]):
        stem = verb[:-3]
        return stem if stem in IRREGULAR else IRREGULAR_IN_ING.get(stem) or _restore_e(stem)
    if verb.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return verb[:-2]
    if verb.endswith("s") and not verb.endswith(("ss", "us", "is")) and len(verb) > 2:
        return verb[:-1]
    return verb


_BE_PRESENT = {"1sg": "am", "2sg": "are", "3sg": "is", "pl": "are", "part": "being", "inf": "be"}
_BE_PAST = {"1sgp": "was", "2sgp": "were", "3sgp": "was", "ppl": "were", "p": "was", "ppart": "been"}
# What authors write for a tense: the documentation itself writes "3gp" for "3sgp".
_TENSES = {
    "1gp": "1sgp",
    "2gp": "2sgp",
    "3gp": "3sgp",
    "1pl": "pl",
    "2pl": "pl",
    "3pl": "pl",
    "1ppl": "ppl",
    "2ppl": "ppl",
    "3ppl": "ppl",
}


def conjugate(verb: str, tense: str) -> str:
    """`verb` (any form; only its first word when it is a phrase with a particle we know) in `tense`.

    Tenses: inf, 1sg, 2sg, 3sg, pl, part (present); p, 1sgp, 2sgp, 3sgp, ppl, ppart (past).
    """
    tense = _TENSES.get(tense, tense)
    head, space, last = verb.strip().rpartition(" ")
    lower = last.lower()
    root = base(lower)
    if root == "be":
        form = _BE_PRESENT.get(tense) or _BE_PAST.get(tense, "was")
    elif tense in _BE_PAST:
        form = past_participle(root) if tense == "ppart" else past(root)
    elif tense == "3sg":
        form = third_person(root)
    elif tense == "part":
        form = present_participle(root)
    elif tense in _BE_PRESENT:
        form = root
    else:
        raise ValueError(f"there is no tense {tense!r}; use one of {', '.join([*_BE_PRESENT, *_BE_PAST])}")
    return f"{head}{space}{_same_case(form, last)}"
