"""papertrack: trending papers for the terminal, the crontab and the pipe."""

# A constant, because importlib.metadata costs 45 ms of start-up.
__version__ = "0.1.0"
