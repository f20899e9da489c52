"""Keys that upstream's configuration has at its top level (config.md): in a file made for it they are no slips of the pen.

Those that Parley reads are declared in `services.settings`; the others are ignored with a warning, and never given to
author code, because many hold passwords.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.configuration.keys import normal

_NAMES = """
admin can delete account | admin full width | administrative interviews | alert container html | alert html |
allow anonymous access | allow changing password | allow configuration editing | allow demo | allow embedding |
allow external auth to bypass local auth | allow external auth with admin accounts | allow external auth with
multiple methods | allow forgot password | allow log viewing | allow non-idempotent questions | allow
registration | allow robots | allow updates | api privileges | appname | attempt limit | authorized registration
domains | auto color scheme | auto login | auto resume interview | azure | azure maps | babel dates map | backup
days | backup file storage | ban period | behind https load balancer | bootstrap theme | brandname | button
colors | button icon size | button icon units | button size | button style | celery flask log | celery modules |
celery processes | celery task routes | certs | checkin interval | clicksend | cloudconvert secret | collect
statistics | concurrency lock timeout | config from | confirm registration | convertapi secret | country | cross
site domains | currency symbol | db | debian packages | debug | debug startup process | decoration size |
decoration units | default admin account | default icons | default interview | default rendering font | default
short title | default title | delete account deletes shared | developer can install | development site is
protected | dialect | dispatch | dispatch interview | docassemble git url | ec2 | ec2 ip url | editable
extensions | editable mimetypes | email confirmation privileges | enable api | enable daglobal | enable email
server | enable faxing | enable json storage | enable monitor | enable object storage | enable playground |
enable sharing playgrounds | enable sms interface | enable training | enable translation | enable translations |
enable tts | enable unoconv | error help | error notification email | error notification variables | exitpage |
expose websockets | external hostname | favicon | favicon mask color | favicon theme color | favicon tile color
| favicon version | fax provider | ffmpeg | fileserver | flask log | font awesome prefix | footer css class | ga
id | geocoder service | github | global css | global javascript | google | google analytics | google translate
words at a time | googledrive | gotenberg | grid classes | http port | icon size | image upload type |
imagemagick | incoming mail domain | initial dict | interview delete days | interview delete days by filename |
interview page extra css | interview page heading | interview page template | interview page title | inverse
navbar | ip address ban enabled | javascript defer | jinja data | keymap | kubernetes | language | ldap login |
lets encrypt email | libreoffice | locale | locktimeout | log | log format | log server | log to std | login
link style | login page pre | logoutpage | loop limit | mail | mailgun api url | main page post | max celery
processes | maximum content length | maximum image size | module blacklist | module whitelist | new markdown to
docx | nginx ssl ciphers | nginx ssl protocols | oauth | ocr dpi | ocr languages | office addin url | onedrive |
os locale | other os locales | package protection | packages | pacpl | page after login | pagination limit |
pandoc | pandoc engine | password complexity | password login | password secretkey | pdf/a | pdftoppm |
permissions | phone login | pip extra index urls | pip index url | pip trusted host | playground examples | png
resolution | png screen resolution | pypi | pypi url | pypirc path | python packages | rabbitmq | raw global css
| raw global javascript | recursion limit | redis | redis database offset | register page extra javascript |
require referer | restrict input variables | resume interview after login | retype password | robots | root |
root owned | root redirect url | run oauthlib on http | s3 | secretkey | segment | segment id | service account
credentials | session error redirect url | session lifetime seconds | session list interview | show dispatch
link | show interviews link | show login | show profile link | signature pen thickness scaling factor | social |
sql ping | stable version | start page heading | start page template | start page title | supervisor | suppress
error notificiations | suppress login alerts | table css class | telnyx | timezone | twilio | two factor
authentication | ubuntu packages | update on start | uploads | url root | use alembic | use cloud urls | use
https | use lets encrypt | use minio | use nginx to serve files | user agent | user auto delete | user can
delete account | user can request developer account | user profile fields | variables snapshot db | verbose
error messages | verification code digits | verification code timeout | vim | voice | voicerss | web server |
webapp | websockets ip | websockets port | words | wrap lines in playground
"""

NAMES = frozenset(normal(name) for name in _NAMES.split("|"))

#: Where Parley has the concept under another key, or needs none.
INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "db": "Parley keeps what it holds in MongoDB or SQLite: `store: mongodb://host/parley`",
        "behind https load balancer": "Parley counts them: `trusted proxies: 1`",
        "max celery processes": "`celery processes` is what counts",
        "redis": "Parley needs no Redis",
        "user auto delete": "deleting users is not there yet",
        "concurrency lock timeout": "nothing is locked: every write is a compare-and-set",
    }
)
