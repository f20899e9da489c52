from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.engine.naming import names


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a", ("a",)),
        ("a.b", ("a", ".b")),
        ('a["b c"].d', ("a", "['b c']", ".d")),
        ("a[ 0 ][i].x", ("a", "[0]", "[i]", ".x")),
        ("a[b[0]]", ("a", "[b[0]]")),
        ("a[']']", ("a", "[']']")),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple[str, ...]) -> None:
    assert names.parts_of(name) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1a",
        "a.",
        "a[0",
        "a b",
        "a()",
        "a-b",
        "a[f()]",
        "a[0 + 1]",
        "a.__class__",
        "__builtins__",
        "a[__import__('os')]",
        "a[b.__dict__]",
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    assert not names.is_name(text)
    with pytest.raises(names.BadName):
        names.parts_of(text)


def test_variants_come_in_the_documented_order() -> None:
    found = [variant.name for variant in names.variants("list[0].name")]
    assert found == ["list[0].name", "list[i].name", "x[0].name", "x[i].name", "x.name"]


def test_the_prefix_of_x_keeps_its_own_index() -> None:
    by_name = {variant.name: variant for variant in names.variants("list[0].name")}
    assert by_name["x.name"].generic == "list[0]"
    assert by_name["x[i].name"] == names.Variant("x[i].name", "list", ("0",))


def test_nested_brackets_take_i_and_j_from_left_to_right() -> None:
    found = {variant.name: variant.iterators for variant in names.variants("a[0]['k']") if variant.generic is None}
    assert found == {"a[0]['k']": (), "a[i]['k']": ("0",), "a[0][i]": ("'k'",), "a[i][j]": ("0", "'k'")}


_identifier = st.from_regex(r"[a-h][a-h]{0,3}", fullmatch=True)
_part = st.one_of(
    _identifier.map(lambda name: "." + name),
    st.integers(0, 9).map(lambda n: f"[{n}]"),
    _identifier.map(lambda key: f"[{key!r}]"),
)
_name = st.tuples(_identifier, st.lists(_part, max_size=4)).map(lambda pair: pair[0] + "".join(pair[1]))


@given(_name)
def test_every_variant_means_the_name(name: str) -> None:
    for variant in names.variants(name):
        context: dict[str, object] = dict(
            zip(names.ITERATORS, [eval(source) for source in variant.iterators], strict=False)
        )
        if variant.generic is not None:
            context["x"] = variant.generic
        assert names.canonical(names.specific(variant.name, context)) == names.canonical(name)


@given(_name)
def test_specific_forms_come_before_generic_ones(name: str) -> None:
    generic = [variant.generic is not None for variant in names.variants(name)]
    assert generic == sorted(generic)
    assert names.variants(name)[0].name == names.canonical(name)
