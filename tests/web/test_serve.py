"""The real server: granian in processes of its own, on a loopback port."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from aggregator.model import Web
from aggregator.web.serve import ListenError, counting_folder, try_address
from tests.running import family
from tests.web.paper import open_paper

START = """
import sys
from aggregator.model import Configuration, Web
from aggregator.web.serve import serve
if __name__ == "__main__":
    serve(Configuration(database=sys.argv[1], web=Web(port=int(sys.argv[2]), processes=2)))
"""
PATIENCE_S = 30
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.getcwd()}


@pytest.fixture
def address(sqlite_engine, tmp_path):
    open_paper(sqlite_engine)
    return command_for(sqlite_engine, tmp_path)


def command_for(engine, tmp_path):
    """Return the command that serves a store, and the port it serves at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = tmp_path / "start.py"
    program.write_text(START)
    return [sys.executable, str(program), str(engine.url), str(port)], port


@contextmanager
def running(command, port):
    process = subprocess.Popen(command, env=ENVIRONMENT)
    try:
        wait_for(lambda: ask(port, "/healthz")[0] == 200)
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def ask(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def is_closed(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_serves_feeds_and_stops_when_told(address):
    command, port = address
    with running(command, port) as process:
        answers = [ask(port, "/feeds/front-page.atom", Accept_Encoding="gzip") for _ in range(20)]
        assert {status for status, _, _ in answers} == {200}
        assert len({(headers["etag"], body) for _, headers, body in answers}) == 1
        tag = answers[0][1]["etag"]
        status, headers, body = ask(port, "/feeds/front-page.atom", Accept_Encoding="gzip", If_None_Match=tag)
        assert (status, headers["etag"], body) == (304, tag, b"")
        assert "date" in headers
        status, headers, body = ask(port, "/feeds/front-page.atom", method="HEAD", Accept_Encoding="gzip")
        assert (status, headers["content-length"], body) == (200, str(len(answers[0][2])), b"")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert is_closed(port)


def test_more_connections_than_it_may_open_files_wait_and_all_are_answered(address):
    command, port = address
    limited = ["sh", "-c", 'ulimit -n 80; exec "$@"', "sh", *command]
    with running(limited, port):
        made = [http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S) for _ in range(200)]
        for connection in made:
            connection.request("GET", "/", headers={"Connection": "close"})
        assert [connection.getresponse().status for connection in made] == [200] * len(made)
        for connection in made:
            connection.close()


def test_who_takes_nothing_of_an_answer_loses_the_connection(address, tmp_path):
    command, port = address
    program = tmp_path / "start.py"
    shortened = "import aggregator.web.wsgi\naggregator.web.wsgi.TAKEN_S = 1\n"
    program.write_text(shortened + START.replace("processes=2", "processes=1"))
    limited = ["sh", "-c", 'ulimit -n 80; exec "$@"', "sh", *command]
    with running(limited, port), ExitStack() as dead:
        for _ in range(24):
            line = dead.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.connect(("127.0.0.1", port))
            line.setblocking(False)
            # more than the kernel keeps for somebody who does not read
            with suppress(BlockingIOError):
                line.sendall(b"GET /static/paper.css HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
        wait_for(lambda: ask(port, "/feeds/front-page.atom")[0] == 200)


def test_it_stops_at_once_when_told_while_its_processes_begin(address):
    command, _ = address
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        wait_for(lambda: len(family(process.pid)) >= 2)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert b"refused to gracefully stop" not in said


def test_its_processes_end_with_it_even_when_it_is_killed(address):
    command, port = address
    with running(command, port) as process:
        process.kill()
        process.wait()
        wait_for(lambda: is_closed(port))


def test_what_a_killed_server_counted_goes_when_another_begins(sqlite_engine, tmp_path, monkeypatch):
    open_paper(sqlite_engine)
    monkeypatch.setitem(ENVIRONMENT, "TMPDIR", str(tmp_path))
    with running(*command_for(sqlite_engine, tmp_path)):
        (living,) = tmp_path.glob("aggregator-metrics-*")
        command, port = command_for(sqlite_engine, tmp_path)
        with running(command, port):
            (killed,) = {*tmp_path.glob("aggregator-metrics-*")} - {living}
        wait_for(lambda: is_closed(port))
        for folder in (living, killed):
            os.utime(folder, (0, 0))
        with running(*command_for(sqlite_engine, tmp_path)):
            assert living.exists()
            assert not killed.exists()


def test_where_no_file_can_be_locked_the_server_begins_all_the_same(monkeypatch, tmp_path):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "aggregator-metrics-old").mkdir()
    os.utime(tmp_path / "aggregator-metrics-old", (0, 0))
    with counting_folder() as folder:
        assert os.path.isdir(folder)
    assert (tmp_path / "aggregator-metrics-old").exists()


def test_a_taken_address_is_said_in_one_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = f"cannot listen on 127.0.0.1:{port}: address already in use; change web.listen"
        with pytest.raises(ListenError, match=said):
            try_address(Web(port=port), taken_s=0.2)


def test_an_address_that_is_given_up_soon_is_waited_for():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        soon = threading.Timer(0.3, other.close)
        soon.start()
        try_address(Web(port=other.getsockname()[1]), taken_s=30)
    soon.join()
