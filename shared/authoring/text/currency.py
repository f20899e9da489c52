"""Money as text.

Source: functions.md, currency(), currency_symbol().
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, SupportsFloat

from babel.numbers import format_currency

from shared.authoring.context import current_or_none
from shared.authoring.text.locales import babel_locale, currency_code, decimal_text, get_locale, overridden
from shared.authoring.text.words import language_function

#: The conventions that change how money is written.
_MONEY = (
    "currency_symbol",
    "n_cs_precedes",
    "p_cs_precedes",
    "n_sep_by_space",
    "p_sep_by_space",
    "mon_thousands_sep",
    "mon_decimal_point",
)


@language_function
def currency_symbol(**options: object) -> str:
    """The symbol of ``set_locale``, else of the configuration (``currency symbol``), else of the locale."""
    if overridden("currency_symbol"):
        return str(get_locale("currency_symbol"))
    return str(_configured_symbol() or get_locale("currency_symbol"))


def _configured_symbol() -> Any:
    context = current_or_none()
    return None if context is None else context.config.get("currency symbol")


@language_function
def currency(
    value: SupportsFloat | str,
    decimals: bool = True,
    symbol: str | None = None,
    symbol_precedes: bool | None = None,
    **options: object,
) -> str:
    """`value` as money: ``$45.20``; without `decimals` ``$45``. `symbol` and its place override the locale's."""
    try:
        amount = Decimal(str(value).strip() if isinstance(value, str) else str(float(value)))
    except (TypeError, ValueError, InvalidOperation):
        raise ValueError(f"currency() expects a number, not {value!r}") from None
    by_locale = symbol is None and symbol_precedes is None and _configured_symbol() is None
    own_way = overridden(*_MONEY)
    if decimals and by_locale and not own_way:
        locale = babel_locale()
        return str(format_currency(amount, currency_code(locale), locale=locale))
    pattern = "#,##0.00" if decimals else "#,##0"
    number = decimal_text(abs(amount), pattern, monetary=True)  # type: ignore[arg-type]
    negative = amount < 0
    kind = "n" if negative else "p"
    before = symbol_precedes if symbol_precedes is not None else get_locale(f"{kind}_cs_precedes")
    space = " " if get_locale(f"{kind}_sep_by_space") else ""
    mark = symbol if symbol is not None else currency_symbol()
    text = f"{mark}{space}{number}" if before else f"{number}{space}{mark}"
    return f"-{text}" if negative else text
