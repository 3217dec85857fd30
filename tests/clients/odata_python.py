"""Drives the server with PyPI's python-odata: a client that makes its classes from $metadata alone,
and knows nothing of Graph. Where the server has no $metadata to read, says so and passes."""

import sys
import traceback

import requests
from odata import ODataService
from odata.flags import ODataServerFlags

LISTEN, TOKEN = sys.argv[1:]
URL = f"{LISTEN}/beta/"
failures = 0


def check(name, body):
    global failures
    try:
        body()
        print(f"ok      odata: {name}")
    except Exception:
        failures += 1
        print(f"FAILED  odata: {name}\n{traceback.format_exc()}")


def connect():
    return ODataService(
        URL,
        reflect_entities=True,
        quiet_progress=True,
        # Else it sends null for all that was not set, also for what must not be null.
        server_flags=ODataServerFlags(skip_null_properties=True),
        extra_headers={"Authorization": f"Bearer {TOKEN}"},
    )


def contained(service, name, path):
    """The class that $metadata describes, at a path; the client itself only knows entity sets."""
    kind = service.types[f"microsoft.graph.{name}"]
    return type(name, (kind,), {"__odata_collection__": path})


def reflects():
    service = connect()
    assert list(service.entities) == ["deviceManagement"], service.entities
    script = vars(service.types["microsoft.graph.deviceManagementScript"])
    for name in ("displayName", "runAsAccount", "deviceRunStates", "assignments", "assign"):
        assert name in script, name
    assert "id" in vars(service.types["microsoft.graph.entity"])
    assert "managedDevice" in vars(service.types["microsoft.graph.deviceManagementScriptDeviceState"])
    assert hasattr(service.types["microsoft.graph.runState"], "scriptError")


def works_by_metadata_alone():
    service = connect()
    scripts = contained(
        service, "deviceManagementScript", "deviceManagement/deviceManagementScripts"
    )
    made = scripts()
    made.displayName = "it's one"
    made.fileName = "one.ps1"
    account = service.types["microsoft.graph.runAsAccountType"]
    made.runAsAccount = account.user
    service.save(made)
    assert made.id
    query = service.query(scripts)
    found = query.filter(scripts.displayName == "it's one").order_by(scripts.id.asc()).all()
    assert [script.id for script in found] == [made.id]
    assert found[0].runAsAccount == account.user
    assert query.filter(scripts.displayName.startswith("it")).count() == 1
    made.description = "changed"
    service.save(made)
    assert query.get(made.id).description == "changed"
    assert made.deviceRunStates == []
    service.delete(made)
    assert query.all() == []


status = requests.get(f"{URL}$metadata", timeout=30).status_code
if status in (401, 404):
    print(f"skipped odata: $metadata is answered {status}")
else:
    check("$metadata becomes classes", reflects)
    check("those classes create, find, count, update and delete", works_by_metadata_alone)
sys.exit(1 if failures else 0)
