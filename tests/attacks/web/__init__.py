"""Attacks on the pages, one file each: requests, links, texts and files of whoever has nothing but a browser, or less."""
