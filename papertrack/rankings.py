"""The rankings and orders by name: data only, so that help can list them without loading them."""

from collections.abc import Mapping

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
