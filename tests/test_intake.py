"""Papers that come by another way than a fetch: by their ids, by their titles, from files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from builders import NOW, paper, seen
from fakes import FrozenClock

from papertrack.errors import SourceBusyError, SourceUnavailableError
from papertrack.identifiers import title_id
from papertrack.importing import Imported
from papertrack.intake import PAPERS_AT_ONCE, LookedUp, look_up, resolve, take_in
from papertrack.models import UPVOTES, Listing, Paper, ReaderState
from papertrack.reports import Batch, SourceReport
from papertrack.store import Store

TITLE = "Orders that do not commute: a study"
DEAD = SourceUnavailableError("It is down; try again later.")

# -- ids --------------------------------------------------------------------------------------


@dataclass
class Library:
    """A source that knows some papers: one at a time, by their titles, or all at once."""

    name: str
    papers: Sequence[Paper] = ()
    fails_at: int = 99  # the question of this number
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def lookup(self, key: str) -> Batch:
        return self._answer(key)

    def find_title(self, title: str) -> Batch:
        return self._answer(title)

    def _answer(self, *words: str) -> Batch:
        self.asked.append(words)
        if len(self.asked) == self.fails_at:
            raise DEAD
        known = [one for one in self.papers if one.id in words or one.title.casefold() in words]
        return Batch(papers=tuple(known or (self.papers if words[0][0].isupper() else ())))


class Archive(Library):
    def lookup_all(self, keys: Sequence[str]) -> Batch:
        return self._answer(*keys)


Ask = Callable[..., LookedUp]


@pytest.fixture
def ask(store: Store) -> Ask:
    def asking(keys: Sequence[str], *sources: Library) -> LookedUp:
        return look_up(store, sources, keys, FrozenClock(NOW))  # type: ignore[arg-type]

    return asking


def numbered(count: int) -> list[Paper]:
    return [paper(f"2604.{n:05d}") for n in range(1, count + 1)]


def test_few_ids_are_asked_of_the_first_source_one_by_one(ask: Ask) -> None:
    papers = numbered(3)
    hf, arxiv = Library("huggingface", papers[:2]), Archive("arxiv", papers)
    keys = [one.id for one in papers]

    assert ask([*keys, keys[0]], hf, arxiv) == LookedUp(found=tuple(keys))
    assert hf.asked == [(key,) for key in keys]
    assert arxiv.asked == [(keys[2],)]


def test_many_ids_are_asked_of_arxiv_in_hundreds_and_the_rest_elsewhere(ask: Ask) -> None:
    papers = numbered(250)
    hf, arxiv = Library("huggingface", papers), Archive("arxiv", papers[1:])
    keys = [one.id for one in papers]

    assert ask(keys, hf, arxiv).missing == ()
    assert [len(words) for words in arxiv.asked] == [100, 100, 50]
    assert hf.asked == [(keys[0],)]


def test_what_came_before_a_failure_is_kept_and_the_rest_is_asked_elsewhere(
    ask: Ask, store: Store
) -> None:
    papers = numbered(220)
    hf, arxiv = Library("huggingface", papers, fails_at=11), Archive("arxiv", papers, fails_at=3)
    asked = ask([one.id for one in papers], hf, arxiv)

    assert store.stats().papers == len(asked.found) == 210
    assert (len(asked.missing), asked.errors) == (10, (DEAD, DEAD))


def test_a_source_that_wants_to_be_left_alone_is_not_asked(ask: Ask, store: Store) -> None:
    busy = SourceBusyError("Wait.", retry_at=NOW + timedelta(minutes=5))
    store.record_run(SourceReport(source="huggingface", error=busy), NOW)
    hf, arxiv = Library("huggingface", numbered(1)), Archive("arxiv")
    asked = ask([numbered(1)[0].id], hf, arxiv)

    assert (hf.asked, len(arxiv.asked), len(asked.missing)) == ([], 1, 1)
    assert "until 2026-04-15T12:05:00Z" in str(asked.errors[0])
    (key,) = copied(store, untitled())
    assert len(resolved(store, [key], hf).errors) == 1
    assert (hf.asked, resolved(store, [], hf).errors) == ([], ())


# -- titles -----------------------------------------------------------------------------------


def copied(store: Store, *papers: Paper) -> list[str]:
    store.add("import", Batch(papers=papers), NOW)
    return [one.id for one in papers]


def untitled(title: str = TITLE, authors: tuple[str, ...] = ()) -> Paper:
    return Paper(id=title_id(title, authors), title=title, authors=authors, abstract="Copied.")


def resolved(store: Store, keys: Sequence[str], *sources: Library) -> LookedUp:
    return resolve(store, sources, keys, FrozenClock(NOW))  # type: ignore[arg-type]


def test_only_the_same_title_is_a_match(store: Store) -> None:
    keys = copied(store, untitled())
    near = Library("huggingface", [paper(title=f"{TITLE} of many"), paper(title="A study")])
    same = Library("arxiv", [paper("2604.00002", title="Orders That Do Not Commute – A Study.")])

    assert resolved(store, keys, near, same) == LookedUp(found=tuple(keys))
    assert set(store.find(["arxiv:2604.00002", *keys]).values()) == set(store.find(keys).values())
    assert store.find(["arxiv:2604.07413"]) == {}
    assert resolved(store, keys, near, same) == LookedUp()  # nothing is left to be found


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (untitled(authors=("Grace Hopper",)), [paper(title=TITLE)]),
        (untitled(), [paper(title=TITLE), paper("2604.00002", title=TITLE)]),
    ],
)
def test_a_title_that_may_be_anothers_is_no_match(
    store: Store, mine: Paper, theirs: list[Paper]
) -> None:
    keys = copied(store, mine)

    assert resolved(store, keys, Library("huggingface", theirs)).missing == tuple(keys)
    assert store.stats().papers == 1


def test_a_short_title_that_was_asked_for_is_a_match(store: Store) -> None:
    keys = copied(store, untitled("Mamba"))

    assert resolved(store, keys, Library("arxiv", [paper(title="MAMBA")])).found == tuple(keys)


def test_a_source_that_fails_is_not_asked_for_the_other_titles(store: Store) -> None:
    keys = copied(store, untitled(), untitled("Another title of some length"))
    dead = Library("huggingface", fails_at=1)
    good = Library("arxiv", [paper(title=TITLE)])
    asked = resolved(store, keys, dead, good)

    assert (asked.found, asked.missing, asked.errors) == (tuple(keys[:1]), tuple(keys[1:]), (DEAD,))
    assert len(dead.asked) == 1


# -- pages ------------------------------------------------------------------------------------


def test_the_lists_of_a_page_were_read_when_it_was_saved(store: Store) -> None:
    saved_at, day = NOW.replace(day=3), NOW.date().replace(day=2)
    batch = Batch(
        papers=(paper(),),
        listings=(Listing(paper_id=paper().id, source="huggingface", list_date=day),),
        observations=(seen(UPVOTES, 7, saved_at),),
        lists=(day,),
    )
    states = {paper().id: ReaderState(saved_at=saved_at, note="Mine.")}
    imported = Imported(format="page", batch=batch, states=states, source="huggingface")
    for note in ("Mine.", "Another."):
        one = replace(imported, states={paper().id: states[paper().id]._replace(note=note)})
        take_in(store, one, saved_at, FrozenClock(NOW))

    assert store.lists_read("huggingface") == {day: saved_at}
    (number,) = store.find([paper().id]).values()
    known = store.entries([number], NOW)[0]
    assert (known.state.saved_at, known.state.note) == (saved_at, "Mine.")
    assert known.latest[UPVOTES] == 7


def test_a_page_that_was_saved_long_ago_does_not_undo_what_was_said_since(store: Store) -> None:
    saved_at, day = NOW.replace(day=3), NOW.date().replace(day=2)
    new, old = paper(title="New"), paper(title="Old", ai_summary="Since removed.")
    store.add("huggingface", Batch(papers=(new,), lists=(day,)), NOW)
    page = Imported(format="page", batch=Batch(papers=(old,), lists=(day,)), source="huggingface")
    for _ in range(2):
        take_in(store, page, saved_at, FrozenClock(NOW))

    (number,) = store.find([new.id]).values()
    ((_, (said, at)),) = store.accounts(number).items()
    assert (said.title, said.ai_summary, at) == ("New", "Since removed.", NOW)
    assert store.lists_read("huggingface") == {day: NOW}


def test_a_file_of_very_many_papers_is_stored_a_part_at_a_time_and_whole(store: Store) -> None:
    many = tuple(paper(f"2604.{n:05}") for n in range(PAPERS_AT_ONCE + 1))
    last = seen(UPVOTES, 7, NOW, "2604.00000")
    batch = Batch(papers=many, observations=(last,), skipped=("one",))
    counts = take_in(store, Imported(format="x", batch=batch), NOW, FrozenClock(NOW))

    assert (counts.papers, counts.new, counts.observations, counts.skipped) == (
        *[PAPERS_AT_ONCE + 1] * 2,
        *[1] * 2,
    )
    assert store.stats().papers == PAPERS_AT_ONCE + 1
