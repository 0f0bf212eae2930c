"""What each command prints with --json, as kinds of which `papertrack schema` makes JSON Schema."""

from collections.abc import Mapping
from typing import Any, Literal

from papertrack.doctor import Finding
from papertrack.housekeeping import Optimized, Problem, Pruning, Repaired, TableSize
from papertrack.letters import Issue, Letter, Standing
from papertrack.models import PAPER_FIELDS, Paper, Topic
from papertrack.outcomes import Outcome
from papertrack.ranking.backtest import Report
from papertrack.ranking.ledger import Kept
from papertrack.render.csl import SCHEMA as CSL
from papertrack.render.schema import Ready, Said, fields_of, paper
from papertrack.reports import Counts, SourceHealth, Stats

#: Everything was done, a part of it, or nothing.
Status = Literal["ok", "partial", "error"]
LISTS = ("trending", "daily", "saved", "search", "similar", "recommend")

_ACCOUNT = {
    "source": str,
    "said_at": Said(str, "when, in UTC"),
    "said": Said(
        {f"{name}?": fields_of(Paper)[name] for name in PAPER_FIELDS}, "only the fields it fills"
    ),
    "taken": Said(list[str], "the fields in which its word holds"),
}
_LETTER = fields_of(Letter, "id", "issue")
_ISSUE = {**fields_of(Issue, "id"), "letters": [_LETTER]}
_STANDING = {
    "digest": str,
    "ok": Said(bool, "nothing is overdue, and everybody has the last issue"),
    **fields_of(Standing, "digest", "editions"),
    "issues": Said([_ISSUE], "the last ones, newest first"),
}
_OUTCOME = {
    **fields_of(Outcome, "period", "letters", "note", "error"),
    "period": str | None,
    "sent": int,
    "letters": [_LETTER],
    "note": str | None,
    "error": str | None,
}
_FILE = {
    "file": str,
    "format": Said(str, "what it was taken for; empty where that is nothing"),
    "papers": int,
    "new": int,
    "skipped": Said(list[str], "what was left out, and why"),
    "found": Said(int, "ids that a source knew"),
    "missing": Said(list[str], "ids that nobody knew"),
    "errors": list[str],
}
_FETCHED = {
    "source": str,
    "error": str | None,
    "retry_at": Said(fields_of(SourceHealth)["retry_at"], "not to be asked before"),
    **fields_of(Counts),
}
_TOPIC = {
    **fields_of(Topic),
    "total": int,
    "papers": Said(
        [{**paper(), "matched": Said(list[str], "the words of the topic that it has")}],
        "the best ones",
    ),
}

#: What several shapes have in common, by name.
DEFINED: Mapping[str, Any] = {"paper": {**paper(), "accounts?": Said([_ACCOUNT], "with --sources")}}
_MAILED = {"status": Status, "digests": [_OUTCOME]}

#: By command: what its --json prints.
PRINTED: Mapping[str, Any] = {
    **{name: ["paper"] for name in LISTS},
    "show": ("paper", ["paper"]),
    "topics": [_TOPIC],
    "fetch": {"status": Status, "sources": [_FETCHED]},
    "import": {"status": Status, "files": [_FILE]},
    "embed": {"status": Status, "embedded": int, "remaining": int},
    "status": {"sources": [SourceHealth], "store": Stats},
    "doctor": {"status": Literal["ok", "warning", "error"], "findings": [Finding]},
    "backtest": (Report, [Kept]),
    "digest send": _MAILED,
    "digest retry": _MAILED,
    "digest status": {"status": Status, "digests": [_STANDING]},
    "db stats": {**fields_of(Stats), "tables": [TableSize]},
    "db check": {"status": Status, "path": str, "problems": [Problem]},
    "db repair": {"status": Status, **fields_of(Repaired)},
    "db optimize": {"status": Status, **fields_of(Optimized)},
    "db prune": {"status": Status, **fields_of(Pruning), "removed": int},
}
#: What else has a schema: a paper by itself, and the list of -f csl.
OTHERS: Mapping[str, Any] = {"paper": DEFINED["paper"], "csl": Ready(CSL)}


def said_of(name: str) -> str:
    """A sentence on the shape of this name."""
    if name in OTHERS:
        return {"paper": "A paper; --fields chooses among its keys."}.get(
            name, "What -f csl prints: a list of CSL-JSON items."
        )
    more = {
        "show": " One paper is an object, several are an array.",
        "backtest": " With --ledger it is an array.",
    }.get(name, " With --fields only the chosen keys are there." if name in LISTS else "")
    return f"What papertrack {name} --json prints.{more} Keys are only ever added."
