"""Tokens as a person makes, lists and revokes them on the command line, and the running server obeys."""

from __future__ import annotations

from tests.running import free_port, json_lines, printed, refused, running, wait_until


def test_a_token_is_made_listed_used_and_revoked(tmp_path):
    port = free_port()
    config = tmp_path / "aggregator.yaml"
    config.write_text(
        f"site: {{url: 'http://127.0.0.1:{port}'}}\nweb: {{listen: '127.0.0.1:{port}'}}\n"
        f"database: sqlite:///{tmp_path}/a.db\nfeeds: {{desk: {{access: token}}, open: {{}}}}\n",
        "utf-8",
    )
    secret = printed(config, "token", "add", "desk", "--name", "Ada").strip()
    assert "public" in refused(config, "token", "add", "open")
    assert "no feed" in refused(config, "token", "add", "nobody")
    (listed,) = json_lines(config, "token", "list", "desk")
    assert (listed["feed"], listed["name"]) == ("desk", "Ada")
    assert secret not in str(listed)
    with running(config, f"http://127.0.0.1:{port}", "web") as program:
        url = f"/feeds/desk.atom?token={secret}"
        assert program.get("/feeds/desk.atom")[0] == 401
        assert program.get(url)[0] == 200
        printed(config, "token", "revoke", str(listed["token"]))
        wait_until(lambda: program.get(url)[0] == 401, timeout_s=10, what="the token to be worthless")
    assert "no token" in refused(config, "token", "revoke", "99")
