"""Who may read a file, beside the people of its session (documents.md, "Controlling file permissions")."""

from __future__ import annotations

from typing import Any, Final

from shared.authoring import filing

#: Under which a file notes who can read it as it is kept now, unless only the session can.
READERS: Final = "_readers_now"


class Permissions:
    """What a `DAFile` has of it."""

    @property
    def _readers(self: Any) -> filing.Readers:
        """Who shall be able to read it."""
        if self.__dict__.get("private", True):
            return filing.Readers.SESSION
        lasting = self.__dict__.get("persistent", False)
        return filing.Readers.EVERYBODY_FOR_EVER if lasting else filing.Readers.EVERYBODY

    def _is_for(self: Any, readers: filing.Readers) -> None:
        """Note who can read the file as it is kept now."""
        self.__dict__.pop(READERS, None)
        if readers is not filing.Readers.SESSION:
            setattr(self, READERS, str(readers))

    def set_attributes(
        self: Any,
        private: bool | None = None,
        persistent: bool | None = None,
        filename: str | None = None,
        **_options: object,
    ) -> None:
        """Let everybody read the file (``private=False``), also when the session is gone (`persistent`), or rename it (objects.md, "set_attributes").

        A file that everybody may read is another file: its number changes.
        """
        self.retrieve()
        if private is not None:
            self.private = bool(private)
        if persistent is not None:
            self.persistent = bool(persistent)
        renamed = filename is not None and filename != self.filename
        if renamed or self.__dict__.get(READERS, filing.Readers.SESSION) != self._readers:
            unmade = "number" not in self.__dict__
            content = self._content()  # a document is made now, and is for whom it is meant
            if renamed:
                self.filename = str(filename)
            if renamed or not unmade:
                self._store(content)

    def user_access(self: Any, *users: object, disallow: object = None) -> dict[str, list[object]] | None:
        """Note who may read the file, once there are accounts; without arguments: who may (objects.md, "user_access")."""
        ids, emails = _access(self, "_user_ids"), _access(self, "_user_emails")
        if not users and disallow is None:
            return {"user_ids": ids, "emails": emails, "temp_user_ids": []}
        self._user_ids = _changed_access(ids, [u for u in users if isinstance(u, int)], disallow)
        self._user_emails = _changed_access(emails, [str(u) for u in users if not isinstance(u, int)], disallow)
        return None

    def privilege_access(self: Any, *privileges: str, disallow: object = None) -> list[object] | None:
        """Note which privileges may read the file, once there are accounts; without arguments: which may (objects.md, "privilege_access")."""
        known = _access(self, "_privileges")
        if not privileges and disallow is None:
            return known
        self._privileges = _changed_access(known, list(privileges), disallow)
        return None


def _access(file: Any, name: str) -> list[object]:
    return list(file.__dict__.get(name, ()))


def _changed_access(known: list[object], allow: list[object], disallow: object) -> list[object]:
    if disallow == "all":
        known = []
    denied = disallow if isinstance(disallow, (list, tuple, set)) else [disallow]
    return [entry for entry in dict.fromkeys([*known, *allow]) if entry not in denied]
