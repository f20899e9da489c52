"""The runner with the real engine: interviews in YAML, author modules, stored objects, files and tasks."""
