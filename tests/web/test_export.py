"""The site as files: everything the server answers, written once, kept current, served by a real nginx."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from datetime import timedelta
from urllib.parse import urlsplit

import brotli
import lxml.html
import pytest

from aggregator.web.export import export_site
from aggregator.web.export_folder import BEGUN, MANIFEST, ExportError
from tests.running import ROOT, aggregator, ask, free_port, running, wait_until
from tests.store.making import NOW, arrive, entry

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def app_of(paper):
    return paper.client.application


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_written_is_what_the_server_answers(paper, tmp_path):
    done = export_site(app_of(paper), tmp_path / "site")
    written = files(tmp_path / "site")
    assert done.written == len(written) - 1
    assert {"index.html", "404.html", "feeds/front-page.atom", "feeds/front-page.html", "articles/1.html",
            "topics/tide.json", "opml/feeds.opml", "sitemap.xml",
            "static/paper.css", "editions/2026-03-01.html",
            "favicon.ico"} <= set(written)  # fmt: skip
    assert written["feeds/front-page.rss"] == paper.get("/feeds/front-page.rss").data
    for name, body in written.items():
        if name.endswith(".gz"):
            assert gzip.decompress(body) == written[name[:-3]]
        if name.endswith(".br"):
            assert brotli.decompress(body) == written[name[:-3]]
    assert "index.html.br" in written


def test_every_link_between_the_files_leads_to_a_file(paper, tmp_path):
    export_site(app_of(paper), tmp_path / "site")
    written = files(tmp_path / "site")
    for name, body in written.items():
        if not name.endswith(".html"):
            continue
        page = lxml.html.document_fromstring(body)
        assert not page.xpath("//form"), "nobody answers a form"
        for link in page.xpath("//a/@href | //link/@href"):
            parts = urlsplit(link)
            if parts.netloc in ("", "gazette.example") and parts.scheme in ("", "https") and parts.path:
                path = parts.path.strip("/")
                assert {path, f"{path}.html", f"{path}index.html"} & set(written), f"{name} links to {link}"


def test_the_second_run_writes_only_what_changed(paper, tmp_path):
    export_site(app_of(paper), tmp_path / "site")
    first = files(tmp_path / "site")
    export_site(app_of(paper), tmp_path / "site")
    second = files(tmp_path / "site")
    changed = {name for name in first if second[name] != first[name]}
    assert all(name.startswith(("status", "about/fetching", MANIFEST)) for name in changed), (
        "those tell the time"
    )
    untouched = (tmp_path / "site" / "topics" / "tide.atom").stat().st_mtime_ns
    arrive(
        paper.engine, "harbour-herald", entry("late", title="Stop press", published=NOW),
        feeds=["front-page"], at=NOW + timedelta(hours=1),
    )  # fmt: skip
    done = export_site(app_of(paper), tmp_path / "site")
    assert 0 < done.written < done.unchanged + done.written
    assert b"Stop press" in (tmp_path / "site" / "index.html").read_bytes()
    assert (tmp_path / "site" / "topics" / "tide.atom").stat().st_mtime_ns == untouched


def test_what_is_not_published_any_more_is_removed_and_nothing_else(paper, tmp_path):
    site = tmp_path / "site"
    export_site(app_of(paper), site)
    (site / "own.txt").write_text("mine")
    (site / "old.html").write_text("ours, once")
    manifest = (site / MANIFEST).read_text()
    (site / MANIFEST).write_text(manifest.replace("[", '["old.html", ', 1))
    assert export_site(app_of(paper), site).removed == 1
    assert not (site / "old.html").exists()
    assert (site / "own.txt").read_text() == "mine"


def test_a_folder_of_somebody_else_is_left_alone(paper, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ExportError, match="holds something else"):
        export_site(app_of(paper), tmp_path)
    assert files(tmp_path) == {"thesis.txt": b"mine"}


def test_a_run_after_one_that_was_killed_goes_on_and_leaves_nothing_of_it(paper, tmp_path):
    site = tmp_path / "site"
    # killed in the first file of the second page
    (site / "feeds").mkdir(parents=True)
    (site / BEGUN).write_text("index.html\nfeeds/withdrawn.html\nfeeds/fro")
    (site / "feeds" / "withdrawn.html").write_text("ours, once")
    (site / "feeds" / ".writing-k3v1n").write_text("<!doctype ht")
    export_site(app_of(paper), site)
    left = set(files(site))
    assert left == {*json.loads((site / MANIFEST).read_bytes()), MANIFEST}
    assert "feeds/withdrawn.html" not in left


def test_a_run_that_is_killed_has_written_down_what_is_ours(paper, tmp_path):
    class Killed(BaseException):
        pass

    def kill(count):
        if count > 20:
            raise Killed

    site = tmp_path / "site"
    with pytest.raises(Killed):
        export_site(app_of(paper), site, progress=kill)
    assert set(files(site)) == {*(site / BEGUN).read_text().split(), BEGUN}
    assert export_site(app_of(paper), site).unchanged > 0


@pytest.fixture
def nginx(paper, tmp_path):
    """A real nginx with the documented configuration on the exported site."""
    if NGINX is None:
        pytest.skip("needs nginx (Debian: apt install nginx)")
    export_site(app_of(paper), tmp_path / "site")
    port = free_port()
    text = (ROOT / "docs" / "how-to" / "nginx.conf").read_text("utf-8")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};").replace(
        "/srv/paper", str(tmp_path / "site")
    )
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    for folder in (tmp_path, tmp_path / "site", *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005 and "pytest" in str(folder):
            folder.chmod(0o755)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off;\n{folders}{text}\n}}\n"
    )
    command = [NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-g", "daemon off;"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    wait_until(lambda: ask(url, {})[0] == 200, what="nginx")
    yield url
    process.terminate()
    process.wait(10)


def test_nginx_serves_the_files_as_our_server_does(nginx, paper):
    for path in ("/", "/feeds", "/feeds/front-page", "/feeds/front-page.atom", "/feeds/front-page.json",
                 "/topics/tide.rss", "/articles/1", "/static/paper.css", "/opml/feeds.opml", "/status.json",
                 "/robots.txt", "/sitemap.xml", "/favicon.ico", "/nowhere"):  # fmt: skip
        ours, (status, headers, _) = paper.get(path), ask(nginx + path, {})
        assert status == ours.status_code, path
        assert headers["content-type"].replace('"', "") == ours.headers["Content-Type"], path
        for name in ("X-Content-Type-Options", "Referrer-Policy"):
            assert headers[name.lower()] == ours.headers[name], path
        if status == 200:
            assert headers["cache-control"] == ours.headers["Cache-Control"], path
        if path != "/static/paper.css":
            assert headers["content-security-policy"] == ours.headers["Content-Security-Policy"], path
        assert headers.get("access-control-allow-origin") == ours.headers.get(
            "Access-Control-Allow-Origin"
        ), path


def test_nginx_lets_readers_in_a_browser_ask_as_our_server_does(nginx, paper):
    path, asked = "/feeds/front-page.atom", {"Access-Control-Request-Method": "GET"}
    ours = paper.client.options(path, headers=asked).headers
    _, theirs, _ = ask(nginx + path, asked, method="OPTIONS")
    names = [name for name, _ in ours if name.startswith("Access-Control-Allow")]
    assert len(names) == 3
    assert {name: theirs.get(name.lower()) for name in names} == {name: ours[name] for name in names}


def test_nginx_answers_compressed_and_conditionally(nginx, paper):
    status, headers, body = ask(nginx + "/feeds/front-page.atom", {"Accept-Encoding": "gzip"})
    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert gzip.decompress(body) == paper.get("/feeds/front-page.atom").data
    known = {"Accept-Encoding": "gzip", "If-None-Match": headers["etag"]}
    assert ask(nginx + "/feeds/front-page.atom", known)[0] == 304
    assert ask(f"{nginx}/{MANIFEST}", {})[0] == 404


def test_the_running_program_keeps_the_files(tmp_path):
    port = free_port()
    config = tmp_path / "paper.yaml"
    config.write_text(
        f'site: {{title: Quay}}\nweb: {{listen: "127.0.0.1:{port}"}}\ndatabase: sqlite:///paper.db\n'
    )
    said = aggregator(config, "export", "site", str(tmp_path / "once")).stdout
    assert "0 unchanged, 0 removed" in said
    index = tmp_path / "site" / "index.html"
    with running(config, f"http://127.0.0.1:{port}", "run", "--export", str(tmp_path / "site")):
        wait_until(lambda: index.exists() and b"Quay" in index.read_bytes(), what="the exported front page")
        config.write_text(config.read_text().replace("Quay", "Harbour"))
        wait_until(lambda: b"Harbour" in index.read_bytes(), what="the change in the exported front page")
