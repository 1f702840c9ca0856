"""Which event loop the polling processes run on."""

import asyncio
import sys

import pytest

from aggregator.daemon.loop import run


async def loop_module() -> str:
    return type(asyncio.get_running_loop()).__module__


def test_uvloop_runs_where_it_is_installed():
    pytest.importorskip("uvloop")
    assert run(loop_module()).startswith("uvloop")


def test_without_uvloop_the_loop_of_asyncio_runs(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run(loop_module()).startswith("asyncio")
