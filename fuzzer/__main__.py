"""``python -m fuzzer``: the same as the console script ``warpsmith``."""

import sys

from fuzzer.command_line import main

if __name__ == "__main__":
    sys.exit(main())
