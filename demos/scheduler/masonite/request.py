"""``from masonite.request import Request``"""

from shared.authoring.jobs import Request

__all__ = ["Request"]
