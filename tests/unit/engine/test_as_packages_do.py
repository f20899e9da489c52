"""What interviews of public packages do, each in small (issue "What the reference loads, loads", items 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable

from shared.contract.effects import SendMail
from tests.unit.engine.play import Play
from tests.unit.language.sample import Pack

Open = Callable[..., Play]


def test_a_datatype_that_derives_from_an_authors_other(play: Open, pack: Pack) -> None:
    pack.write(
        """
        from docassemble.base.util import CustomDataType, DAValidationError

        class Code(CustomDataType):
            name = 'code'
            @classmethod
            def validate(cls, item):
                if len(item) != 3:
                    raise DAValidationError('three letters')
                return True
            @classmethod
            def transform(cls, item):
                return item.upper()

        class LongCode(Code):
            name = 'longcode'
            @classmethod
            def validate(cls, item):
                if len(item) != 5:
                    raise DAValidationError('five letters')
                return True
        """,
        "kinds.py",
    )
    session = play(
        """
        modules:
          - .kinds
        ---
        mandatory: True
        question: Q
        fields:
          - A: a
            datatype: longcode
          - B: b
            datatype: code
        ---
        mandatory: True
        question: |
          ${ a } ${ b }
        """
    )
    refused = session.send({"a": "abc", "b": "abc"}).rejection
    assert refused is not None
    assert refused.fields == {"a": "five letters"}
    assert str(session.fill("abcde", "abc").question).strip() == "ABCDE ABC"


def test_a_dictionary_made_of_pairs_and_a_mail_to_a_list_of_people(play: Open) -> None:
    session = play(
        """
        objects:
          - people: DAList.using(object_type=Individual, auto_gather=False, gathered=True)
          - d: DADict.using(elements=dict(a=1, b=2), auto_gather=False, gathered=True)
        ---
        mandatory: True
        code: |
          pairs = DADict('pairs', elements=[('x', 1), ('y', 2)], auto_gather=False, gathered=True)
          for address in ('one@example.com', 'two@example.com'):
            people.appendObject(name='x', email=address)
          sent = send_email(to=people, cc=[people[0]], subject='s', body='b')
        ---
        mandatory: True
        question: ${ list(pairs.items()) } ${ d['b'] } ${ sent }
        """
    )
    assert session.question == "[('x', 1), ('y', 2)] 2 True"
    assert session.outcome is not None
    (mail,) = [effect for effect in session.outcome.effects if isinstance(effect, SendMail)]
    assert [("one@example.com" in one, "two@example.com" in one) for one in mail.to] == [(True, False), (False, True)]
    assert len(mail.cc) == 1


def test_a_rule_about_an_earlier_screen_and_an_optional_field_that_was_left_out(play: Open) -> None:
    session = play(
        """
        mandatory: True
        code: |
          color
          done
        ---
        question: Color?
        fields:
          - Color: color
          - Shade: shade
            required: False
        ---
        question: More?
        fields:
          - Red?: red
            show if:
              variable: color
              is: red
          - Blue?: blue
            show if:
              variable: color
              is: blue
          - Any: any
            required: False
        continue button field: done
        ---
        mandatory: True
        question: The end
        """
    )
    session.answer({"color": "red"})
    assert session.variables["shade"] == ""
    session.answer({"red": "r", "done": True})
    assert session.variables["red"] == "r"
    assert "blue" not in session.variables
    assert session.variables["any"] == ""


def test_a_middle_item_of_a_list_is_deleted_and_the_rest_keep_their_answers(play: Open) -> None:
    session = play(
        """
        objects:
          - fruits: DAList.using(there_are_any=True, complete_attribute=None)
        ---
        mandatory: True
        code: |
          fruits.gather()
          if not defined('removed'):
            del fruits[1]
            removed = True
        ---
        question: Fruits
        list collect: True
        fields:
          - Fruit: fruits[i]
        ---
        mandatory: True
        question: ${ fruits } ${ len(fruits) } ${ fruits.there_is_another }
        """
    )
    session.answer({"fruits[0]": "fig", "fruits[1]": "plum", "fruits[2]": "kiwi"})
    assert session.question == "fig and kiwi 2 False"


def test_a_combobox_without_choices_is_asked_for_one_can_type(play: Open) -> None:
    session = play(
        """
        mandatory: True
        question: ${ key } ${ other } ${ third }
        ---
        question: Key?
        fields:
          - Key: key
            input type: combobox
            code: |
              []
        ---
        question: Other?
        field: other
        combobox:
          code: |
            []
        ---
        question: Third?
        fields:
          - Third: third
            code: |
              []
        """
    )
    assert session.question == "Key?"
    session.fill("typed")
    assert session.question == "Other?"
    assert session.answer({"other": "too"}).question == "typed too None"
