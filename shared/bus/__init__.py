"""The message bus: typed messages, nameko and kombu mended where they fall over, and an in-process bus.

Lives here: how messages travel. Does not live here: what a service does on receiving one.
"""
