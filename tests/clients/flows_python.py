"""Longer flows with msgraph-beta-sdk and azure-identity, over TLS, with the variables of `runstate env`:
batches, more run states than a page has, upserts, entity tags, and texts that need escapes."""

import asyncio
import os
import sys
import traceback
from urllib.parse import urlsplit

from azure.identity.aio import EnvironmentCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph_beta import GraphRequestAdapter, GraphServiceClient
from msgraph_beta.generated.device_management.device_management_scripts.item.device_run_states.device_run_states_request_builder import (
    DeviceRunStatesRequestBuilder as RunStates,
)
from msgraph_beta.generated.models.device_management_script import DeviceManagementScript
from msgraph_beta.generated.models.device_management_script_device_state import (
    DeviceManagementScriptDeviceState as State,
)
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.run_state import RunState
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph_core.tasks.page_iterator import PageIterator

GRAPH = os.environ["RUNSTATE_GRAPH_URL"]
STATES = 1_200
failures = 0


def quoted(text):
    """A text as a literal of a filter."""
    return "'" + text.replace("'", "''") + "'"


def with_headers(**headers):
    collection = HeadersCollection()
    for name, value in headers.items():
        collection.add(name.replace("_", "-"), value)
    return RequestConfiguration(headers=collection)


def options(**parameters):
    return RequestConfiguration(
        query_parameters=RunStates.DeviceRunStatesRequestBuilderGetQueryParameters(**parameters)
    )


async def status_of(request):
    try:
        await request
        return 200
    except ODataError as error:
        return error.response_status_code


async def more_than_a_page_in_full_batches(graph, states):
    names = [f"pc-{number:04}" for number in range(STATES)]
    for start in range(0, STATES, 20):
        post = states.to_post_request_information
        posts = {id: BatchRequestItem(post(State(id=id)), id) for id in names[start : start + 20]}
        answer = await BatchRequestBuilder(graph.request_adapter).post(BatchRequestContent(posts))
        statuses = {answer.get_response_by_id(id).status for id in posts}
        assert statuses == {201}, statuses
    seen = []
    first = await states.get(options(filter="errorCode ge 0", count=True))
    assert first.odata_count == STATES
    await PageIterator(first, graph.request_adapter).iterate(lambda state: seen.append(state.id) is None)
    assert sorted(seen) == names, len(seen)
    assert await states.count.get(with_headers(ConsistencyLevel="eventual")) == STATES


async def a_report_is_an_upsert(graph, states):
    one = states.by_device_management_script_device_state_id("agent")
    assert await status_of(one.patch(State(run_state=RunState.Fail))) == 404
    for number in (1, 2):
        report = State(run_state=RunState.Success, error_code=number)
        stored = await one.patch(report, with_headers(Prefer="create-if-missing"))
        assert (stored.id, stored.error_code) == ("agent", number), stored
    create_only = with_headers(Prefer="create-if-missing", If_None_Match="*")
    assert await status_of(one.patch(State(error_code=3), create_only)) == 412
    await one.delete()


async def one_of_two_concurrent_updates_wins(graph, states):
    await states.post(State(id="shared"))
    one = states.by_device_management_script_device_state_id("shared")
    full = with_headers(Accept="application/json;odata.metadata=full")
    tag = (await one.get(full)).additional_data["@odata.etag"]
    updates = [one.patch(State(error_code=code), with_headers(If_Match=tag)) for code in (1, 2)]
    answers = await asyncio.gather(*map(status_of, updates))
    assert sorted(answers) == [200, 412], answers
    await one.delete()


async def any_text_survives(graph, states):
    for text in ["it's", "100% of 5+5=10 & more; #1?", "a\\b\"c", "é🏃‍♀️", "a:b,c|d{e}[f]"]:
        made = await states.post(State(id=text, result_message=text))
        one = states.by_device_management_script_device_state_id(made.id)
        assert (await one.get()).result_message == text, text
        found = await states.get(options(filter=f"resultMessage eq {quoted(text)}"))
        assert [state.id for state in found.value] == [text], text
        await one.delete()


async def what_is_not_supported_is_refused(graph, states):
    assert await status_of(states.get(options(search='"x"'))) == 400
    assert await status_of(states.get(options(select=["nonsense"]))) == 400
    assert await status_of(states.get(options(expand=["nonsense"]))) == 400


async def main():
    global failures
    credential = EnvironmentCredential(disable_instance_discovery=True)
    provider = AzureIdentityAuthenticationProvider(
        credential,
        scopes=["https://graph.microsoft.com/.default"],
        allowed_hosts=[urlsplit(GRAPH).hostname],
    )
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = GRAPH
    graph = GraphServiceClient(request_adapter=adapter)
    async with credential:
        for flow in (
            more_than_a_page_in_full_batches,
            a_report_is_an_upsert,
            one_of_two_concurrent_updates_wins,
            any_text_survives,
            what_is_not_supported_is_refused,
        ):
            name = flow.__name__.replace("_", " ")
            scripts = graph.device_management.device_management_scripts
            made = await scripts.post(DeviceManagementScript(display_name=name))
            script = scripts.by_device_management_script_id(made.id)
            try:
                await flow(graph, script.device_run_states)
                print(f"ok      flows, python: {name}")
            except Exception:
                failures += 1
                print(f"FAILED  flows, python: {name}\n{traceback.format_exc()}")
            await script.delete()
    return 1 if failures else 0


sys.exit(asyncio.run(main()))
