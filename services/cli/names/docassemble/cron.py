"""``python -m docassemble.webapp.cron -type cron_daily``, as the reference's page on scheduled tasks prints it: `parley cron`.

Source: background.md, "Enabling scheduled tasks".
"""

from __future__ import annotations

import sys

from services.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["cron", *sys.argv[1:]]))
