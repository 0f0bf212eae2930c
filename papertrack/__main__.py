"""The entry: `--version` and a shell are answered before anything of weight is imported."""

import gc
import os
import sys

INTERRUPTED = 130


def main() -> None:
    try:
        _main()
    except KeyboardInterrupt:  # while modules are loaded, or the last is written
        os._exit(INTERRUPTED)


def _main() -> None:
    if sys.argv[1:] == ["--version"]:
        from papertrack import __version__

        print(f"papertrack {__version__}")
        return
    if "_PAPERTRACK_COMPLETE" in os.environ:
        from papertrack import completing

        completing.main(sys.argv[1:], os.environ)
    # Imports make much and throw away little: looking for garbage is a fourteenth of a start.
    gc.set_threshold(100_000)
    from papertrack.cli import run

    run()


if __name__ == "__main__":
    main()
