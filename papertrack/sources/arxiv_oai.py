"""arXiv's whole catalogue from a day on, over OAI-PMH: for the months since a snapshot was made.

A list comes in pages of a thousand records, one request every three seconds; each names the token
of the next, which is good for about a day. The token is kept with each page, so that a harvest that
was interrupted goes on there, and one whose token has expired begins at its day again. The day of a
record is that of its last change: a harvest brings old papers too.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from papertrack.clock import Clock
from papertrack.errors import SourceBusyError, SourceFormatError
from papertrack.reports import Batch
from papertrack.sources import values
from papertrack.sources.arxiv_xml import NAME, ExpiredTokenError, parse_oai
from papertrack.sources.client import Client, host_of

if TYPE_CHECKING:
    from papertrack.sources.base import Wanted

OAI_URL = "https://oaipmh.arxiv.org"
STATE = "oai"
#: `arXivRaw` has the versions with their times.
_FORMAT = "arXivRaw"
#: 3,000 pages are all of arXiv.
_MOST_PAGES = 10_000
#: Where nothing is known: as far back as other lists are read.
_USUAL = timedelta(days=7)


@dataclass(frozen=True)
class ArxivHarvest:
    """Reads every record that changed from a day on; without a day, since the last harvest."""

    client: Client
    clock: Clock
    url: str = OAI_URL
    since: date | None = None
    name: str = NAME

    def fetch(self, wanted: "Wanted", state: Mapping[str, str]) -> Iterator[Batch]:
        """A page a batch, each with the token of the next as its state."""
        today = self.clock().date()
        place = _place(state.get(STATE, ""))
        begun = self._since(place, today)
        token = place.get("token", "") if place.get("since") == begun else ""
        started = place.get("started", "") if token else ""
        for _ in range(_MOST_PAGES):
            started = started or today.isoformat()
            try:
                batch, following = self._page(begun, token)
            except ExpiredTokenError:
                if not token:
                    raise
                token = started = ""
                continue
            if following and following == token:
                raise SourceBusyError(
                    f"{host_of(self.url)} gives the same page again and again; try again later."
                )
            token = following
            after = {"since": begun, "token": token, "started": started}
            done = {"until": started}
            yield replace(batch, state={STATE: json.dumps(after if token else done)})
            if not token:
                return

    def _since(self, place: Mapping[str, str], today: date) -> str:
        if self.since:
            return self.since.isoformat()
        known = place.get("since") or place.get("until")
        return known or (today - _USUAL).isoformat()

    def _page(self, begun: str, token: str) -> tuple[Batch, str]:
        asked = {"resumptionToken": token} if token else {"metadataPrefix": _FORMAT, "from": begun}
        url = f"{self.url}/oai?{urlencode({'verb': 'ListRecords', **asked})}"
        answer = self.client.get(url, headers={"Accept": "text/xml"})
        if answer.missing:
            message = f"{host_of(url)} has nothing at {url}; check sources.arxiv.oai_url."
            raise SourceFormatError(message, url=url)
        try:
            return parse_oai(answer.body, observed_at=self.clock())
        except ExpiredTokenError:
            raise
        except SourceFormatError as error:
            raise SourceFormatError(
                f"{host_of(url)}: {error} ({url}); try again later.", url=url
            ) from None


def _place(note: str) -> dict[str, str]:
    """Where the last harvest came to: a token, or `until`, the day up to which it is whole."""
    try:
        known = values.mapping(json.loads(note or "{}"))
    except (ValueError, RecursionError):
        return {}
    return {name: value for name, value in known.items() if isinstance(value, str)}
