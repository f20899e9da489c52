"""The five services, the embedded system that holds all of them in one process, and the command line.

In each service folder ``service.py`` is a thin nameko shell; what the service does lives beside it in plain
classes that take their ports as arguments and import neither nameko nor eventlet.
"""
