"""What of a pool is most like the likes: by the model of the store, or by words without numpy."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from papertrack import answers, encoding, learning, similarity
from papertrack.answers import Answer
from papertrack.models import Paper
from papertrack.store import MEMORY, Store

WITHOUT_NUMPY = (
    "Compared by words only; pip install 'papertrack-cli[recommend]' also compares by meaning, "
    "and remembers."
)
#: Without numpy so many papers are compared, the newest.
MOST_PLAIN = 10_000
#: So many reasons are kept with an answer.
REASONS = 200
_VERSION = 1
_Why = Callable[[Sequence[int]], Mapping[int, tuple[int, Sequence[str]]]]


@dataclass(frozen=True, kw_only=True)
class Likes:
    """What to go by: papers by their numbers in the store, and some that it does not have."""

    stored: tuple[int, ...] = ()
    others: tuple[Paper, ...] = ()
    hidden: tuple[int, ...] = ()
    done: frozenset[int] = frozenset()  # not to be recommended: read or hidden
    notes: tuple[str, ...] = ()

    @property
    def left_out(self) -> frozenset[int]:
        """What is never an answer."""
        return self.done.union(self.stored)


@dataclass(frozen=True)
class Compared:
    """A pool in order: (number, value) best first, and why, for those that are shown."""

    best: Sequence[tuple[int, float]]
    why: _Why
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparer:
    """How papers of a store are compared."""

    store: Store
    model: Callable[[], str] = str  # where the embedding model is, as configured
    progress: learning.Progress = learning.no_progress
    tell: learning.Tell = learning.nobody
    remembers: bool = False  # whether the answer is kept for the next time

    def compared(self, likes: Likes, pool: Sequence[int] | None) -> Compared:
        """The papers of the pool, or of all, that are most like the likes, never those."""
        wanted = None if pool is None else [one for one in pool if one not in likes.left_out]
        remembers = self.remembers and not likes.others and self.store.path != MEMORY
        known = answers.read(self._place, self._key(likes)) if remembers else None
        kept = known and known.for_fewer(wanted)
        if kept is None:
            if not similarity.has_numpy():
                return self._by_words(likes, wanted)
            return (self._remembered if remembers else self._by_model)(likes, wanted)

        def why(numbers: Sequence[int]) -> Mapping[int, tuple[int, Sequence[str]]]:
            if all(number in kept.why for number in numbers):
                return kept.why
            return self._by_model(likes, wanted).why(numbers)

        return Compared(kept.best, why)

    def _by_model(self, likes: Likes, pool: Sequence[int] | None) -> Compared:
        """By words, by a latent space and, where it has read the papers, an embedding model."""
        from papertrack.similarity.compare import Comparison

        needed = [*likes.stored, *likes.hidden, *(pool or ())]
        model = learning.model_of(self.store, needed, self.progress, self.tell)
        meaning = encoding.meaning_of(self.store, self.model()) if self._embedded else None
        read = meaning.vectors if meaning else None
        comparison = Comparison.of(model, likes.stored, likes.others, likes.hidden, read)
        best = [one for one in comparison.best(pool) if one[0] not in likes.left_out]
        return Compared(best, comparison.why)

    def _remembered(self, likes: Likes, pool: Sequence[int] | None) -> Compared:
        """The answer, which is kept for the next time where that can be done."""
        found = self._by_model(likes, pool)
        why = found.why([number for number, _ in found.best[:REASONS]])
        answer = Answer(found.best, why, None if pool is None else frozenset(pool))
        with suppress(OSError):  # it is found anew then
            answers.write(self._place, self._key(likes), answer)
        return found

    @property
    def _embedded(self) -> bool:
        """Whether it matters which embedding model is configured."""
        place = encoding.place_of(self.store)
        return place is not None and place.exists()

    @property
    def _place(self) -> Path:
        return Path(f"{self.store.path}.answer")

    def _key(self, likes: Likes) -> str:
        """All that goes into an answer, but the papers that were to choose from."""
        from hashlib import blake2b

        parts = (
            *(_VERSION, self.store.born(), self.store.count()),
            *(
                learning.stamp(self.store),
                encoding.stamp(self.store, self.model()) if self._embedded else "",
            ),
            *(likes.stored, likes.hidden, sorted(likes.done)),
        )
        return blake2b(repr(parts).encode(), digest_size=16).hexdigest()

    def _by_words(self, likes: Likes, pool: Sequence[int] | None) -> Compared:
        """By words only, without numpy."""
        from papertrack.similarity.plain import likeness

        whole = self.store.numbers() if pool is None else sorted(pool)
        papers = dict(self.store.texts(whole[-MOST_PLAIN:]))
        liked = [*dict(self.store.texts(likes.stored)).values(), *likes.others]
        hidden = list(dict(self.store.texts(likes.hidden)).values())
        found = likeness(list(papers.values()), liked, hidden)
        by_number = dict(zip(papers, found, strict=True))
        best = sorted(by_number, key=lambda number: (-by_number[number].value, number))
        notes = [WITHOUT_NUMPY]
        if len(whole) > MOST_PLAIN:
            notes.append(f"Only the newest {MOST_PLAIN:,} papers were compared.")
        return Compared(
            [
                (number, by_number[number].value)
                for number in best
                if by_number[number].value > 0 and number not in likes.left_out
            ],
            lambda some: {one: (by_number[one].nearest, by_number[one].shared) for one in some},
            tuple(notes),
        )
