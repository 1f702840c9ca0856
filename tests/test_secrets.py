# ruff: noqa: E501 - what is configured and typed stands in rows
"""No secret is ever shown: a canary in every place that takes one, and everything that is said looked through.

A real daemon polls, subscribes, mails and calls; whoever it talks to fails in a way that would make it
complain. Then its tables are taken away, so that it logs tracebacks. Pages, feeds, documents for
machines, what commands print, the exported site and the log, as text and as JSON, are searched.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, make_url, text

from aggregator.cli import group
from tests.databases import Databases
from tests.origin import Origin, Reply, Seen
from tests.pushing import ATOM_TYPE, Hub, Reader, ask_hub, atom, call
from tests.running import Running, family, free_port, running, wait_until

#: where a secret is -> the secret; none is part of another word
SECRETS = {
    where: f"CANARY{number:02}{where.title().replace(' ', '')}"
    for number, where in enumerate(
        (
            "password of a source",
            "password from a file",
            "bearer token",
            "cookie",
            "key in a header",
            "password of a proxy",
            "password of the database",
            "other password of the database",
            "password of the mail server",
            "address of a webhook",
            "secret of a webhook",
            "secret of a subscriber",
            "token of the editors",
            "wrong token",
            "address of a person",
            "password in a refused url",
            "password in a redirect",
        )
    )
}
SEEDS = [
    "/", "/status", "/about", "/about/fetching", "/admin", "/search?q=barge",
    "/nowhere", "/healthz", "/readyz", "/metrics", "/status.json", "/feeds/problems.atom",
    "/feeds/problems.rss", "/feeds/problems.json", "/opml/feeds.opml", "/opml/sources.opml", "/robots.txt", "/sitemap.xml",
    "/feeds/desk.atom", "/hub",
]  # fmt: skip
COMMANDS = [
    "status",
    "status --json",
    "sources",
    "sources --json",
    "plan",
    "plan --json",
    "doctor",
    "check",
    "hosts",
]
COMMANDS += [
    "hub",
    "hub --json",
    "articles --json",
    "token list",
    "held",
    "marks",
    "subscribers --help",
    "explain {}",
]
COMMANDS += [
    "try {}",
    "render sources/basic.atom",
    "poll bearer",
    "poll proxied",
    "poll --all",
    "export site {}.site",
]
SOURCES = {
    "basic": "auth: 'ann:{password of a source}'",
    "file": "auth: '${{file:secret.txt}}'",
    "bearer": "auth: 'Bearer {bearer token}'",
    "cookie": "headers: {{Cookie: 'session={cookie}'}}",
    "keyed": "headers: {{X-Api-Key: '${{AGGREGATOR_TEST_KEY}}'}}",
    "proxied": "proxy: 'http://ann:{password of a proxy}@{at}'",
    "sent-on": "auth: 'ann:{password of a source}'",
}
CONFIG = """
site: {{title: Discreet, url: 'http://127.0.0.1:{port}'}}
web: {{listen: '127.0.0.1:{port}', admin_token: '{token of the editors}', direct_database: '{direct}'}}
database: '{database}'
fetch: {{allow_private: ['{at}']}}
sources:
{sources}
feeds: {{all: {{title: All}}, desk: {{title: Desk, access: token}}}}
mail: {{host: 127.0.0.1, port: {mail_port}, security: none, user: ann, password: '{password of the mail server}', from: a@b.example}}
newsletters: {{daily: {{feed: all, schedule: '0 7 * * *', subscribe: open, recipients: ['{address of a person}@b.example']}}}}
webhooks: {{hook: {{feed: all, url: 'http://{at}/hooks/{address of a webhook}', secret: '{secret of a webhook}'}}}}
"""


class Scene:
    """A paper full of secrets, whoever it deals with, and everything that was said so far."""

    def __init__(self, folder: Path, origin: Origin, mail_port: int, database: str) -> None:
        self.origin, self.port = origin, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = make_url(database)
        self.config = folder / "aggregator.yaml"
        self.hub = Hub(origin, "/hub")
        self.said: dict[str, str] = {}
        #: secrets that are made while it runs
        self.made: dict[str, str] = {}
        (folder / "secret.txt").write_text(f"ann:{SECRETS['password from a file']}\n", "utf-8")
        os.environ["AGGREGATOR_TEST_KEY"] = SECRETS["key in a header"]
        urls = [
            self.database.set(drivername="postgresql", password=SECRETS[f"{which}password of the database"])
            for which in ("", "other ")
        ]
        database, direct = (url.render_as_string(hide_password=False) for url in urls)
        words = {**SECRETS, "at": origin.at, "mail_port": mail_port, "port": self.port}
        listed = "\n".join(
            f"  - {{url: '{origin.url('/' + name)}', id: {name}, every: 1h, {settings.format(**words)}}}"
            for name, settings in SOURCES.items()
        )
        self.config.write_text(
            CONFIG.format(
                **words,
                sources=listed,
                database=database,
                direct=direct,
            ),
            "utf-8",
        )
        self._script()

    def _script(self) -> None:
        sound = Reply(200, (ATOM_TYPE,), atom(["Barge one"], hub=self.hub.url, own=self.origin.url("/basic")))
        wanted = b64encode(f"ann:{SECRETS['password of a source']}".encode()).decode()

        def guarded(seen: Seen) -> Reply:
            return sound if seen.header("Authorization") == f"Basic {wanted}" else Reply(401)

        self.origin.on("/basic", guarded)
        self.origin.on("/file", Reply(500))
        self.origin.on("/bearer", Reply(401))
        self.origin.on("/cookie", Reply(reset_after=10))
        self.origin.on("/keyed", Reply(200, (), b"no feed at all"))
        self.origin.on(self.origin.url("/proxied"), Reply(407))
        elsewhere = f"http://ann:{SECRETS['password in a redirect']}@127.0.0.9:{self.origin.port}/"
        self.origin.on("/sent-on", Reply(301, (("Location", elsewhere),)))

    def hear(self, what: str, text: str) -> None:
        """Keep what was said."""
        self.said[what] = text

    def run(self, words: str) -> None:
        """Run a command in this process and keep what it prints, or raises."""
        words = words.replace("{}", self.origin.url("/basic") if "site" not in words else str(self.config))
        done = CliRunner().invoke(group, ["--config", str(self.config), *words.split()])
        self.hear(words, f"{done.output}{done.exception!r}")

    def visit(self, program: Running) -> None:
        """Look at every page that a link leads to from the usual ones."""
        waiting, seen = list(SEEDS), set(SEEDS)
        while waiting:
            path = waiting.pop()
            status, headers, body = program.get(path)
            shown = body.decode("utf-8", "replace")
            self.hear(path, f"{status} {headers} {shown}")
            for link in re.findall(rf'(?:href|src)="(?:{self.url})?(/[^"#]*)"', shown):
                if link not in seen and len(seen) < 150:
                    seen.add(link)
                    waiting.append(link)

    def offend(self, program: Running) -> None:
        """Show the server secrets that are wrong, or in the wrong place."""
        wrong, form = SECRETS["wrong token"], {"Content-Type": "application/x-www-form-urlencoded"}
        for path in ("/feeds/desk.atom", "/nowhere", "/feeds/all.atom", "/search"):
            asked = program.get(f"{path}?token={wrong}", {"Authorization": f"Bearer {wrong}"})
            self.hear(f"{path} with a token", str(asked))
        for path in ("/admin/login", "/admin/decide", "/admin/post"):
            sent = urlencode({"token": wrong, "proof": wrong, "who": "ann"}).encode()
            self.hear(
                path, str(call(self.url + path, sent, {**form, "Cookie": f"aggregator-editor={wrong}"}))
            )
        self.hear(
            "/websub", str(call(f"{self.url}/websub/{wrong}", b"x", {"X-Hub-Signature": f"sha1={wrong}"}))
        )
        address = SECRETS["address of a person"] + "2@b.example"
        call(f"{self.url}/newsletters/daily", urlencode({"email": address}).encode(), form)

    def follow(self) -> None:
        """Make secrets of its own come into being, and callers fail."""
        wait_until(lambda: self.hub.requests, what="a subscription")
        self.made["secret told to a hub"] = self.hub.requests[0]["hub.secret"]
        self.made["address for a hub"] = self.hub.requests[0]["hub.callback"].rpartition("/")[2]
        assert self.hub.deliver(b"x", header="sha256=00") == 403
        assert self.hub.deliver(b"not a feed") == 202
        assert self.hub.deliver(atom(["Barge two"])) == 202
        reader = Reader(self.origin)
        reader.status = 500
        topic = f"{self.url}/feeds/all.atom"
        secret = SECRETS["secret of a subscriber"]
        assert ask_hub(f"{self.url}/hub", f"{reader.url}?key={secret}", topic, secret=secret) == 202
        wait_until(lambda: reader.questions, what="the callback to be asked")
        issued = CliRunner().invoke(group, ["--config", str(self.config), "token", "add", "desk"])
        self.made["token of a feed"] = issued.stdout.strip()

    def tell(self) -> None:
        """Deliver news until the webhook, which is told of what comes after it was first seen, is called."""
        titles = iter(f"Barge {number}" for number in range(3, 1000))
        hook = f"/hooks/{SECRETS['address of a webhook']}"

        def is_called() -> bool:
            self.hub.deliver(atom([next(titles)]))
            return bool(self.origin.seen(hook))

        # the mail server, which never answers, holds nothing up
        wait_until(is_called, timeout_s=25, what="the webhook to be called")

    def break_tables(self, program: Running) -> None:
        """Refuse rows and take a column away below the running program: all that is asked of them fails."""
        engine = create_engine(
            self.database.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        text_now = self.config.read_text("utf-8")
        self.config.write_text(text_now.replace("title: All", "title: Everything"), "utf-8")
        with engine.connect() as connection:
            connection.execute(text("ALTER TABLE applied ADD CHECK (1 > 2) NOT VALID"))
            wait_until(lambda: "CheckViolation" in program.log.read_text("utf-8"), what="a refused row")
            connection.execute(text("ALTER TABLE sources RENAME COLUMN settings TO gone"))
            wait_until(lambda: "UndefinedColumn" in program.log.read_text("utf-8"), what="a refused query")
        engine.dispose()
        for path in ("/", "/search?q=unheard", "/status", "/metrics", "/status.json"):
            self.hear(f"{path} without tables", str(program.get(path)))
        for words in ("status", "articles --json", "poll basic", "doctor"):
            self.run(words)

    def refuse(self) -> None:
        """What is typed wrongly is refused without being repeated."""
        bad = SECRETS["password in a refused url"]
        there, own = f"http://ann:{bad}@{self.origin.at}/basic", self.config.read_text("utf-8")
        for number, line in enumerate(
            (
                f"sources: [{{url: '{there}'}}]",
                f"sources: [{{url: http://a.example/, auth: {bad}}}]",
                f"sources: [{{url: http://a.example/, auth: [{bad}], proxy: '{bad}', headers: '{bad}'}}]",
                f"sources: [{{opml: '{there}'}}, {{page: '{there}'}}, {{url: '{bad}'}}]",
                f"mail: {{host: h, passwort: {bad}, from: {bad}}}",
                f"webhooks: {{a: {{feed: b, url: '{there}', secret: {{a: {bad}}}}}}}",
                f"web: {{admin_token: [{bad}]}}",
                f"web: {{admin_token: '{bad[:8]}'}}",
                f"database: 'postgres//ann:{bad}@h/b'",
                f"database: 'postgresql://ann:{bad}@h:port/b'",
                f"database: 'postgresql://ann:{bad}@127.0.0.1:1/b'",
            )
        ):
            path = self.config.with_name(f"refused{number}.yaml")
            path.write_text(line, "utf-8")
            for words in ("check", "status"):
                done = CliRunner().invoke(group, ["--config", str(path), words])
                self.hear(f"{words} {number}", f"{done.output}{done.exception!r}")
            assert done.exit_code, line
        opml = self.config.with_name("list.opml")
        opml.write_text(
            f'<opml version="2.0"><body><outline text="x" xmlUrl="{there}"/></body></opml>', "utf-8"
        )
        taken = self.config.with_name("taken.yaml")  # what is imported is the file, and no message
        for words in (f"try {there}", f"add {there}", f"import {opml} --to {taken}", f"move postgresql://ann:{bad}@127.0.0.1:1/b",
                      f"move postgres//ann:{bad}@h/b", f"explain {there}x"):  # fmt: skip
            self.run(words.replace(there, quote(there, safe=":/@")))
        assert self.config.read_text("utf-8") == own


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("secrets")
    databases = Databases(folder)
    ours = logging.getLogger("aggregator")  # commands in this process set its level
    level = ours.level
    with Origin() as origin, socket.create_server(("127.0.0.1", 0)) as silent:
        scene = Scene(folder, origin, silent.getsockname()[1], databases.url("postgresql", migrated=False))
        with running(scene.config, scene.url, "--verbose", "--log-format", "json", "run") as program:
            origin.wait_for("/sent-on", timeout_s=30)
            scene.follow()
            scene.offend(program)
            wait_until(
                lambda: b"Barge two" in program.get("/sources/basic.atom")[2], what="the pushed article"
            )
            scene.visit(program)
            for words in COMMANDS:
                scene.run(words)
            scene.hear("command lines", str(family(program.process.pid)))
            other = make_url(databases.url("postgresql", migrated=False)).set(drivername="postgresql")
            other = other.set(password=SECRETS["password of the database"])
            scene.run(f"move {other.render_as_string(hide_password=False)}")
            scene.tell()
            scene.break_tables(program)
            silent.close()  # nobody is kept waiting for it at the end
            program.kill()
        scene.hear("log", program.log.read_text("utf-8", "replace"))
        scene.refuse()
        exported = scene.config.with_name("aggregator.yaml.site")
        for path in exported.rglob("*"):
            if path.is_file():
                scene.hear(str(path), path.read_bytes().decode("utf-8", "replace"))
        yield scene
    ours.setLevel(level)
    databases.close()


def test_the_scene_was_as_bad_as_it_should_be(scene: Scene) -> None:
    """Everybody was asked and complained, and everything was looked at."""
    log = scene.said["log"]
    assert "webhook=hook" in log
    assert "Copied" in next(
        said for what, said in scene.said.items() if what.startswith("move postgresql://")
    )
    assert "UndefinedColumn" in log
    assert "CheckViolation" in log
    assert all(json.loads(line)["message"] for line in log.splitlines())
    assert "401" in scene.said["status --json"]
    assert len([said for said in scene.said if said.startswith("/")]) > 40
    assert scene.origin.seen("/keyed")[0].header("X-Api-Key") == SECRETS["key in a header"]
    assert scene.origin.seen(scene.origin.url("/proxied"))[0].header("Proxy-Authorization")


@pytest.mark.parametrize("where", [*SECRETS, "secret told to a hub", "address for a hub", "token of a feed"])
def test_nothing_that_is_said_holds_the(where: str, scene: Scene) -> None:
    secret = SECRETS.get(where) or scene.made[where]
    forms = {secret, b64encode(f"ann:{secret}".encode()).decode()}
    leaks = [f"{what}: …{said[max(0, at - 80) : at + 60]}…" for what, said in scene.said.items()
             for form in forms if (at := said.find(form)) >= 0]  # fmt: skip
    assert leaks == []
