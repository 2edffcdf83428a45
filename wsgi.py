"""The WSGI entry point: ``gunicorn wsgi:app``, or ``python wsgi.py`` for the embedded server."""

import gc
import sys

from volunteer.app import create_app

# Threads take turns after half a millisecond, not five: a check-in that comes back from the database must
# not wait for every page that is being drawn.
sys.setswitchinterval(0.0005)

app = create_app()

# What lives as long as the process is not looked at again and again: a full collection would stop every thread
# for a tenth of a second, and most of what a request makes is gone before a later one is due.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)

if __name__ == "__main__":
    from volunteer.cli import serve

    serve(app)
