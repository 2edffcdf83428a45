"""``python -m volunteer.scheduling``: the library on the command line."""

import sys

from volunteer.scheduling.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
