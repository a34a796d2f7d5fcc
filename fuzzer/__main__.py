"""``python -m fuzzer``: the same as the console script ``warpsmith``."""

import signal
import sys


def run() -> int:
    """Run the command line and give its exit code, 130 after an interrupt at any moment; further ones are ignored."""
    try:
        from fuzzer.commands.command_line import main

        return main()
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(run())
