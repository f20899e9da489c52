"""The interview service as the gateway sees it: one typed method for each of its calls, made off the event loop.

interview.py   `InterviewClient`: the calls of docs/architecture.md
reply.py       `Reply`: where a session is now
guesses.py     `Guesses`: which session a browser probably means
files.py       `SessionFiles`: uploads and downloads in pieces
off_loop.py    waiting for the bus without stopping the other requests of this process

Not here: HTTP, cookies, who may ask (http/), and what pages look like (render/). No Flask.
"""
