"""The few names of the framework that Task classes import."""

from shared.authoring.jobs import Broadcast, Mail, Upload

__all__ = ["Broadcast", "Mail", "Upload"]
