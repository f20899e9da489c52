"""Money, locales, countries, phones: what depends on where the user is."""

from __future__ import annotations

import pytest

from shared.authoring.text.currency import currency, currency_symbol
from shared.authoring.text.geography import (
    countries_list,
    country_name,
    iso_country,
    state_name,
    states_list,
    subdivision_type,
)
from shared.authoring.text.languages import is_language, language_name
from shared.authoring.text.locales import get_country, get_locale, set_country, set_locale, update_locale
from shared.authoring.text.numbers import nice_number
from shared.authoring.text.phones import (
    phone_number_formatted,
    phone_number_in_e164,
    phone_number_is_valid,
    phone_number_part,
)
from shared.authoring.text.words import get_dialect, get_voice, set_language


def test_currency(step):
    assert currency(45.2) == "$45.20"
    assert currency(45) == "$45.00"
    assert currency(45, decimals=False) == "$45"
    assert currency(1234567.891) == "$1,234,567.89"
    assert currency(-3) == "-$3.00"
    assert currency("12.5") == "$12.50"
    assert currency(3.5, symbol="€") == "€3.50"
    assert currency(3.5, symbol="€", symbol_precedes=False) == "3.50€"
    assert currency(-1234, decimals=False) == "-$1,234"
    assert currency_symbol() == "$"


@pytest.mark.parametrize("value", ["", None, "lots", [1]])
def test_currency_of_no_number(step, value):
    with pytest.raises(ValueError, match=r"currency\(\) expects a number"):
        currency(value)


def test_the_locale_of_the_step_decides(step):
    step.locale = "de_DE.utf8"
    assert currency(1234.5) == "1.234,50\xa0€"
    assert nice_number(1234567) == "1.234.567"
    assert (currency_symbol(), get_locale("decimal_point"), get_locale("p_cs_precedes")) == ("€", ",", False)


def test_conventions_can_be_overridden_for_the_step(step):
    set_locale(currency_symbol="£")
    assert currency(1) == "£1.00"
    assert currency_symbol() == get_locale("currency_symbol") == "£"
    set_locale(currency_symbol=None)
    assert currency(1) == "$1.00"
    set_locale(thousands_sep=" ", mon_thousands_sep="'", p_sep_by_space=True)
    assert nice_number(1234567.5) == "1 234 567.5"
    assert currency(1234) == "$ 1'234.00"
    with pytest.raises(TypeError, match="set_locale\\(\\) does not know moon"):
        set_locale(moon="x")


def test_a_locale_is_remembered_and_then_made_effective(step):
    set_locale("FR.utf8")
    assert get_locale() == "FR.utf8"
    assert currency(1234.5) == "$1,234.50"
    set_language("fr")
    update_locale()
    assert step.locale == "fr_FR.utf8"
    assert currency_symbol() == "€"


def test_the_configured_symbol(step):
    step.config = {"currency symbol": "₿"}
    assert currency_symbol() == "₿"
    assert currency(2) == "₿2.00"


def test_country(step):
    assert get_country() == "US"
    set_country("de")
    assert step.country == "DE"
    with pytest.raises(ValueError, match="two-letter country code"):
        set_country("Germany")


def test_language_and_voice(step):
    set_language("en", dialect="au", voice="Zoe")
    assert (get_dialect(), get_voice()) == ("au", "Zoe")


def test_iso_country():
    assert iso_country("United States") == iso_country("usa") == iso_country("US") == "US"
    assert iso_country("US", part="alpha_3") == "USA"
    assert iso_country("US", part="name") == "United States"
    assert iso_country("US", part="numeric") == "840"
    assert iso_country("US", part="official_name") == "United States of America"
    with pytest.raises(LookupError, match="'Atlantis' is not the name or code"):
        iso_country("Atlantis")
    with pytest.raises(ValueError, match="'flag'"):
        iso_country("US", part="flag")


def test_countries():
    listed = countries_list()
    assert {"AF": "Afghanistan"} in listed
    names = [name for one in listed for name in one.values()]
    assert names == sorted(names)
    assert all(country_name(code) == name for one in listed for code, name in one.items())
    with pytest.raises(LookupError):
        country_name("XX")


def test_states(step):
    states = states_list()
    assert states["AL"] == "Alabama"
    assert list(states)[:3] == ["AL", "AK", "AS"]
    assert states_list(abbreviate=True)["AL"] == "AL"
    assert states_list(country_code="SE")["AB"] == "Stockholms län"
    assert state_name("PA") == "Pennsylvania"
    assert state_name("AB", country_code="SE") == "Stockholms län"
    assert state_name("nowhere") == "nowhere"
    set_country("CA")
    assert state_name("ON") == "Ontario"


@pytest.mark.parametrize(
    ("country", "kind"),
    [
        ("BG", "District"),
        ("SE", "County"),
        ("TN", "Governorate"),
        ("VN", "Province"),
        ("LV", "Municipality"),
        ("US", "State"),
        ("AQ", None),
    ],
)
def test_subdivision_type(country, kind):
    assert subdivision_type(country) == kind


def test_languages():
    assert (language_name("en"), language_name("deu"), language_name("xyz9")) == ("English", "German", "xyz9")
    assert is_language("EN")
    assert not is_language("e")


def test_phones(step):
    assert phone_number_is_valid("215-555-1212")
    assert not phone_number_is_valid("12")
    assert not phone_number_is_valid("not a number")
    assert phone_number_in_e164("202-456-1111") == "+12024561111"
    assert phone_number_in_e164("08-506 410 00", country="SE") == "+46850641000"
    assert phone_number_in_e164("x") is None
    assert phone_number_formatted("2024561111") == "(202) 456-1111"
    assert [phone_number_part("555-212-5623", part) for part in range(4)] == ["555", "212", "5623", ""]
