"""How the sources and the store fare, as lines for people and JSON for scripts."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from papertrack import text
from papertrack.clock import ago
from papertrack.housekeeping import Optimized, Problem, Pruning, Repaired, TableSize
from papertrack.render.records import dumps, plain
from papertrack.reports import SourceHealth, Stats


def lines(sources: Sequence[SourceHealth], stats: Stats, now: datetime) -> Iterator[str]:
    """One paragraph a source, then the store."""
    if not sources:
        yield "No source was asked yet; `papertrack fetch` asks them.\n"
    for one in sources:
        good = f"read {ago(one.last_success_at, now)} ago" if one.last_success_at else "never read"
        yield f"{one.source:<16} {good}, {_told(one.papers, about=one.about)} papers\n"
        if one.last_error_at and one.failures_in_a_row:
            failed = f"{ago(one.last_error_at, now)} ago:\n"
            times = f"{one.failures_in_a_row} failures in a row, the last"
            yield f"{'':<16} {'failed' if one.failures_in_a_row == 1 else times} {failed}"
            yield f"{'':<16} {text.one_line(one.last_error)}\n"
        if one.retry_at and one.retry_at > now:
            yield f"{'':<16} not asked before {plain(one.retry_at)}\n"
    yield f"{'store':<16} {stats.papers:,} papers on {stats.lists:,} lists"
    yield f" ({stats.first_list} to {stats.last_list})\n" if stats.first_list else "\n"


def as_json(sources: Sequence[SourceHealth], stats: Stats) -> Iterator[str]:
    told = [{name: plain(value) for name, value in asdict(one).items()} for one in sources]
    yield dumps({"sources": told, "store": asdict(stats)}) + "\n"


def stats_lines(stats: Stats, tables: Sequence[TableSize] = ()) -> Iterator[str]:
    judged = {one.name for one in tables if one.about}
    for name, value in asdict(stats).items():
        told = _told(value, about=name in judged) if isinstance(value, int) else value or "-"
        yield f"{name:<14} {told}\n"
    if tables:
        yield from _table(
            ("table", "rows", "bytes"),
            *(
                (
                    one.name,
                    _told(one.rows, about=one.about),
                    "-" if one.bytes is None else f"{one.bytes:,}",
                )
                for one in tables
            ),
        )
        if any(one.about for one in tables):
            yield "\nTo count all, and weigh: papertrack db stats --exact\n"


def _table(*rows: tuple[str, str, str]) -> Iterator[str]:
    """A name and two numbers a line, no wider than they are."""
    first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
    yield "\n"
    for name, count, weight in rows:
        yield f"{name:<{max(14, first)}} {count:>{second}}  {weight:>{third}}\n"


def _told(count: int, *, about: bool) -> str:
    """A count; one that is judged to two digits, because it is known no better."""
    return f"about {round(count, 2 - len(str(count))):,}" if about else f"{count:,}"


def stats_json(stats: Stats, tables: Sequence[TableSize] = ()) -> Iterator[str]:
    yield dumps({**asdict(stats), "tables": [asdict(one) for one in tables]}) + "\n"


# -- upkeep ---------------------------------------------------------------------------------------


def size(count: int) -> str:
    """`812 bytes`, `4.1 MB`: a size for people."""
    if count < 1000:
        return f"{count} bytes"
    power = min(4, (len(str(count)) - 1) // 3)
    return f"{count / 1000**power:.1f} {('kB', 'MB', 'GB', 'TB')[power - 1]}"


def problem_lines(found: Sequence[Problem]) -> Iterator[str]:
    for one in found:
        yield f"BAD  {one.where:<8} {text.one_line(one.said)}\n"
    if not found:
        yield "ok   Pages, rows, values and search index are well.\n"


def problems_json(path: str, found: Sequence[Problem]) -> Iterator[str]:
    status = "error" if found else "ok"
    yield dumps({"status": status, "path": path, "problems": [asdict(p) for p in found]}) + "\n"


def repaired_lines(done: Repaired) -> Iterator[str]:
    for table, count in done.rows.items():
        told = (
            _saved(count, done.had.get(table)) if done.kept else f"{count:,} rows dropped or mended"
        )
        yield f"{table:<14} {told}\n"
    if done.kept:
        whole = "Nothing was lost." if done.is_whole else "Rows were lost; a backup may have them."
        yield f"{whole}\n"
        yield f"The damaged file is kept as {text.one_line(done.kept)}.\n"
    elif not done.rows:
        yield "Nothing was lost; the indexes were built anew.\n"
    if done.left:
        yield from problem_lines(done.left)


def _saved(count: int, had: int | None) -> str:
    if had is None:
        return f"{count:,} rows saved; how many there had been cannot be read"
    return f"{count:,} of {had:,} rows saved"


def repaired_json(done: Repaired) -> Iterator[str]:
    status = "error" if done.left else "ok"
    yield dumps({"status": status, **asdict(done)}) + "\n"


def optimized_lines(done: Optimized) -> Iterator[str]:
    freed = "" if done.vacuumed else "; there was little free space, so none was given back"
    yield f"{size(done.before)} before, {size(done.after)} after{freed}\n"


def optimized_json(done: Optimized) -> Iterator[str]:
    yield dumps({"status": "ok", **asdict(done)}) + "\n"


def pruning_lines(plan: Pruning) -> Iterator[str]:
    yield (
        f"From before {plan.before}, never marked: {plan.papers:,} papers with "
        f"{plan.observations:,} counts and {plan.listings:,} places on lists.\n"
    )
    for one in plan.examples:
        votes = "" if one.votes is None else f", {one.votes:,.0f} upvotes"
        yield f"  {one.day}  {text.one_line(one.id)}  {text.title(one.title)}{votes}\n"
    if len(plan.examples) < plan.papers:
        yield f"  and {plan.papers - len(plan.examples):,} more\n"
    kept = ", ".join(f"{count:,} {reason}" for reason, count in plan.kept.items() if count)
    if kept:
        yield f"As old, and staying: {kept}.\n"
    if plan.teaching:
        yield (
            f"{plan.teaching:,} of them are of the last year, from whose votes each fetch learns "
            "what is usual: the score will know less.\n"
        )
    elif plan.papers:
        yield "The score stays as it is; `papertrack backtest` reaches back less far.\n"


def pruning_json(plan: Pruning, gone: int) -> Iterator[str]:
    told = {**asdict(plan), "before": plan.before.isoformat(), "removed": gone}
    told["examples"] = [{**asdict(one), "day": one.day.isoformat()} for one in plan.examples]
    yield dumps({"status": "ok", **told}) + "\n"
