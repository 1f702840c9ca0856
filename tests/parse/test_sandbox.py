"""Reading in processes that can be killed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from aggregator.daemon.poller import CLAIM_S
from aggregator.errors import NotAFeed, ParseKilled
from aggregator.model.markup import Markup
from aggregator.parse import sandbox_lane, sandbox_reader
from aggregator.parse.sandbox import MOST_SLOW, QUICK_S, TIMEOUT_S, Sandbox
from aggregator.parse.sandbox_lane import Lane, Task
from aggregator.parse.sandbox_process import Limits
from aggregator.parse.sandbox_reader import AHEAD_BYTES, Ended, Reader
from aggregator.pipeline.polls import LONGEST_READING_S
from tests.running import wait_until

FEED = b"<rss version='2.0'><channel><title>t</title><item><guid>1</guid></item></channel></rss>"
#: entries enough for minutes
ENDLESS = b"<rss version='2.0'><channel>" + b"<item/>" * 2_000_000 + b"</channel></rss>"

LIMITS = Limits(memory_bytes=150_000_000, niceness=0, timeout_s=10.0)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, timeout_s=1.0, memory_bytes=150_000_000) as made:
        yield made


def read(sandbox: Sandbox, body: bytes) -> object:
    return sandbox.parse(body, "https://test.example/feed", {"content-type": "text/xml"}).result(timeout=60)


def test_a_feed_comes_back_whole(sandbox: Sandbox) -> None:
    parsed = sandbox.parse(FEED, "https://test.example/feed", {}).result(timeout=60)
    assert [entry.key for entry in parsed.entries] == ["1"]


def test_what_is_no_feed_is_said_with_its_reason(sandbox: Sandbox) -> None:
    with pytest.raises(NotAFeed, match="HTML page"):
        read(sandbox, b"<html></html>")


def test_a_document_without_end_is_killed_and_the_next_one_is_read(sandbox: Sandbox) -> None:
    with pytest.raises(ParseKilled):
        read(sandbox, ENDLESS)
    assert read(sandbox, FEED)


def end_the_reader(body: bytes, url: str) -> None:
    os._exit(1)


def echo(body: bytes, url: str) -> bytes:
    return body


@pytest.mark.parametrize("size", [10, AHEAD_BYTES, AHEAD_BYTES + 1])
def test_what_a_reader_was_given_beforehand_outlives_it(size: int) -> None:
    """A reader has the next small document with it already when one ends its process."""
    done: dict[int, object] = {}
    lane = Lane(1, LIMITS, lambda _, task, came_to: done.update({int(task.url): came_to}))
    lane.hold(True)
    for number, what in enumerate([end_the_reader, echo, echo, end_the_reader, end_the_reader, echo]):
        arguments = {"body": bytes(size), "url": str(number)}
        lane.add(Task(Future(), what, Markup(), arguments))
    lane.hold(False)
    wait_until(lambda: len(done) == 6, what="all six")
    lane.stop()
    lane.join()
    assert {number for number, came_to in done.items() if isinstance(came_to, Ended)} == {0, 3, 4}
    assert [done[number] for number in (1, 2, 5)] == [bytes(size)] * 3


def swell(body: bytes, url: str, beside: bytes) -> bytes:
    return bytes(3_000_000)


@pytest.mark.parametrize("beside", [b"", bytes(1_000_000)], ids=["little room", "long headers"])
def test_no_reader_waits_to_be_rid_of_one_result_while_it_is_given_the_next_task(
    beside: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = socket.socketpair

    def little_room() -> tuple[socket.socket, socket.socket]:
        ends = whole()
        for end in ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        return ends

    monkeypatch.setattr(socket, "socketpair", little_room)
    done: list[object] = []
    lane = Lane(1, LIMITS, lambda lane, task, came_to: done.append(came_to))
    lane.hold(True)
    for _ in range(3):
        arguments = {"body": bytes(AHEAD_BYTES // 2), "url": "", "beside": beside}
        lane.add(Task(Future(), swell, Markup(), arguments))
    lane.hold(False)
    wait_until(lambda: len(done) == 3, what="all three")
    lane.stop()
    lane.join()
    assert done == [bytes(3_000_000)] * 3


def test_a_document_that_needs_too_much_memory_is_killed_and_the_next_one_is_read() -> None:
    with Sandbox(workers=1, timeout_s=60.0, memory_bytes=60_000_000) as small:
        with pytest.raises(ParseKilled, match="memory"):
            read(small, ENDLESS[:1_000_000])
        assert read(small, FEED)


def test_what_takes_long_keeps_nobody_waiting_but_its_like() -> None:
    """Four endless documents, one process, and a feed behind them all."""
    with Sandbox(workers=1, timeout_s=30.0, quick_s=0.5) as sandbox:
        assert read(sandbox, FEED)
        endless = [sandbox.parse(ENDLESS, f"https://test.example/{n}", {}) for n in range(4)]
        assert read(sandbox, FEED)
        assert not endless[-1].done()
        # known by now: they do not stand in the way of others for a moment
        again = sandbox.parse(ENDLESS, "https://test.example/0", {})
        assert read(sandbox, FEED)
        assert not again.done()


def test_small_documents_pass_large_ones_that_came_before() -> None:
    """One process with its hands full, ten documents of half a megabyte, and a feed behind them all."""
    half = FEED.replace(b"<item>", b"<item><title>word</title></item>" * 10_000 + b"<item>")
    with Sandbox(workers=1, timeout_s=60.0, quick_s=60.0) as sandbox:
        large = [sandbox.parse(half, f"https://test.example/{n}", {}) for n in range(10)]
        assert read(sandbox, FEED)
        assert not large[-1].done()


def test_what_waits_while_the_sandbox_is_held_is_read_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_lane, "IDLE_S", 0.01)  # held for longer than a reader waits for work
    with Sandbox(workers=1) as sandbox:
        sandbox.hold(True)
        waiting = sandbox.parse(FEED, "https://test.example/feed", {})
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.1)
        sandbox.hold(False)
        assert waiting.result(timeout=60)


def test_a_reader_that_was_killed_while_it_waited_costs_no_document() -> None:
    with Sandbox(workers=1) as sandbox:
        assert read(sandbox, FEED)
        sandbox.hold(True)
        waiting = sandbox.parse(FEED, "https://test.example/feed", {})
        (reader,) = processes(sandbox)
        os.kill(reader, signal.SIGKILL)
        wait_until(lambda: has_ended(reader), what="its end")
        sandbox.hold(False)
        assert waiting.result(timeout=60)


def test_what_is_held_for_long_is_read_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_lane, "IDLE_S", 0.01)
    monkeypatch.setattr(sandbox_lane, "LONGEST_HOLD_S", 0.05)
    with Sandbox(workers=1) as sandbox:
        sandbox.hold(True)
        assert sandbox.parse(FEED, "https://test.example/feed", {}).result(timeout=60)
        sandbox.hold(True)  # said again, it begins no second wait
        assert sandbox.parse(FEED, "https://test.example/feed", {}).result(timeout=60)


def test_readings_that_are_held_end_before_who_waits_gives_up() -> None:
    longest = sandbox_lane.LONGEST_HOLD_S + QUICK_S + MOST_SLOW * TIMEOUT_S
    assert longest < LONGEST_READING_S < CLAIM_S / 1.5


def test_a_charset_without_a_label_is_told_in_a_reader_as_it_is_here() -> None:
    title = "Съешь же ещё этих мягких французских булок, да выпей чаю: новости дня"
    body = FEED.replace(b"<guid>", b"<title>" + title.encode("cp1251") + b"</title><guid>")
    with Sandbox(workers=0) as here, Sandbox(workers=1) as there:
        assert [read(one, body).entries[0].title for one in (here, there)] == [title] * 2


def test_a_process_is_no_larger_after_a_large_document() -> None:
    """What a brace of megabytes took goes back to the system when it was read."""
    large = FEED.replace(b"<item>", b"<item><description>" + b"&lt;" * 600_000 + b"</description>")
    with Sandbox(workers=1, timeout_s=60.0, quick_s=60.0) as sandbox:
        weights = []
        for body in (FEED, large):
            assert read(sandbox, body)
            weights.append(max(resident_mb(pid) for pid in processes(sandbox)))
    assert weights[1] < weights[0] + 40


def processes(sandbox: Sandbox) -> list[int]:
    """The readers of all lanes."""
    return [reader.pid for lane in sandbox._lanes for reader in lane._readers]


def has_ended(pid: int) -> bool:
    """Whether a process has ended; its parent may not have noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].startswith("Z")
    except FileNotFoundError:
        return True


def resident_mb(pid: int) -> float:
    """What a process has in memory, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1000


def test_documents_that_take_long_do_not_queue_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_lane, "LONGEST_HOLD_S", 600.0)
    with Sandbox(workers=1, timeout_s=30.0, quick_s=0.3) as sandbox:
        sandbox._lanes[-1].hold(True)  # on a busy machine the first would have ended before the last has come
        endless = [sandbox.parse(ENDLESS, f"https://test.example/{n}", {}) for n in range(MOST_SLOW + 1)]
        with pytest.raises(ParseKilled, match="others"):
            endless[-1].result(timeout=60)


def test_what_is_only_large_is_read_in_the_slow_lane() -> None:
    large = FEED.replace(b"<item>", b"<item/>" * 3000 + b"<item>")
    with Sandbox(workers=1, timeout_s=60.0, quick_s=0.05) as sandbox:
        entries = sandbox.parse(large, "https://test.example/feed", {}).result(timeout=60).entries
    assert "1" in {entry.key for entry in entries}


def test_closing_twice_is_fine_and_ends_what_is_under_way() -> None:
    sandbox = Sandbox(workers=1, timeout_s=30.0)
    future = sandbox.parse(ENDLESS, "https://test.example/", {})
    sandbox.close()
    sandbox.close()
    with pytest.raises(ParseKilled):
        future.result(timeout=30)


def test_a_reader_that_is_killed_costs_one_document_at_most() -> None:
    with Sandbox(workers=1) as sandbox:
        assert read(sandbox, FEED)
        (reader,) = processes(sandbox)
        os.kill(reader, signal.SIGKILL)
        # it may have been asked before it ended
        with suppress(ParseKilled):
            read(sandbox, FEED)
        assert read(sandbox, FEED)


def test_readers_with_nothing_to_read_end_and_begin_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.parse.sandbox_lane.IDLE_S", 0.05)
    with Sandbox(workers=2) as sandbox:
        assert read(sandbox, FEED)
        wait_until(lambda: not sandbox._lanes[0]._threads, what="the reader to end")
        assert read(sandbox, FEED)


def is_there(pid: int) -> bool:
    """Tell whether a process has this number, be it one that ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_closing_leaves_no_reader() -> None:
    """Not the one that reads without end, nor one that was stopped, nor one that has just begun."""
    sandbox = Sandbox(workers=2, timeout_s=30.0)
    assert read(sandbox, FEED)
    sandbox.parse(ENDLESS[:900_000], "https://test.example/", {})
    sandbox.parse(ENDLESS, "https://test.example/large", {})
    wait_until(lambda: len(processes(sandbox)) > 1, what="a second reader")
    begun = processes(sandbox)
    os.kill(begun[0], signal.SIGSTOP)
    sandbox.close()
    assert not any(map(is_there, begun))
    assert not processes(sandbox)


def test_a_reader_begun_beforehand_reads_the_first_document() -> None:
    with Sandbox(workers=1) as sandbox:
        sandbox.expect()
        wait_until(lambda: processes(sandbox), what="a reader")
        begun = processes(sandbox)
        assert read(sandbox, FEED)
        assert processes(sandbox) == begun


def test_a_reader_that_stands_still_is_ended_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_reader, "_END_S", 0.1)
    reader = Reader(LIMITS)
    reader.begin()
    os.kill(reader.pid, signal.SIGSTOP)
    reader.close()
    assert not is_there(reader.pid)


def test_a_reader_that_does_not_begin_in_time_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_reader, "_START_S", 0.1)
    reader = Reader(LIMITS)
    os.kill(reader.pid, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        reader.begin()
    reader.kill()
    reader.close()


def test_a_reader_without_its_program_ends_whatever_it_reads() -> None:
    """A killed program leaves none behind: neither one that waits nor one amid a document."""
    code = (
        "from aggregator.parse.sandbox import Sandbox; import time; sandbox = Sandbox(timeout_s=1.0)\n"
        "for name, body in ('feed', b'<rss/>'), ('endless', b'<rss><channel>' + b'<item/>' * 120_000):\n"
        "    sandbox.parse(body, name, {}).exception() if name == 'feed' else sandbox.parse(body, name, {})\n"
        "while not (pids := [reader.pid for lane in sandbox._lanes for reader in lane._readers])"
        " or any(lane._queue for lane in sandbox._lanes): time.sleep(0.01)\n"
        "print(*pids, flush=True); time.sleep(60)"
    )
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program.stdout:
        pids = [int(word) for word in program.stdout.readline().split()]
    program.kill()
    program.wait()
    assert pids
    wait_until(lambda: all(map(has_ended, pids)), what="the end of its readers")


def test_a_lane_outlives_a_system_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: Thread) -> None:
        raise RuntimeError("can't start new thread")

    with Sandbox(workers=1) as sandbox:
        with monkeypatch.context() as crowded:
            crowded.setattr(Thread, "start", refuse)
            with pytest.raises(ParseKilled, match="no further thread"):
                read(sandbox, FEED)
        assert read(sandbox, FEED)


def test_a_system_without_processes_is_to_blame_not_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    with Sandbox(workers=1) as sandbox:
        with monkeypatch.context() as crowded:
            crowded.setattr(subprocess, "Popen", refuse)
            with pytest.raises(ParseKilled, match="no further process"):
                read(sandbox, FEED)
        assert read(sandbox, FEED)


def test_what_is_typed_at_a_terminal_is_for_the_program() -> None:
    """A reader that is beginning would write a traceback, one that reads would end its document."""
    with Sandbox(workers=1) as sandbox:
        sandbox.expect()
        wait_until(lambda: processes(sandbox), what="a reader")
        assert os.getpgid(processes(sandbox)[0]) != os.getpgrp()


def test_closing_waits_for_readers_that_have_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    is_closing, closed = Event(), []
    close = Reader.close

    def close_slowly(reader: Reader) -> None:
        is_closing.set()
        close(reader)
        Event().wait(0.2)
        closed.append(reader)

    sandbox = Sandbox(workers=1)
    assert read(sandbox, FEED)
    monkeypatch.setattr(Reader, "close", close_slowly)
    lane = sandbox._lanes[0]
    lane.stop()
    assert is_closing.wait(10)
    lane.join()
    assert closed
    sandbox.close()


def test_a_system_that_takes_no_limit_of_memory_reads() -> None:
    """macOS says that any useful one is invalid."""
    code = (
        "import resource\n"
        "def refuse(*_): raise ValueError('current limit exceeds maximum limit')\n"
        "resource.setrlimit = refuse\n"
        "from aggregator.parse.sandbox_process import Limits, _limit\n"
        f"_limit({LIMITS})"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_closed_sandbox_reads_nothing() -> None:
    sandbox = Sandbox(workers=1)
    sandbox.close()
    with pytest.raises(ParseKilled, match="stopped"):
        read(sandbox, FEED)


def test_without_workers_it_reads_here() -> None:
    with Sandbox(workers=0) as here:
        assert read(here, FEED)
        with pytest.raises(NotAFeed):
            read(here, b"")
