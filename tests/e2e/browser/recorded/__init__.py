"""Recorded interviews answered on pages, as a person would.

choice.py   which of them, so that every kind of field and screen is met      plain.py   texts as one reads them
wanted.py   what a page must show for a SCREEN of the replay                    page.py    what the page shows
hand.py     giving recorded answers with mouse and keyboard
"""
