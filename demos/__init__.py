"""Interviews written for this project: one per documented feature family, under ``data/questions``.

The start page lists them; ``tests/e2e/test_demos.py`` walks through each (``walks.yml`` says how). Their Python modules,
where one needs any, live beside this file.
"""
