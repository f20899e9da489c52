"""Measurements: how long things take, as ratios within one run where machines differ. Nothing here is asserted by a test.

    python -m bench.table         what `make bench` runs: processor time of each piece of work, goals, ratios to /healthz
    python -m bench.answers       an answer by JSON and by page, beside states of 10 kB, 1 MB, 5 MB, beside 115 persons
    python -m bench.answer        one screen of a 50-screen interview, 1 and 4 clients, both modes
    python -m bench.background    start-to-ready of one and of 100 background actions, both modes
    python -m bench.engine        cost of a step by size of interview and state
    python -m bench.runner        cost of the hop to a child
    python -m bench.instructions  how many instructions the embedded process runs for an answer, a check-in, a new session (valgrind)
    python -m bench.idling        looking for idle sessions among a million
    python -m bench.slopes        an answer by screens before it, people at once, interviews in use, sessions in the store
    python -m bench.streams       2,000 open event streams on one gateway

Distributed runs need ``AMQP_URI`` and ``MONGO_URI``; without them only the embedded system is measured.
"""
