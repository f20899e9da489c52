"""What programs, and the scripts of our own pages, speak: JSON. The shapes and errors are those of docs/http.md.

interview.py   /interview with json=1, and answers as JSON
bodies.py      what a body must be, and files that come in it
page_calls.py  what open pages ask: /checkin, /variables
errors.py      an error as JSON

Not here: HTML (web/), which session is meant and which calls are made (http/visit.py).
"""
