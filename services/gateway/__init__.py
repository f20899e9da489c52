"""The gateway: HTTP in, calls on the bus out. No database handle, no engine; screens are plain JSON here.

app.py         the Flask app: `create_app`          options.py    what can be configured
pages.py       /interview as pages                  jsonapi.py    /interview with json=1 (docs/http.md)
desk.py        the calls to the interview service   visitor.py    cookie: client id, sessions, CSRF token
forms.py       an HTML form -> values               files.py      uploads, downloads, package files
streams.py     open event streams                   checkins.py   /checkin
render/        SCREEN JSON -> what templates print  templates/, static/: the page itself
service.py     the process: gunicorn or pywsgi around it
"""
