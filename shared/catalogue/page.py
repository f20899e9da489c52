"""The words of pages, by the names that templates and scripts know them by. What an interview sets for them comes first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from shared.catalogue.catalogues import N_, forms, translated


def counted_(one: str, many: str) -> tuple[str, str]:
    """Marks a text that depends on a number for the catalogues."""
    return one, many


PAGE: Mapping[str, str] = {
    "continue": N_("Continue"),
    "back": N_("Back"),
    "help": N_("Help"),
    "help for": N_("Help: {0}"),
    "menu": N_("Menu"),
    "required": N_("required"),
    "optional": N_("optional"),
    "yes": N_("Yes"),
    "no": N_("No"),
    "maybe": N_("I don't know"),
    "none of the above": N_("None of the above"),
    "all of the above": N_("All of the above"),
    "select": N_("Select…"),
    "skip": N_("Skip to the question"),
    "problem": N_("Please check your answers"),
    "sections": N_("Sections"),
    "progress": N_("Progress"),
    "done": N_("Done"),
    "close": N_("Close"),
    "clear": N_("Clear"),
    "sign here": N_("Sign here"),
    "type name": N_("Or type your name"),
    "draw": N_("Draw your signature with a finger, a pen or the mouse."),
    "upload signature": N_("Upload a picture of your signature"),
    "download": N_("Download"),
    "read": N_("Read"),
    "documents": N_("Your documents"),
    "document made": N_("The following document has been created for you."),
    "documents made": N_("The following documents have been created for you."),
    "mail documents": N_("E-mail these documents to"),
    "include editable": N_("Include files that can be edited in a word processor"),
    "to read": N_("to read and to print"),
    "to edit": N_("to edit in a word processor"),
    "send": N_("Send"),
    "download all": N_("Download all as a ZIP file"),
    "edit": N_("Edit"),
    "add another": N_("Add another"),
    "remove": N_("Remove"),
    "waiting": N_("This page goes on by itself."),
    "resume": N_("Resume"),
    "offline": N_("You are offline. What you typed is kept; we will try again when the connection is back."),
    "arrived": N_("Your earlier answer had arrived. To change it, go back."),
    "replaced": N_(
        "This answer has replaced a newer one, which was given after this page was opened. Please check that it is the one you want."
    ),
    "no answer": N_("There is no answer from the server yet. What you typed is kept: please try again."),
    "please wait": N_("Please wait…"),
    "usually": N_("This usually takes about {0}."),
    "task failed": N_("The work in the background could not be finished."),
    "working": N_("One moment…"),
    "restart": N_("Start again"),
    "exit": N_("Exit"),
    "home": N_("All interviews"),
    "appearance": N_("Light or dark"),
    "loading": N_("Loading…"),
    "matches": N_("Choices: {0}"),
    "no matches": N_("Nothing found"),
    "show list": N_("Show the list"),
    "choose file": N_("Choose a file"),
    "current file": N_("Now: {0}"),
    "keep file": N_("Leave empty to keep it."),
    "dismiss": N_("Dismiss"),
    "new tab": N_("opens in a new tab"),
    "completed": N_("completed"),
    "current": N_("current"),
    "term": N_("Definition"),
    "none listed": N_("No interviews are listed yet. Put some into a package and name it in the configuration."),
    "for the author": N_("For the author"),
    "line": N_("line {0}"),
    "sought": N_("Variables being sought"),
    "tried": N_("What the interview tried"),
    "traceback": N_("Python traceback"),
    "said step": N_("Screen"),
    "said check_in": N_("Check-in"),
    "said task": N_("Background action"),
    "said response": N_("Response action"),
    "said tick": N_("Scheduled event"),
    "said mail": N_("Received mail"),
    "continue where": N_("Continue where you were"),
    "search interviews": N_("Search interviews"),
    "interviews found": N_("Interviews found: {0}"),
    "no interview found": N_("No interview has these words in its title or description."),
    "error title": N_("Error: {0}"),
    "behind": N_("This interview has gone on in another window, so what you see here is not the latest screen."),
    "follow": N_("Show the latest screen"),
    "ended": N_("This interview has ended"),
    "gone": N_("It is no longer kept here. You can start it again."),
    "forward": N_("To go forward, please answer this screen."),
    "uploading": N_("Sending your files"),
    "cancel": N_("Cancel"),
    "filter": N_("Type to shorten the list"),
    "error required": N_("Please fill this in."),
    "error choose": N_("Please choose one."),
    "error email": N_("Please enter an e-mail address, like name@example.com."),
    "error url": N_("Please enter a web address, like https://example.com."),
    "error number": N_("Please enter a number."),
    "error integer": N_("Please enter a whole number."),
    "error min": N_("Please enter {0} or more."),
    "error max": N_("Please enter {0} or less."),
    "error step": N_("Please enter a multiple of {0}."),
    "error date min": N_("You need to enter a date on or after %s."),
    "error date max": N_("You need to enter a date on or before %s."),
    "error time min": N_("You need to enter a time that is not before %s."),
    "error time max": N_("You need to enter a time that is not after %s."),
    "error date": N_("Please enter a date."),
    "error time": N_("Please enter a time."),
    "error checkmin": N_("Please choose at least {0}."),
    "error checkmax": N_("Please choose no more than {0}."),
    "error accept": N_("This kind of file is not accepted."),
    "error other": N_("Please check this."),
}

#: Those that depend on a number, as (one, many).
COUNTED: Mapping[str, tuple[str, str]] = {
    "error minlength": counted_("Please enter at least {0} character.", "Please enter at least {0} characters."),
    "error maxlength": counted_(
        "Please enter no more than {0} character.", "Please enter no more than {0} characters."
    ),
}
_NONE: Mapping[str, str] = {}


@lru_cache(maxsize=64)
def _in(language: str) -> Mapping[str, str]:
    return MappingProxyType({name: translated(text, language) for name, text in PAGE.items()})


def words(language: str, own: Mapping[str, str] = _NONE) -> Mapping[str, str]:
    """All words in `language`, in English where there is no translation. `own` are an author's, by the English text."""
    ours = _in(language)
    return {name: own.get(text) or ours[name] for name, text in PAGE.items()} if own else ours


def counted_words(language: str, own: Mapping[str, str] = _NONE) -> Mapping[str, Mapping[str, str]]:
    """Those that depend on a number, by the categories of CLDR."""
    return {
        name: {"other": own[many]} if many in own else forms(one, many, language)
        for name, (one, many) in COUNTED.items()
    }


#: The English texts that an author may replace by ``word()``.
TEXTS = frozenset([*PAGE.values(), *(many for _, many in COUNTED.values())])
