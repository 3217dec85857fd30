"""Drives the test twin with the helper clients/twin/twin.py, each of its methods once."""

import sys
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "clients/twin"))
from twin import Twin, TwinError

SCRIPTS = "/deviceManagement/deviceManagementScripts"
SCRIPT = {"deviceManagementScripts": [{"displayName": "a"}]}
twin = Twin()
failed = False


def check(work):
    global failed
    try:
        work()
        print(f"ok      twin, python: {work.__name__.replace('_', ' ')}")
    except Exception as error:
        failed = True
        print(f"FAILED  twin, python: {work.__name__.replace('_', ' ')}: {type(error).__name__}: {error}")


def status(tenant, token=None):
    headers = {"Authorization": f"Bearer {token or tenant.tokens['user']}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(tenant.graph + SCRIPTS, headers=headers)) as reply:
            return reply.status
    except urllib.error.HTTPError as refused:
        return refused.code


def refusal(call, error):
    try:
        call()
    except error as refused:
        return refused
    raise AssertionError("it was not refused")


@check
def a_block_removes_its_tenant_also_when_it_fails():
    def fails():
        with twin.tenant(id="python") as tenant:
            assert status(tenant) == 200
            raise KeyError(tenant.id)

    assert refusal(fails, KeyError).args == ("python",)
    assert refusal(lambda: twin.call("GET", "/tenants/python"), TwinError).args[:2] == (404, "ResourceNotFound")


@check
def a_tenant_begins_empty_or_seeded_or_as_a_copy():
    with twin.tenant() as empty, twin.tenant(seed=SCRIPT) as seeded, twin.tenant(from_=seeded.id) as fork:
        assert empty.contents() == {}
        assert fork.contents() == seeded.contents()
        assert seeded.snapshot(name="python-base") == "python-base"
        with twin.tenant(from_="python-base") as copy:
            assert copy.contents() == seeded.contents()
        twin.call("DELETE", "/snapshots/python-base")


@check
def a_reset_restores_the_start():
    with twin.tenant() as tenant:
        tenant.rule(then={"status": {"code": 503}})
        assert status(tenant) == 503
        tenant.reset(keep=["rules"])
        assert status(tenant) == 503
        tenant.reset()
        assert status(tenant) == 200


@check
def the_clock_decides_about_tokens():
    with twin.tenant(clock={"now": "2026-02-28T23:59:00Z", "rate": 0}) as tenant:
        assert tenant.clock() == "2026-02-28T23:59:00Z"
        assert tenant.advance(by="2h") == "2026-03-01T01:59:00Z"
        assert tenant.clock(now="2026-03-02T00:00:00Z") == "2026-03-02T00:00:00Z"
        assert status(tenant) == 401
        assert status(tenant, tenant.token()) == 200
        assert status(tenant, tenant.token(spoil="signature")) == 401
        assert refusal(lambda: tenant.clock(now="2026-01-01T00:00:00Z"), TwinError).args[0] == 409


@check
def a_throttle_refuses_and_requests_are_recorded_and_verified():
    with twin.tenant() as tenant:
        tenant.throttle(custom=[{"match": {"method": "GET"}, "limit": 1}])
        assert [status(tenant), status(tenant)] == [200, 429]
        assert [request["status"] for request in tenant.requests()] == [200, 429]
        assert tenant.verify(match={"method": "GET"}, count={"exactly": 2}) == [1, 2]
        said = str(refusal(lambda: tenant.verify(match={"method": "POST"}), AssertionError))
        assert '"wanted": "POST"' in said, said


sys.exit(failed)
