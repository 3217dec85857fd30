"""Applications sign in with azure-identity and MSAL, over TLS, with the variables of `runstate env`.

Usage: sign_in_python.py RUNSTATE DIRECTORY: the program, which registers a certificate, and a
directory for its file.
"""

import asyncio
import datetime
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
import urllib.request
import uuid

import azure.identity as identity
import azure.identity.aio as asynchronous
import msal
from azure.core.exceptions import ClientAuthenticationError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

RUNSTATE, DIRECTORY = sys.argv[1], pathlib.Path(sys.argv[2])
AUTHORITY = os.environ["AZURE_AUTHORITY_HOST"].rstrip("/")
TENANT = os.environ["AZURE_TENANT_ID"]
CLIENT, SECRET = os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"]
SCRIPTS = os.environ["RUNSTATE_GRAPH_URL"] + "/deviceManagement/deviceManagementScripts"
GRAPH = "https://graph.microsoft.com/.default"
# Instance discovery would ask login.microsoftonline.com.
OPTIONS = {"authority": AUTHORITY, "disable_instance_discovery": True}

failed = False


def check(name, work):
    global failed
    try:
        work()
        print(f"ok      sign in: {name}")
    except Exception as error:
        failed = True
        print(f"FAILED  sign in: {name}: {type(error).__name__}: {error}")


def call(token):
    """The token opens the API."""
    request = urllib.request.Request(SCRIPTS, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as reply:
        assert isinstance(json.load(reply)["value"], list)


def certificate():
    """A new certificate and its key in a PEM file, registered. Returns the client id and the file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Agent")])
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    public = signed.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (DIRECTORY / "agent.pem").write_bytes(public)
    both = DIRECTORY / "agent-with-key.pem"
    both.write_bytes(private + public)
    command = [RUNSTATE, "app", "add", "Agent", "--certificate", DIRECTORY / "agent.pem"]
    added = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(added)["client_id"], str(both)


AGENT, AGENT_FILE = certificate()


def secret(tenant, resource="https://graph.microsoft.com"):
    credential = identity.ClientSecretCredential(tenant, CLIENT, SECRET, **OPTIONS)
    call(credential.get_token(f"{resource}/.default").token)


def by_certificate():
    options = {"certificate_path": AGENT_FILE, **OPTIONS}
    call(identity.CertificateCredential(TENANT, AGENT, **options).get_token(GRAPH).token)


def asynchronously(make):
    async def work():
        async with make() as credential:
            return (await credential.get_token(GRAPH)).token

    call(asyncio.run(work()))


def wrong_secret():
    credential = identity.ClientSecretCredential(TENANT, CLIENT, "wrong", **OPTIONS)
    try:
        credential.get_token(GRAPH)
    except ClientAuthenticationError as error:
        assert "AADSTS7000215" in str(error), error
    else:
        raise AssertionError("the secret is accepted")


def with_msal(**authority):
    application = msal.ConfidentialClientApplication(CLIENT, SECRET, **authority)
    reply = application.acquire_token_for_client([GRAPH])
    call(reply["access_token"])
    again = application.acquire_token_for_client([GRAPH])
    assert again["token_source"] == "cache", again


def by_password():
    """The grant itself: MSAL asks for the realm of the user on port 443, whatever the authority is."""
    form = {
        "grant_type": "password",
        "client_id": CLIENT,
        "username": os.environ["RUNSTATE_USERNAME"],
        "password": os.environ["RUNSTATE_PASSWORD"],
        "scope": GRAPH,
    }
    body = urllib.parse.urlencode(form).encode()
    address = f"{AUTHORITY}/organizations/oauth2/v2.0/token"
    with urllib.request.urlopen(address, body) as reply:
        call(json.load(reply)["access_token"])


check("azure-identity, secret", lambda: secret(TENANT))
check("azure-identity, secret, by domain", lambda: secret("runstate.local"))
check("azure-identity, secret, new tenant", lambda: secret(str(uuid.uuid4())))
check("azure-identity, secret, own address as resource", lambda: secret(TENANT, AUTHORITY))
check("azure-identity, certificate", by_certificate)
check("azure-identity, wrong secret", wrong_secret)
check(
    "azure-identity aio, secret",
    lambda: asynchronously(
        lambda: asynchronous.ClientSecretCredential(TENANT, CLIENT, SECRET, **OPTIONS)
    ),
)
check(
    "azure-identity aio, certificate",
    lambda: asynchronously(
        lambda: asynchronous.CertificateCredential(
            TENANT, AGENT, certificate_path=AGENT_FILE, **OPTIONS
        )
    ),
)
OWN = f"{AUTHORITY}/{TENANT}"
check("msal", lambda: with_msal(authority=OWN, instance_discovery=False))
check("msal, slash at the end", lambda: with_msal(authority=f"{OWN}/", validate_authority=False))
check("msal, OpenID Connect", lambda: with_msal(oidc_authority=f"{OWN}/v2.0"))
check(
    "msal, instance discovery on this server",
    lambda: with_msal(
        authority=OWN, instance_discovery=f"{AUTHORITY}/common/discovery/instance"
    ),
)
check("password", by_password)
sys.exit(failed)
