"""The WSGI entry point: ``gunicorn wsgi:app``, or ``python wsgi.py`` for the embedded server."""

import sys

from volunteer.app import create_app

# Threads take turns after half a millisecond, not five: a check-in that comes back from the database must
# not wait for every page that is being drawn.
sys.setswitchinterval(0.0005)

app = create_app()

if __name__ == "__main__":
    from volunteer.cli import serve

    serve(app)
