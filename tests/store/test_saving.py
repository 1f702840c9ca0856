"""Saving polls: all or nothing, each article once, and what stays as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, delete, event, func, select

from aggregator.model import (
    ArticleState,
    Entry,
    Failed,
    FailureKind,
    FeedInfo,
    Hints,
    Person,
    UnreadArticle,
    Validators,
)
from aggregator.store.articles.hashes import minted_id
from aggregator.store.articles.knowing import Listed, load_known
from aggregator.store.articles.listing import list_articles
from aggregator.store.articles.recall import find_article
from aggregator.store.articles.saving import save
from aggregator.store.engine import reading, writing
from aggregator.store.feeds.heads import find_feed
from aggregator.store.feeds.items import feeds_of, read_items
from aggregator.store.sources.states import find_source
from aggregator.store.tables import articles, bodies, placements
from tests.store.making import (
    DAY,
    HOUR,
    NOW,
    admission,
    arrive,
    claim_all,
    claim_one,
    entry,
    placed,
    poll,
    store,
)


def test_entry_comes_back_as_it_went_in(paper: Engine) -> None:
    whole = entry(
        "k",
        authors=(Person("Jo", "jo@paper.example"),),
        published=NOW - HOUR,
        updated=NOW - timedelta(microseconds=1),
        content="<p>ƒünf 新聞 \U0001f4f0</p>" * 100,
        language="en-GB",
    )
    saved = arrive(paper, "paper", whole)
    with reading(paper) as connection:
        article = find_article(connection, saved.new[0])
        assert article is not None
        assert article.entry == whole
        assert list_articles(connection, after_id=0, limit=9) == (article,)
    assert (article.first_seen, article.changed_at, article.sort_date) == (NOW, NOW, NOW - HOUR)


def test_an_exception_in_the_middle_leaves_nothing(paper: Engine) -> None:
    claim = claim_one(paper, "paper")

    def interrupted() -> None:
        with writing(paper) as connection:
            save(connection, [poll(claim, placed(admission(claim, entry("k")), "front"))])
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError, match="pulled"):
        interrupted()
    with reading(paper) as connection:
        state = find_source(connection, "paper")
        assert state is not None
        assert (state.articles, state.last_poll) == (0, None)
        head = find_feed(connection, "feed", "front")
        assert head is not None
        assert head.changed_at is None
    assert store(paper, poll(claim)).lost == ()


def test_changed_article_keeps_first_seen_sort_date_and_published_id(paper: Engine) -> None:
    (first,) = arrive(paper, "paper", entry("k", published=NOW - HOUR), feeds=["front"]).new
    saved = arrive(
        paper, "paper", entry("k", title="Other", published=NOW - DAY), feeds=["front"], at=NOW + DAY
    )
    assert (saved.new, saved.changed) == ((), (first,))
    with reading(paper) as connection:
        article = find_article(connection, first)
    assert article is not None
    assert (article.entry.title, article.entry.published) == ("Other", NOW - DAY)
    assert (article.first_seen, article.sort_date, article.changed_at) == (NOW, NOW - HOUR, NOW + DAY)
    assert article.published_id == "tag:test,2026:k"


def test_an_update_moves_the_article_to_the_feeds_it_matches_now(paper: Engine) -> None:
    (first,) = arrive(paper, "paper", entry("k"), feeds=["front"]).new
    saved = arrive(paper, "paper", entry("k", title="Other"), feeds=["back"])
    assert saved.feeds == (("feed", "back"), ("feed", "front"), ("source", "paper"))
    with reading(paper) as connection:
        assert feeds_of(connection, first) == (
            ("feed", "back", "because of back"),
            ("source", "paper", "source: paper"),
        )


def test_same_id_in_two_sources_is_two_articles_under_two_published_ids(paper: Engine) -> None:
    claims = claim_all(paper)
    results = [
        poll(claim, placed(admission(claim, entry("k", title=slug)), "front"))
        for slug, claim in claims.items()
    ]
    store(paper, *results)
    with reading(paper) as connection:
        head = find_feed(connection, "feed", "front")
        assert head is not None
        ids = {item.source.slug: item.article.published_id for item in read_items(connection, head, limit=9)}
    shared, minted = "tag:test,2026:k", minted_id("https://rival.example/feed", "k")
    assert sorted(ids) == ["paper", "rival"]
    assert set(ids.values()) <= {shared, minted, minted_id("https://paper.example/feed", "k")}
    assert list(ids.values()).count(shared) == 1


def test_known_tells_what_is_stored_and_what_others_hold(paper: Engine) -> None:
    (first,) = arrive(paper, "paper", entry("a"), entry("b")).new[:1]
    with reading(paper) as connection:
        paper_id = find_source(connection, "paper").source_id  # type: ignore[union-attr]
        rival_id = find_source(connection, "rival").source_id  # type: ignore[union-attr]
        listed = {paper_id: Listed([entry("a"), entry("c")]), rival_id: Listed([entry("a")]), 999: Listed([])}
        asked = load_known(connection, listed, NOW)
    assert set(asked) == {paper_id, rival_id}
    assert set(asked[paper_id].articles) == {"a"}
    assert asked[paper_id].articles["a"].id == first
    assert not asked[paper_id].is_first_import
    assert asked[rival_id].is_first_import
    assert asked[rival_id].articles == {}
    assert asked[rival_id].taken_ids == {"tag:test,2026:a"}
    assert asked[paper_id].taken_ids == frozenset()
    assert asked[rival_id].first_url == "https://rival.example/feed"


def test_known_tells_which_articles_unread_entries_are(paper: Engine) -> None:
    first, _ = arrive(paper, "paper", entry("a"), entry("b")).new
    with reading(paper) as connection:
        paper_id = find_source(connection, "paper").source_id  # type: ignore[union-attr]
        asked = load_known(connection, {paper_id: Listed([entry("c")], ["a", "z"])}, NOW)
    assert asked[paper_id].unread == {"a": UnreadArticle(first, ArticleState.OUT)}
    assert asked[paper_id].articles == {}
    assert [article.key for article in asked[paper_id].recent] == ["b"]


def test_what_another_process_lets_go_of_meanwhile_is_not_known(paper: Engine) -> None:
    first, _ = arrive(paper, "paper", entry("a"), entry("b")).new

    def let_go(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if "ORDER BY articles.sort_date DESC, articles.id DESC" in statement:
            connection.execute(delete(articles).where(articles.c.id == first))

    with writing(paper) as connection:
        paper_id = find_source(connection, "paper").source_id  # type: ignore[union-attr]
        event.listen(paper, "after_cursor_execute", let_go)
        asked = load_known(connection, {paper_id: Listed([entry("c")])}, NOW)
        event.remove(paper, "after_cursor_execute", let_go)
    assert [article.key for article in asked[paper_id].recent] == ["b"]


def test_ids_follow_the_order_of_arrival(paper: Engine) -> None:
    saved = arrive(paper, "paper", *(entry(f"k{n}") for n in range(50)))
    with reading(paper) as connection:
        keys = [article.entry.key for article in list_articles(connection, after_id=0, limit=99)]
    assert list(saved.new) == sorted(saved.new)
    assert keys == [f"k{n}" for n in range(50)]


def test_only_articles_that_are_out_are_placed(paper: Engine) -> None:
    claim = claim_one(paper, "paper")
    held = admission(claim, entry("k"), state=ArticleState.HELD, reason="it waits")
    (first,) = store(paper, poll(claim, placed(held, "front", topics=["economy"]))).new
    with reading(paper) as connection:
        assert feeds_of(connection, first) == ()
        article = find_article(connection, first)
    assert article is not None
    assert (article.state, article.reason, article.topics) == (ArticleState.HELD, "it waits", ("economy",))


def test_not_modified_writes_no_article_and_changes_no_feed(paper: Engine) -> None:
    arrive(paper, "paper", entry("k"), feeds=["front"])
    with reading(paper) as connection:
        before = find_feed(connection, "feed", "front")
    claim = claim_one(paper, "paper", NOW + HOUR)
    quiet = {"kind": "not-modified", "info": None, "body_hash": None, "validators": Validators('"v2"')}
    saved = store(paper, poll(claim, at=NOW + HOUR, **quiet))
    assert (saved.new, saved.changed, saved.feeds) == ((), (), ())
    with reading(paper) as connection:
        assert find_feed(connection, "feed", "front") == before
    after = claim_one(paper, "paper", NOW + DAY)
    assert (after.validators.etag, after.body_hash) == ('"v2"', "b" * 32)


def test_failed_poll_keeps_validators_and_tells_why(paper: Engine) -> None:
    arrive(paper, "paper", entry("k"))
    failure = Failed(kind=FailureKind.NOT_A_FEED, reason="it is a web page")
    claim = claim_one(paper, "paper", NOW + HOUR)
    failed = {"kind": "failed", "failure": failure, "validators": None, "info": None, "body_hash": None}
    store(paper, poll(claim, at=NOW + HOUR, **failed))
    with reading(paper) as connection:
        state = find_source(connection, "paper")
    assert state is not None
    assert (state.state, state.failures, state.failure_kind) == ("failing", 1, "not-a-feed")
    assert (state.reason, state.last_success, state.articles) == ("it is a web page", NOW, 1)
    assert claim_one(paper, "paper", NOW + DAY).validators.etag == '"v1"'


def test_success_ends_a_failure(paper: Engine) -> None:
    failure = Failed(kind=FailureKind.DNS, reason="no such host")
    claim = claim_one(paper, "paper")
    store(paper, poll(claim, kind="failed", failure=failure, validators=None, info=None))
    store(paper, poll(claim_one(paper, "paper", NOW + HOUR), at=NOW + HOUR))
    with reading(paper) as connection:
        state = find_source(connection, "paper")
    assert state is not None
    assert (state.state, state.failures, state.failure_kind, state.reason) == ("ok", 0, None, None)


def test_wishes_of_the_document_outlive_the_poll(paper: Engine) -> None:
    wishes = Hints(ttl_s=7200, skip_hours=frozenset({1, 2}))
    store(paper, poll(claim_one(paper, "paper"), info=FeedInfo(title="Paper", hints=wishes)))
    assert claim_one(paper, "paper", NOW + DAY).hints == wishes


def test_nul_and_lone_surrogates_never_reach_the_database(paper: Engine) -> None:
    claim = claim_one(paper, "paper")
    bad = entry("k\x00\ud800", title="a\x00b\ud800c", content="<p>\ud83d x\x00</p>", id="tag:\x00\udfff1")
    validators = Validators('"\x00e\ud800"', "L\x00", "https://paper.example/\ud800")
    failure = Failed(kind=FailureKind.HTTP, reason="said \x00\ud800")
    (first,) = store(paper, poll(claim, placed(admission(claim, bad)), validators=validators)).new
    with reading(paper) as connection:
        article = find_article(connection, first)
        again = load_known(connection, {claim.source_id: Listed([bad])}, NOW)[claim.source_id]
    assert article is not None
    assert (article.entry.title, article.entry.content) == ("abc", "<p> x</p>")
    assert set(again.articles) == {"k\x00\ud800"}
    after = claim_one(paper, "paper", NOW + HOUR)
    assert after.validators == Validators('"e"', "L", "https://paper.example/")
    store(paper, poll(after, kind="failed", failure=failure, info=None, validators=None))


def test_ids_and_urls_of_any_length_are_stored(paper: Engine) -> None:
    endless = "https://paper.example/" + "".join(chr(97 + n * 7 % 26) for n in range(40_000))
    arrive(paper, "paper", entry("k", id=endless, link=endless), entry(endless))
    with reading(paper) as connection:
        assert connection.scalar(select(func.count()).select_from(articles)) == 2


def test_permanent_redirect_is_believed_only_after_days(paper: Engine) -> None:
    new = "https://new.example/feed"
    seen = []
    for at in (NOW, NOW + DAY, NOW + 3 * DAY):
        claim = claim_one(paper, "paper", at)
        seen.append(claim.url)
        store(paper, poll(claim, at=at, moved_to=new))
    assert seen == ["https://paper.example/feed"] * 3
    assert claim_one(paper, "paper", NOW + 4 * DAY).url == new


def test_redirect_that_ends_is_forgotten(paper: Engine) -> None:
    new = "https://new.example/feed"
    for at, moved in ((NOW, new), (NOW + DAY, None), (NOW + 3 * DAY, new), (NOW + 4 * DAY, new)):
        store(paper, poll(claim_one(paper, "paper", at), at=at, moved_to=moved))
    assert claim_one(paper, "paper", NOW + 5 * DAY).url == "https://paper.example/feed"


def test_every_article_has_a_body_and_out_ones_a_placement(paper: Engine) -> None:
    for slug in ("paper", "rival"):
        arrive(paper, slug, *(entry(f"{slug}{n}") for n in range(10)))
    with reading(paper) as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table))
            for table in (articles, bodies, placements)
        ]
    assert counts == [20, 20, 20]


def test_entry_stored_twice_in_one_batch_stays_one_article(paper: Engine) -> None:
    claim = claim_one(paper, "paper")
    twice: Entry = entry("k")
    saved = store(paper, poll(claim, placed(admission(claim, twice)), placed(admission(claim, twice))))
    assert len(saved.new) == 1
