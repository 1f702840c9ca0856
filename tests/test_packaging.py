"""What a person installs: the wheel is whole, `init` gives a start, the Procfile works."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.running import ROOT, environment, free_port, wait_until
from tests.world import Origin, World


def test_the_wheel_holds_templates_styles_migrations_and_starters(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "-w",
        str(tmp_path),
    ]
    built = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "aggregator").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= names, sorted(wanted - names)
    assert not [name for name in names if name.startswith("tests/")]


def test_the_extra_fulltext_is_whole_with_the_pip_of_debian_12() -> None:
    """pip 23.0 takes ``lxml[html_clean]`` of justext for plain lxml, and importing trafilatura fails."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[><=]", each)[0] for each in project["optional-dependencies"]["fulltext"]]
    assert names == ["trafilatura", "lxml_html_clean"]


@pytest.mark.parametrize("starter", ["london-daily", "minimal", "planet"])
def test_init_writes_a_configuration_that_check_finds_good(starter: str, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "aggregator", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
        )

    assert run("init", starter).returncode == 0
    assert "good" in run("check").stdout
    again = run("init", starter)
    assert again.returncode == 1
    assert "Traceback" not in again.stderr


def test_the_procfile_works_under_honcho(tmp_path: Path) -> None:
    port = free_port()
    with Origin(World()) as origin:
        at = origin.url.removeprefix("http://")
        config = tmp_path / "aggregator.yaml"
        config.write_text(
            f'site: {{title: Honcho, url: "http://127.0.0.1:{port}"}}\nweb: {{listen: "127.0.0.1:{port}"}}\n'
            f'database: sqlite:///honcho.db\nfetch: {{allow_private: ["{at}"]}}\n'
            f'sources:\n  - {{url: "{origin.url}/courier/business.xml", every: 1s}}\n'
            "feeds: {all: {query: ''}}\n"
        )
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        honcho = subprocess.Popen(
            [sys.executable, "-m", "honcho", "-f", str(ROOT / "Procfile"), "-d", str(tmp_path), "start"],
            env={**environment(), "AGGREGATOR_CONFIG": str(config), "PATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(
                lambda: b"<entry" in _body(f"http://127.0.0.1:{port}/feeds/all.atom"), what="a filled feed"
            )
        finally:
            honcho.send_signal(signal.SIGTERM)
            honcho.wait(20)


def _body(url: str) -> bytes:
    import urllib.request

    with urllib.request.urlopen(url, timeout=5) as answer:
        return bytes(answer.read())
