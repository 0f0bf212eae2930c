"""`similar` and `recommend`: what they go by, what they leave out, and the file they keep."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import NOW, TODAY, paper
from program import Home
from test_architecture import loaded
from test_similarity import WORLDS, many

from papertrack import comparing, learning, similarity
from papertrack.comparing import WITHOUT_NUMPY
from papertrack.config import Config
from papertrack.errors import UsageError
from papertrack.importing import Imported
from papertrack.models import Listing, ReaderState
from papertrack.recommending import NOTHING_TO_GO_BY, Wish
from papertrack.reports import Batch
from papertrack.selecting import Selection
from papertrack.store import MEMORY, Store
from papertrack.tracker import Listed, Tracker, View

AGENTS = ["arxiv:2604.00000", "arxiv:2604.00004"]
MONTH = timedelta(days=30)
KINDS = list(WORLDS)
NO_WISH, FIVE = Wish(), View(limit=5)


def fill(store: Store, first: int = 0, last: int = 48, days_ago: int = 1) -> None:
    papers = many()[first:last]
    day = TODAY - timedelta(days=days_ago)
    listings = tuple(Listing(paper_id=p.id, source="huggingface", list_date=day) for p in papers)
    store.add("huggingface", Batch(papers=tuple(papers), listings=listings), NOW)


@pytest.fixture
def full(store: Store) -> Store:
    fill(store)
    return store


def tracker(store: Store) -> Tracker:
    return Tracker(
        config=Config, store=store, clock=lambda: NOW, sources=tuple, offline=True, sample=True
    )


def worlds(listed: Listed) -> list[str]:
    numbers = [int(one.entry.paper.arxiv_id[-5:]) for one in listed.ranked]
    return [KINDS[number % len(KINDS)] for number in numbers]


def recommended(store: Store, wish: Wish = NO_WISH, view: View = FIVE) -> Listed:
    return tracker(store).recommend(wish, MONTH, view)


# -- what it goes by ----------------------------------------------------------------------------


def test_similar_papers_are_of_the_same_world_and_say_why(full: Store) -> None:
    listed = tracker(full).similar(AGENTS[:1], FIVE)
    assert worlds(listed) == ["agent"] * 5
    assert AGENTS[0] not in [one.entry.paper.id for one in listed.ranked]
    (said,) = listed.ranked[0].contributions
    assert (said.signal, said.weight) == ("likeness", 100)
    assert said.reason.startswith("words: ")
    assert [one.rank for one in listed.ranked] == [1, 2, 3, 4, 5]


def test_saved_papers_are_what_a_reader_likes(full: Store) -> None:
    full.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    listed = recommended(full)
    assert worlds(listed) == ["agent"] * 5
    assert not {one.entry.paper.id for one in listed.ranked} & set(AGENTS)
    assert listed.ranked[0].contributions[0].reason.startswith("near 'On agent'; words: ")


def test_without_anything_to_go_by_one_sentence_names_the_ways(full: Store) -> None:
    with pytest.raises(UsageError, match="save papers, or say --like FILE") as told:
        recommended(full)
    assert str(told.value) == NOTHING_TO_GO_BY


@pytest.mark.parametrize("saved", [(), AGENTS])
def test_authors_nobody_has_stored_are_named(full: Store, saved: Sequence[str]) -> None:
    full.set_states({key: ReaderState(saved_at=NOW) for key in saved})
    with pytest.raises(UsageError) as told:
        recommended(full, Wish(authors=("Kurt Gödel", "Turing, Alan")))
    assert str(told.value) == (
        "No stored paper is by Kurt Gödel or Turing, Alan; check the spelling, or look with "
        "`papertrack search 'author:Gödel'`."
    )


def test_beside_an_author_who_is_known_one_who_is_not_is_told(full: Store) -> None:
    one = replace(many()[1], authors=("Nikola Tesla",))
    full.add("arxiv", Batch(papers=(one,)), NOW)
    listed = recommended(full, Wish(authors=("Tesla", "Kurt Gödel")))
    assert worlds(listed) == ["protein"] * 5
    assert [note.partition(";")[0] for note in listed.notes] == ["No stored paper is by Kurt Gödel"]


@pytest.mark.parametrize("name", ["Tesla", "N. Tesla", "Tesla, Nikola", "Tésla"])
def test_an_author_is_found_by_any_spelling(full: Store, name: str) -> None:
    one = replace(many()[1], authors=("Nikola Tesla",))
    full.add("arxiv", Batch(papers=(one,)), NOW)
    assert worlds(recommended(full, Wish(authors=(name,)))) == ["protein"] * 5


def test_a_file_is_read_and_not_stored(full: Store) -> None:
    own = paper("1706.03762", title="Courts", abstract="statutes, contracts, judges and appeals")
    file = Imported(format="test", batch=Batch(papers=(own,)), ids=(AGENTS[0], "arxiv:2501.00001"))
    before = full.stats().papers
    listed = recommended(full, Wish(files=(file,)), View(limit=20))
    assert set(worlds(listed)) == {"law", "agent"}
    assert full.stats().papers == before
    assert "Not stored, of the ids in the file: 1; import it to look them up." in listed.notes


# -- what it leaves out -------------------------------------------------------------------------


def test_what_was_read_or_hidden_is_never_recommended(full: Store) -> None:
    done = ["arxiv:2604.00008", "arxiv:2604.00012"]
    full.set_states({done[0]: ReaderState(read_at=NOW), done[1]: ReaderState(hidden_at=NOW)})
    listed = recommended(full, Wish(keys=tuple(AGENTS)), View(limit=40))
    assert len(listed.ranked) > 5
    assert not {one.entry.paper.id for one in listed.ranked} & {*done, *AGENTS}


def test_the_window_bounds_it_unless_all_are_asked_for(store: Store) -> None:
    fill(store, 0, 24, days_ago=60)
    fill(store, 24, 48)
    wish = Wish(keys=("arxiv:2604.00024",))
    newest = {f"arxiv:2604.{number:05}" for number in range(24, 48)}
    assert {one.entry.paper.id for one in recommended(store, wish).ranked} <= newest
    whole = tracker(store).recommend(wish, None, View(limit=11))
    assert worlds(whole) == ["agent"] * 11


def test_filters_go_on_until_enough_pass(full: Store) -> None:
    view = View(limit=3, selection=Selection(match="agent11x"))
    listed = tracker(full).similar(AGENTS[:1], view)
    assert [one.entry.paper.id for one in listed.ranked] == ["arxiv:2604.00044"]
    nothing = tracker(full).similar(AGENTS[:1], View(selection=Selection(match="whale")))
    assert nothing.notes[-1].startswith("Your filters leave none of the ")


def test_an_order_is_of_what_is_recommended(full: Store) -> None:
    listed = tracker(full).similar(AGENTS[:1], View(limit=5, order="new"))
    assert worlds(listed) == ["agent"] * 5


def test_alone_in_a_store_a_paper_has_no_neighbours() -> None:
    store = Store(MEMORY)
    store.add("arxiv", Batch(papers=(paper(),)), NOW)
    assert tracker(store).similar([paper().id], View()).notes == ("No other paper is like those.",)


# -- without numpy ------------------------------------------------------------------------------


@pytest.fixture
def bare(full: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(similarity, "has_numpy", lambda: False)
    return full


def test_without_numpy_words_are_compared_and_the_extra_is_named(bare: Store) -> None:
    listed = tracker(bare).similar(AGENTS[:1], FIVE)
    assert worlds(listed) == ["agent"] * 5
    assert listed.notes == (WITHOUT_NUMPY,)
    assert listed.ranked[0].contributions[0].reason.startswith("words: ")
    assert not Path(f"{bare.path}.model").exists()


def test_without_numpy_only_the_newest_are_compared(
    bare: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "MOST_PLAIN", 8)
    listed = tracker(bare).similar(AGENTS[:1], View())
    assert listed.notes[-1] == "Only the newest 8 papers were compared."
    assert len(listed.ranked) <= 8


# -- the file -----------------------------------------------------------------------------------


@pytest.fixture
def learned(full: Store) -> Iterator[list[int]]:
    """How many papers were read each time the model was learned or added to."""
    read: list[int] = []
    texts = Store.texts

    def noted(self: Store, numbers: Sequence[int]) -> object:
        if len(numbers) > 20:
            read.append(len(numbers))
        return texts(self, numbers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "texts", noted)
        yield read


def path_of(store: Store) -> Path:
    place = learning.place_of(store)
    assert place is not None
    return place


def test_a_model_is_learned_once_for_its_owner_only(full: Store, learned: list[int]) -> None:
    listed = [tracker(full).similar(AGENTS[:1], FIVE) for _ in range(3)]
    assert learned == [48]
    assert listed[0] == listed[1] == listed[2]
    assert path_of(full).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in path_of(full).parent.glob("*.new")] == []


@pytest.mark.parametrize("damage", [b"", b"papertrack model\n", b"\0" * 5000, None])
def test_a_damaged_model_is_learned_again(
    full: Store, learned: list[int], damage: bytes | None
) -> None:
    before = tracker(full).similar(AGENTS[:1], FIVE)
    whole = path_of(full).read_bytes()
    path_of(full).write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert tracker(full).similar(AGENTS[:1], FIVE).ranked == before.ranked
    assert learned == [48, 48]
    assert path_of(full).read_bytes() == whole


def test_the_model_of_another_store_is_not_believed(full: Store, tmp_path: Path) -> None:
    learning.model_of(full)
    other = Store(str(tmp_path / "other.db"))
    fill(other, 0, 20)
    path_of(other).write_bytes(path_of(full).read_bytes())
    assert len(learning.model_of(other).numbers) == 20
    other.close()


def test_new_papers_are_added_and_a_grown_store_is_learned_anew(store: Store) -> None:
    fill(store, 0, 24)
    learning.model_of(store)
    fill(store, 24, 30)
    assert (learning.model_of(store).learned_from, len(learning.model_of(store).numbers)) == (
        24,
        30,
    )
    fill(store, 30, 48)
    assert learning.model_of(store).learned_from == 48


def test_a_fetch_adds_to_a_model_and_makes_none(full: Store) -> None:
    learning.refresh(full)
    assert not path_of(full).exists()
    learning.model_of(full)
    one = replace(many()[1], abstract="agent plans, tools, steps and memory of earlier tasks")
    full.add("huggingface", Batch(papers=(one,)), NOW + timedelta(hours=1))
    learning.refresh(full)
    listed = tracker(full).similar(AGENTS[:1], View(limit=12))
    assert one.id in [ranked.entry.paper.id for ranked in listed.ranked]


def test_a_folder_that_cannot_be_written_costs_time_only(
    full: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "place_of", lambda store: Path("/proc/nowhere/model"))
    assert worlds(tracker(full).similar(AGENTS[:1], FIVE)) == ["agent"] * 5


# -- the program --------------------------------------------------------------------------------


def test_the_program_recommends_from_a_bibliography(tmp_path: Path) -> None:
    home = Home(tmp_path)
    db = str(tmp_path / "papertrack.db")
    store = Store(db)
    fill(store)
    store.close()
    refs = "@article{a, title={Agent memory}, abstract={An agent plans steps and uses tools}}"
    (tmp_path / "refs.bib").write_text(refs)
    done = home.run("--offline", "recommend", "--like", "refs.bib", "--json", PAPERTRACK_DB=db)
    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout)[0]
    assert first["title"] == "On agent"
    assert [part["signal"] for part in first["contributions"]] == ["likeness"]


def test_the_demo_has_neighbours_and_wrong_words_are_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    done = home.run("--demo", "similar", "2604.08626", "-f", "ids")
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert "2604.08626" not in done.stdout
    assert home.run("--demo", "recommend").returncode == 2
    assert "--sort" in home.run("--demo", "similar", "2604.08626", "--rank", "hot").stderr
    assert home.run("--demo", "recommend", "--like", "no.bib").returncode == 2


# -- the answer that is kept --------------------------------------------------------------------


def test_an_answer_is_kept_and_is_the_same_when_asked_again(full: Store) -> None:
    full.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    first = recommended(full)
    kept = Path(f"{full.path}.answer")
    written = kept.stat().st_mtime_ns
    assert recommended(full) == first
    assert kept.stat().st_mtime_ns == written


def test_all_that_is_alike_can_be_asked_for_again(full: Store) -> None:
    full.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    everything = View(limit=None)
    fresh = recommended(full, view=everything)
    assert recommended(full, view=everything) == fresh


@pytest.mark.parametrize("spoil", [lambda kept: kept.write_bytes(b""), lambda kept: kept.unlink()])
def test_an_answer_that_is_damaged_or_gone_is_found_anew(
    full: Store, spoil: Callable[[Path], object]
) -> None:
    full.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    first = recommended(full)
    spoil(Path(f"{full.path}.answer"))
    assert recommended(full) == first


def test_another_like_or_another_paper_makes_another_answer(store: Store) -> None:
    fill(store, last=40)
    store.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    before = recommended(store, view=View(limit=None))
    fill(store, first=40)
    after = recommended(store, view=View(limit=None))
    assert after.total > before.total
    store.set_states({"arxiv:2604.00002": ReaderState(saved_at=NOW)})
    assert recommended(store, view=View(limit=None)) != after


def test_a_paper_that_has_left_the_window_is_no_answer_any_more(store: Store) -> None:
    fill(store, last=24, days_ago=20)
    fill(store, first=24, days_ago=1)
    store.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    short, everything = timedelta(days=10), View(limit=None)
    wide = tracker(store).recommend(NO_WISH, MONTH, everything)
    narrow = tracker(store).recommend(NO_WISH, short, everything)
    Path(f"{store.path}.answer").unlink()
    assert tracker(store).recommend(NO_WISH, short, everything) == narrow
    assert 0 < narrow.total < wide.total


def test_asked_again_recommend_does_not_wake_numpy(tmp_path: Path) -> None:
    home = Home(tmp_path)
    store = Store(str(tmp_path / "papertrack.db"))
    fill(store)
    store.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    store.close()
    assert "numpy" in loaded(home, "recommend --all --offline --json")
    assert "numpy" not in loaded(home, "recommend --all --offline --json")


def test_what_cannot_be_kept_is_said(full: Store) -> None:
    full.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    (Path(f"{full.path}.model") / "in the way").mkdir(parents=True)
    told: list[str] = []
    listed = replace(tracker(full), tell=told.append).recommend(NO_WISH, MONTH, FIVE)
    assert worlds(listed) == ["agent"] * 5
    assert len(told) == 1
    assert "could not be kept" in told[0]


def test_a_fetch_prepares_the_answer_that_was_asked_for_before(full: Store) -> None:
    full.set_states({key: ReaderState(saved_at=NOW) for key in AGENTS})
    answer = Path(f"{full.path}.answer")
    tracker(full).conclude()
    assert not answer.exists()
    recommended(full)
    answer.unlink()
    tracker(full).conclude()
    assert answer.exists()
