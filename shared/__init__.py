"""What the services are made of: the language, the engine, what interviews see, and the ports to the outside.

Dependencies point one way, and an import-linter contract holds that in CI:
``services -> shared.{store,bus,runner} -> shared.engine -> shared.authoring, shared.state -> shared.language``.
Nothing here knows which service it runs in.
"""
