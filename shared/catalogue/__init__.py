"""What the product itself says, in the languages it speaks: gettext catalogues, made and checked with Babel.

catalogues.py   texts and their plurals in a language, and which language of ours comes nearest to one that is asked for
page.py         the words of pages by the names that templates and scripts know them by
locale/         one ``parley.po`` for each language, and the ``parley.mo`` made of it (``python -m tests.catalogues``)

What an author says is not here; what ``word()`` of an author's words file says comes before it (`shared.authoring.text.words`).
"""
