"""What people see: blueprints that answer with HTML pages, parts of pages, files and event streams.

interview.py   /interview as pages                 start.py       /, /list and their neighbours, /resume
screens.py     a `Reply` as a page                 messages.py    pages that are no screens: errors, goodbyes
forms.py       an HTML form -> values              documents.py   /document: documents of the current screen
files.py       /uploadedfile, /packagestatic       assets.py      the page's own scripts and styles
events.py      /events                             health.py      /healthz

Not here: JSON for programs (api/), which session is meant and which calls are made (http/visit.py), and how a screen
becomes what the templates print (render/). Templates and static files lie beside this folder.
"""
