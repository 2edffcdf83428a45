"""The WSGI entry point: ``gunicorn wsgi:app``, or ``python wsgi.py`` for the embedded server."""

from volunteer.app import create_app

app = create_app()

if __name__ == "__main__":
    from volunteer.cli import serve

    serve(app)
