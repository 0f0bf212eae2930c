"""The rankings and orders by name: data only, so that help can list them without loading them."""

from collections.abc import Mapping
from datetime import timedelta

#: The most points that each signal of `trending` can add where the configuration says nothing else.
WEIGHTS: Mapping[str, float] = {
    "attention": 40.0,
    "momentum": 50.0,
    "recency": 2.0,
    "code": 4.0,
    "discussion": 4.0,
    "hackernews": 4.0,
    "citations": 2.0,
    "topics": 10.0,
}
#: After this time attention counts half.
HALF_LIFE = timedelta(days=10)
#: What each ranking weighs. `trending` is weighed by the configuration.
RANKINGS: Mapping[str, Mapping[str, float]] = {
    "trending": {},
    "hot": {"hot": 100.0},
    "upvotes": {"votes": 100.0},
    "velocity": {"momentum": 100.0},
    "stars": {"code": 100.0},
    "new": {"recency": 100.0},
    "expected": {"final": 100.0},
}
#: What a list can be sorted by, whatever it was ranked by.
ORDERS = ("score", "upvotes", "velocity", "stars", "comments", "citations", "new")
