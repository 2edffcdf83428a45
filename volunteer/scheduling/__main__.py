"""``python -m volunteer.scheduling``: the library on the command line."""

import sys


def _run() -> int:
    try:
        from volunteer.scheduling.cli import main  # takes a moment, and may be interrupted

        return main(sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(_run())
