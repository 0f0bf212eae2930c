"""The learned model of a store: made when first needed, kept beside the database, added to.

It is a copy of what the store says, so it may be lost at any time. A command that finds a few
papers missing in it adds them for itself; it is written again when a hundredth is new, and learned
anew when the store has grown by half. Needs numpy: ask `similarity.has_numpy()` first.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from papertrack import model_file
from papertrack.model_file import Part
from papertrack.similarity import has_numpy
from papertrack.store import MEMORY, Store

if TYPE_CHECKING:
    from papertrack.similarity.model import Model

#: Called with how many papers are done, and how many there are.
Progress = Callable[[int, int], None]
#: The file is written again when so much of the store is new.
WORTH_WRITING = 0.01


#: Called with what a reader should hear at once.
Tell = Callable[[str], None]
#: Learning from so many papers takes longer than people wait without a word.
LONG = 5_000


def nobody(sentence: str) -> None:
    """There is nobody to tell."""


def no_progress(done: int, total: int) -> None:
    """For pipes, cron and tests."""


def place_of(store: Store) -> Path | None:
    """Where the model of a store is kept; a store in memory keeps none."""
    return None if store.path == MEMORY else Path(f"{store.path}.model")


def stamp(store: Store) -> str:
    """What changes whenever the kept model does; empty where there is none."""
    place = place_of(store)
    return model_file.stamp(place) if place else ""


def model_of(
    store: Store,
    needed: Sequence[int] = (),
    progress: Progress = no_progress,
    tell: Tell = nobody,
) -> "Model":
    """The model with every paper that the store has now, these in any case."""
    known = _kept(store)
    papers = store.count()
    if known is None or known.outgrown(papers):
        return _learned(store, store.numbers(), progress, tell)
    if papers == len(known.numbers) and not known.places(needed)[1]:
        return known
    return _completed(store, known, store.numbers(), told_anew=(), tell=tell)


def refresh(store: Store, tell: Tell = nobody) -> None:
    """Bring a model that exists up to date, also where a paper's text is another now."""
    place = place_of(store)
    known = _kept(store) if place and place.exists() and has_numpy() else None
    if known is None:
        return
    sizes = store.text_sizes()
    if known.outgrown(len(sizes)):
        _learned(store, sorted(sizes), no_progress, tell)
        return
    pairs = zip(known.numbers.tolist(), known.sizes.tolist(), strict=True)
    told_anew = [number for number, size in pairs if sizes.get(number, size) != size]
    _completed(store, known, sorted(sizes), told_anew, tell)


def _kept(store: Store) -> "Model | None":
    """The model as it lies in its file; None where there is none that can be used."""
    from papertrack.similarity.model import array_of, from_arrays

    place = place_of(store)
    parts = model_file.read(place, store.born()) if place else None
    if parts is None:
        return None
    with suppress(KeyError, ValueError, TypeError, UnicodeDecodeError):
        return from_arrays(
            {name: array_of(one.kind, one.shape, one.data) for name, one in parts.items()}
        )
    return None


def _learned(store: Store, numbers: Sequence[int], progress: Progress, tell: Tell) -> "Model":
    from papertrack.similarity.model import learn

    total = len(numbers)
    if total >= LONG:
        tell(f"Learning from {total:,} papers what is alike; this is done once and takes a while.")
    model = learn(store.texts(numbers), lambda done: progress(done, total))
    _keep(store, model, tell)
    return model


def _completed(
    store: Store, known: "Model", numbers: Sequence[int], told_anew: Sequence[int], tell: Tell
) -> "Model":
    """The model with the papers that it lacks, and without those that are gone."""
    from papertrack.similarity.model import differences

    missing, gone = differences(known, numbers)
    new = dict(store.texts([*missing, *told_anew]))
    if not new and not gone:
        return known
    model = known.with_papers(list(new), list(new.values()), gone)
    if len(new) + len(gone) > WORTH_WRITING * len(numbers):
        _keep(store, model, tell)
    return model


def _keep(store: Store, model: "Model", tell: Tell) -> None:
    """Write the model; where that cannot be done it is made again next time, and said."""
    from papertrack.similarity.model import to_arrays

    place = place_of(store)
    if place is not None:
        parts = [
            Part(name, one.dtype.str, one.shape, memoryview(one).cast("B") if one.size else _NONE)
            for name, one in to_arrays(model).items()
        ]
        try:
            model_file.write(place, store.born(), parts)
        except OSError as error:
            tell(
                f"What was learned could not be kept in {place}: {error.strerror}; "
                "it is learned again each time until that is mended."
            )


_NONE = memoryview(b"")
