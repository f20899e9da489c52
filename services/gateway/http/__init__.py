"""What pages and the JSON interface share of a request and its response, in Flask's terms.

visit.py       `Visit`: one request's way to the interview service: who, which interview, which session, the calls
visitor.py     the browser's cookie
current.py     the request itself
security.py    checks before anything is called, and the headers of every response
sending.py     what response() sends, and redirects, as responses
files.py       uploads and downloads as HTTP has them
compress.py    gzip

Not here: what pages look like (web/), what JSON looks like (api/).
"""
