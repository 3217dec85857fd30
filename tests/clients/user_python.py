"""Users sign in with azure-identity and MSAL, over TLS, with the variables of `runstate env`.

The browser is a few lines of this file: it keeps cookies, fills in the forms of the pages, and runs no
scripts.
"""

import html
import json
import os
import re
import sys
import threading
import urllib.parse
import urllib.request
import webbrowser

import azure.identity as identity
import msal
import requests

AUTHORITY = os.environ["AZURE_AUTHORITY_HOST"].rstrip("/")
TENANT = os.environ["AZURE_TENANT_ID"]
CLIENT, SECRET = os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"]
USERNAME, PASSWORD = os.environ["RUNSTATE_USERNAME"], os.environ["RUNSTATE_PASSWORD"]
SCRIPTS = os.environ["RUNSTATE_GRAPH_URL"] + "/deviceManagement/deviceManagementScripts"
GRAPH = "https://graph.microsoft.com/.default"
# Nobody listens there: the browser only reads the address.
REDIRECT = "http://localhost:8499"
OPTIONS = {
    "client_id": CLIENT,
    "tenant_id": TENANT,
    "authority": AUTHORITY,
    "disable_instance_discovery": True,
}
MSAL = {"authority": f"{AUTHORITY}/{TENANT}", "instance_discovery": False}

failed = False


def check(name, work):
    global failed
    try:
        work()
        print(f"ok      sign in a user: {name}")
    except Exception as error:
        failed = True
        print(f"FAILED  sign in a user: {name}: {type(error).__name__}: {error}")


def call(token):
    """The token opens the API."""
    request = urllib.request.Request(SCRIPTS, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request) as reply:
        assert isinstance(json.load(reply)["value"], list)


def fields(page):
    """The names and values of a page's inputs."""
    found = {}
    for tag in re.findall("<input[^>]*>", page):
        name, value = (re.search(f' {of}="([^"]*)"', tag)[1] for of in ("name", "value"))
        found[name] = html.unescape(value)
    return found


class Browser:
    def __init__(self):
        self.session = requests.Session()

    def submit(self, page, **typed):
        address = page.url.split("?")[0]
        form = fields(page.text) | typed
        return self.session.post(address, data=form, allow_redirects=False)

    def sign_in(self, page):
        return self.submit(page, username=USERNAME, password=PASSWORD, action="sign_in")

    def open(self, address):
        """Signs the user in at an address. Returns the reply that leads to the client."""
        return self.sign_in(self.session.get(address))

    def follow(self, reply):
        """Goes on to the client, which listens on this machine."""
        if "location" in reply.headers:
            return requests.get(reply.headers["location"])
        address = html.unescape(re.search('action="([^"]*)"', reply.text)[1])
        return requests.post(address, data=fields(reply.text))

    def enter(self, address, code):
        """Enters the code of a device, signs in, and confirms."""
        page = self.submit(self.session.get(address), user_code=code, action="next")
        page = self.submit(self.sign_in(page), action="approve")
        assert "You are signed in" in page.text, page.text


class OpenedBrowser:
    """What `webbrowser` has for the credentials that open a browser."""

    name = "test"

    def open(self, address, *_):
        browser = Browser()
        threading.Thread(target=lambda: browser.follow(browser.open(address))).start()
        return True


webbrowser.register("test", None, OpenedBrowser(), preferred=True)


def by_device_code():
    def enter(address, code, _):
        Browser().enter(address, code)

    credential = identity.DeviceCodeCredential(prompt_callback=enter, **OPTIONS)
    call(credential.get_token(GRAPH).token)
    assert credential.authenticate(scopes=[GRAPH]).username == USERNAME


def by_browser():
    call(identity.InteractiveBrowserCredential(**OPTIONS).get_token(GRAPH).token)


def by_code():
    application = msal.PublicClientApplication(CLIENT, **MSAL)
    flow = application.initiate_auth_code_flow([GRAPH], redirect_uri=REDIRECT, max_age=1200)
    location = urllib.parse.urlsplit(Browser().open(flow["auth_uri"]).headers["location"])
    reply = dict(urllib.parse.parse_qsl(location.query))
    tokens = application.acquire_token_by_auth_code_flow(flow, reply)
    call(tokens["access_token"])
    assert tokens["id_token_claims"]["auth_time"]
    [account] = application.get_accounts()
    assert application.acquire_token_silent([GRAPH], account)["token_source"] == "cache"
    again = application.acquire_token_silent([GRAPH], account, force_refresh=True)
    assert again["token_source"] == "identity_provider", again
    call(again["access_token"])


def by_form_post():
    application = msal.ConfidentialClientApplication(CLIENT, SECRET, **MSAL)
    options = {"redirect_uri": REDIRECT, "response_mode": "form_post"}
    flow = application.initiate_auth_code_flow([GRAPH], **options)
    reply = fields(Browser().open(flow["auth_uri"]).text)
    call(application.acquire_token_by_auth_code_flow(flow, reply)["access_token"])


def interactively():
    application = msal.PublicClientApplication(CLIENT, **MSAL)
    call(application.acquire_token_interactive([GRAPH])["access_token"])


check("azure-identity, device code", by_device_code)
check("azure-identity, browser", by_browser)
check("msal, code and refresh token", by_code)
check("msal, confidential, form_post", by_form_post)
check("msal, browser", interactively)
sys.exit(failed)
