"""The gateway: HTTP in, calls on the bus out. No database handle, no engine; screens are plain JSON here.

From top to bottom; each floor knows only those below it, and says itself what lives there:

app.py, service.py     the Flask app put together, and the process around it (gunicorn)
routes.py, errors.py   where pages and JSON share an address, and how a request ends that went wrong
web/ | api/            pages for people | JSON for programs
http/                  what both share: cookies, checks, the request's way to the interview service
render/                a screen -> what the templates print. No Flask
client/                the interview service's calls, typed. No Flask
streams.py, metrics.py, packages.py, options.py     live events, counters, folders of packages, what can be configured
templates/, static/    the page itself
"""
