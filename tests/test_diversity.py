"""A diverse list: likeness costs places, never papers."""

from builders import entry, paper

from papertrack.models import Contribution, Ranked
from papertrack.ranking.diversity import diverse


def of(number: int, score: float, lab: str = "", *words: str) -> Ranked:
    one = paper(f"2604.{number:05}", organization=lab, keywords=words)
    part = Contribution(signal="attention", value=score / 100, weight=100, reason="")
    return Ranked(entry=entry(one), contributions=(part,))


def order(*ranked: Ranked) -> list[str]:
    return [one.entry.paper.arxiv_id[-1] for one in diverse(ranked)]


def test_a_second_paper_of_a_lab_lets_others_pass() -> None:
    assert order(of(1, 90, "Ai2"), of(2, 80, "ai2"), of(3, 70, "Qwen")) == ["1", "3", "2"]


def test_shared_keywords_count_like_a_lab() -> None:
    ranked = (of(1, 90, "", "rl", "agents"), of(2, 80, "", "rl", "agents"), of(3, 70, "", "3d"))
    assert order(*ranked) == ["1", "3", "2"]


def test_unlike_papers_keep_their_order_and_none_is_lost() -> None:
    ranked = [of(n, 100 - n) for n in range(1, 80)]
    found = diverse(ranked)
    assert found == ranked
    assert diverse([]) == []
