"""What a store raises."""

from __future__ import annotations

from shared.contract import errors


class StoreError(Exception):
    """Base of this package's errors."""


class StoreUnavailable(StoreError, errors.StoreUnavailable):
    """The database cannot be reached, or did not confirm a write: nothing is known to be saved."""


class StoreDamaged(StoreError):
    """What the database holds is not whole; the message names the file, what was found, and what to do."""


class DuplicateId(StoreError):
    """A record with this id (or unique key) exists already."""


class TooLarge(StoreError, errors.TooLarge):
    """A value is over the limit named in the message."""


class BadRecord(StoreError, errors.BadRecord, ValueError):
    """A record or argument that this contract refuses; the message says what and why. Nothing was changed."""
