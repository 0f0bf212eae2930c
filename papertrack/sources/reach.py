"""Whether a host can be reached at all, for `doctor`."""

from papertrack.clock import Clock
from papertrack.config import Config
from papertrack.sources.client import Client


def reach(config: Config, clock: Clock, url: str) -> str:
    """Ask a host for its robots.txt, the smallest thing that hosts have; answers its Date header.

    Raises SourceError where it cannot be reached.
    """
    client = Client(clock=clock, contact=config.fetch.contact)
    try:
        answer = client.get(f"{url}/robots.txt", headers={"Accept": "text/plain, */*"})
    finally:
        client.close()
    return answer.headers.get("date", "")
