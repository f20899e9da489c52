"""Real Chromium against the real embedded system (`parley run` in a process of its own).

packages/pages/  interviews of these tests, one per family of page behaviour    conftest.py  the site, the browser, the page
"""
