"""The files operators copy: they name commands that exist, and drop what they do not need."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess

import pytest
import yaml

from aggregator.cli import COMMANDS
from tests.running import ROOT


def test_compose_runs_commands_that_exist_without_privileges() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    for name in ("web", "worker"):
        assert services[name]["command"][0] in COMMANDS
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
    assert "postgres" in services["database"]["image"]


def test_the_image_runs_as_nobody_special_and_is_watched() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (\d+)$", text, re.M)[1] == re.search(r"useradd .*--uid (\d+) ", text)[1]
    assert "HEALTHCHECK" in text
    assert "/healthz" in text
    assert re.search(r'^CMD \["(\w+)"\]$', text, re.M)[1] in COMMANDS


def test_the_unit_reloads_drains_and_is_hardened() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / "deploy" / "aggregator.service")
    service = unit["Service"]
    assert service["ExecStart"].split()[-1] in COMMANDS
    assert "HUP" in service["ExecReload"]
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert int(service["TimeoutStopSec"]) > 12  # the children get twelve seconds to drain


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_understands_the_unit() -> None:
    path = ROOT / "deploy" / "aggregator.service"
    checked = subprocess.run(
        ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False
    )
    assert "Unknown" not in checked.stderr
