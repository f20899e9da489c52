"""Style sheets and scripts of `features` are those of the package whose file names them."""

from __future__ import annotations

from tests.unit.language.sample import Pack


def test_a_name_without_a_package_is_of_the_package_of_its_file(pack: Pack) -> None:
    compiled = pack.compiled("""
        features:
          css: own.css
          javascript:
            - own.js
            - other:theirs.js
            - https://example.com/x.js
        ---
        mandatory: True
        question: Hi
        """)
    assert compiled.interview is not None
    assert compiled.interview.features["css"] == "pack:own.css"
    assert list(compiled.interview.features["javascript"]) == [
        "pack:own.js",
        "other:theirs.js",
        "https://example.com/x.js",
    ]
