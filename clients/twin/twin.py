"""Tenants of Runstate's test twin, one for each test. Copy this file into your project. It needs Python 3.9
and nothing else. Names of members are those of Runstate's docs/reference/twin.md and twin-rules.md."""

import json
import os
from urllib import error, request


class TwinError(Exception):
    """The control API refused a request: the status, the code and the text."""


class Twin:
    """A server that runs with --twin, and the secret or token that controls it."""

    def __init__(self, url=None, secret=None):
        self.url = (url or os.environ["RUNSTATE_TWIN_URL"]).rstrip("/")
        self.secret = secret or os.environ["RUNSTATE_TWIN_SECRET"]

    def call(self, method, path, body=None):
        """Sends a request below /twin/v1; returns the JSON of the reply."""
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        call = request.Request(f"{self.url}/twin/v1{path}", data, headers, method=method)
        try:
            with request.urlopen(call) as reply:
                return json.loads(reply.read() or b"null")
        except error.HTTPError as refused:
            reason = json.load(refused)["error"]
            raise TwinError(refused.code, reason["code"], reason["message"]) from None

    def tenant(self, **settings):
        """A new tenant, which a `with` block removes at its end. `from_` is a snapshot, or the `id` of a tenant."""
        settings = {name.rstrip("_"): value for name, value in settings.items()}
        return Tenant(self, self.call("POST", "/tenants", settings))


def sends(method, path, member=None):
    """A method of a tenant that sends its arguments as the body; returns the reply, or a member of it."""

    def send(self, **body):
        reply = self.call(method, path, body or None)
        return reply[member] if member else reply

    return send


class Tenant:
    """A tenant of the twin. `graph` is the URL of its Graph; `tokens` are for user, reader and application."""

    def __init__(self, twin, made):
        self.twin, self.id, self.guid = twin, made["id"], made["tenant"]
        self.graph, self.tokens = made["graph"], made["tokens"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.call("DELETE")

    def call(self, method, path="", body=None):
        return self.twin.call(method, f"/tenants/{self.guid}{path}", body)

    reset = sends("POST", "/reset")
    snapshot = sends("POST", "/snapshots", "name")
    token = sends("POST", "/tokens", "token")
    clock = sends("PUT", "/clock", "now")
    advance = sends("POST", "/clock/advance", "now")
    rule = sends("POST", "/rules", "id")
    throttle = sends("PUT", "/throttle")
    contents = sends("GET", "/contents")
    requests = sends("GET", "/requests", "value")

    def verify(self, **assertion):
        """Fails the test unless the client sent what the assertion says; returns the numbers of the requests."""
        verdict = self.call("POST", "/requests/verify", assertion)
        assert verdict["ok"], json.dumps(verdict, indent=2)
        return verdict["requests"]
