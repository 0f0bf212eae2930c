"""What lists go by: how old they may be, what weighs how much, which topics add.

The part of the configuration that commands which show papers need. Without a file its defaults are
here, so that no list waits for a schema of sources and mail that it does not look at.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from papertrack.freshness import MAX_AGE
from papertrack.models import Topic
from papertrack.rankings import HALF_LIFE, WEIGHTS

if TYPE_CHECKING:
    from papertrack.config import Config


class Preferences(NamedTuple):
    """`Preferences()` is what holds without a file."""

    max_age: timedelta = MAX_AGE
    weights: Mapping[str, float] = WEIGHTS
    half_life: timedelta = HALF_LIFE
    topics: tuple[Topic, ...] = ()


def preferences_in(config: "Config") -> Preferences:
    """What a configuration says of lists."""
    return Preferences(
        max_age=config.fetch.max_age,
        weights=asdict(config.ranking.weights),
        half_life=config.ranking.half_life,
        topics=config.topics,
    )
