"""Every way in which services say "slow down", and for how long.

429 and 503 with `Retry-After` (seconds or a date); `RateLimit: "api";r=REMAINING;t=SECONDS` (IETF
draft 9, Hugging Face); `x-ratelimit-remaining` with `-reset` in epoch seconds (GitHub); 403 and 406
(arXiv, since September 2026); status 200 with the body "Rate exceeded." (arXiv's front end, 2026).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Statuses that ask for patience. Of these a few are worth another try within one command.
SLOW_DOWN = frozenset({403, 406, 429, 503})
PASSING = frozenset({429, 503})
#: No service is believed that wants more than a week of silence.
LONGEST_SECONDS = 7 * 86_400.0
_SOFT = re.compile(rb"\s*rate (limit )?exceeded", re.IGNORECASE)


def is_slow_down(status: int, body: bytes) -> bool:
    """Whether an answer means "slow down", also where its status does not say so."""
    return status in SLOW_DOWN or bool(_SOFT.match(body[:40]))


def pause_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """How long the service wants to be left alone, as its headers say; 0 where they do not."""
    asked = max(
        _rate_limit(headers.get("ratelimit", "")),
        _retry_after(headers.get("retry-after", ""), now),
        _until_reset(headers, now),
    )
    return min(max(0.0, asked), LONGEST_SECONDS)


def _rate_limit(text: str) -> float:
    """Of several policies that are used up the one that takes longest."""
    waits = [0.0]
    for policy in text.split(","):
        named = dict(re.findall(r";\s*([rt])=([0-9]+)", policy))
        if "t" in named and re.fullmatch("0+", named.get("r", "")):
            waits.append(float(named["t"]))
    return max(waits)


def _retry_after(text: str, now: datetime) -> float:
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text.strip()):
        return float(text.strip())
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()


def _until_reset(headers: Mapping[str, str], now: datetime) -> float:
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining", "").strip() != "0" or not re.fullmatch(
        "[0-9]{1,12}", reset.strip()
    ):
        return 0.0
    # GitHub names the moment, OpenAlex the seconds until then.
    seconds = float(reset)
    return seconds - now.timestamp() if seconds > 10 * LONGEST_SECONDS else seconds
