"""Runs in the system's Python, beside LibreOffice: one line of JSON in is one file to convert, one line of JSON out says what became of it.

Given as text to ``python3 -c`` (`office`), since whoever makes documents may not read our files; LibreOffice's module `uno` belongs to the
system's Python. Not for: anything but talking to LibreOffice.
"""

# mypy: ignore-errors
import json
import sys
import time

import uno  # of the package python3-uno
from com.sun.star.beans import PropertyValue


def _property(name, value):
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


def _properties(**values):
    return tuple(_property(name, value) for name, value in values.items())


def _desktop(pipe):
    """LibreOffice, as soon as it listens."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(400):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            time.sleep(0.05)
    raise SystemExit(1)


def _update(document):
    """Tables of contents and other references: twice, since a table that grows moves the pages below it."""
    for _ in range(2):
        document.refresh()
        document.getTextFields().refresh()
        indexes = document.getDocumentIndexes()
        for number in range(indexes.getCount()):
            indexes.getByIndex(number).update()


def _convert(desktop, asked):
    # Macros never run, links are never followed; nobody is there to be asked.
    loading = _properties(Hidden=True, ReadOnly=not asked["update"], MacroExecutionMode=0, UpdateDocMode=0)
    document = desktop.loadComponentFromURL(asked["source"], "_blank", 0, loading)
    if document is None:
        return "it could not be read"
    try:
        if asked["update"]:
            _update(document)
        for target in asked["targets"]:
            storing = [_property("FilterName", target["filter"])]
            if target["filter"].endswith("pdf_Export"):
                look = uno.Any("[]com.sun.star.beans.PropertyValue", _properties(**target["options"]))
                storing.append(_property("FilterData", look))
            document.storeToURL(target["url"], tuple(storing))
    finally:
        document.close(True)
    return ""


def main():
    desktop = _desktop(sys.argv[1])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        try:
            problem = _convert(desktop, json.loads(line))
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"[:300]
        print(json.dumps({"problem": problem}), flush=True)


main()
