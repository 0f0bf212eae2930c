"""The entry: `--version` is answered before anything of weight is imported."""

import sys


def main() -> None:
    if sys.argv[1:] == ["--version"]:
        from papertrack import __version__

        print(f"papertrack {__version__}")
        return
    from papertrack.cli import run

    run()


if __name__ == "__main__":
    main()
