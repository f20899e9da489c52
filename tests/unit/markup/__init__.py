"""Markdown and the documented markup to HTML."""
