"""Drives the server with PyPI's python-odata: a client that makes its classes from $metadata alone,
and knows nothing of Graph. Where the server has no $metadata to read, says so and passes."""

import sys
import traceback

import requests
from odata import ODataService

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


def reflects():
    """python-odata makes entity classes of the entity sets and types that $metadata names."""
    service = ODataService(
        URL,
        reflect_entities=True,
        quiet_progress=True,
        extra_headers={"Authorization": f"Bearer {TOKEN}"},
    )
    print(sorted(service.types), sorted(service.entities))


status = requests.get(f"{URL}$metadata", timeout=30).status_code
if status in (401, 404):
    print(f"skipped odata: $metadata is answered {status}")
else:
    check("classes are made from $metadata", reflects)
sys.exit(1 if failures else 0)
