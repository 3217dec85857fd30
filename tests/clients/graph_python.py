"""Drives the server with PyPI's msgraph-beta-sdk: the client that Microsoft generates from Graph's
own schema, with its models, enumerations and errors. Knows nothing of how the server is built."""

import asyncio
import sys
import traceback
from datetime import datetime, timezone

import httpx
from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph_beta import GraphRequestAdapter, GraphServiceClient
from msgraph_beta.generated.device_management.device_management_scripts.device_management_scripts_request_builder import (
    DeviceManagementScriptsRequestBuilder as Scripts,
)
from msgraph_beta.generated.device_management.device_management_scripts.item.assign.assign_post_request_body import (
    AssignPostRequestBody,
)
from msgraph_beta.generated.device_management.device_management_scripts.item.device_management_script_item_request_builder import (
    DeviceManagementScriptItemRequestBuilder as Script,
)
from msgraph_beta.generated.device_management.device_management_scripts.item.device_run_states.device_run_states_request_builder import (
    DeviceRunStatesRequestBuilder as RunStates,
)
from msgraph_beta.generated.models.all_devices_assignment_target import AllDevicesAssignmentTarget
from msgraph_beta.generated.models.all_licensed_users_assignment_target import (
    AllLicensedUsersAssignmentTarget,
)
from msgraph_beta.generated.models.device_custom_attribute_shell_script import (
    DeviceCustomAttributeShellScript,
)
from msgraph_beta.generated.models.device_custom_attribute_value_type import (
    DeviceCustomAttributeValueType,
)
from msgraph_beta.generated.models.device_management_script import DeviceManagementScript
from msgraph_beta.generated.models.device_management_script_assignment import (
    DeviceManagementScriptAssignment,
)
from msgraph_beta.generated.models.device_management_script_device_state import (
    DeviceManagementScriptDeviceState,
)
from msgraph_beta.generated.models.device_management_script_group_assignment import (
    DeviceManagementScriptGroupAssignment,
)
from msgraph_beta.generated.models.device_management_script_user_state import (
    DeviceManagementScriptUserState,
)
from msgraph_beta.generated.models.device_shell_script import DeviceShellScript
from msgraph_beta.generated.models.group_assignment_target import GroupAssignmentTarget
from msgraph_beta.generated.models.managed_device import ManagedDevice
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.run_as_account_type import RunAsAccountType
from msgraph_beta.generated.models.run_state import RunState
from msgraph_core.tasks.page_iterator import PageIterator

LISTEN, TOKEN = sys.argv[1:]
CONTENT = b"Write-Output 'hello'"
GROUP = "0f0e0d0c-0b0a-4908-8706-050403020100"
failures = 0


class StaticToken(AuthenticationProvider):
    """The SDK's own providers want Entra; this one sends the token that it was given."""

    async def authenticate_request(self, request, additional_authentication_context=None):
        request.headers.add("Authorization", f"Bearer {TOKEN}")


def client():
    adapter = GraphRequestAdapter(StaticToken(), httpx.AsyncClient())
    adapter.base_url = f"{LISTEN}/beta"
    return GraphServiceClient(request_adapter=adapter)


async def check(name, body):
    global failures
    try:
        await body(client())
        print(f"ok      python: {name}")
    except Exception:
        failures += 1
        print(f"FAILED  python: {name}\n{traceback.format_exc()}")


async def refused(request, status, code):
    try:
        await request
    except ODataError as error:
        assert error.response_status_code == status, error
        assert error.error.code == code, error
        assert error.error.message, error
        inner = error.error.inner_error
        assert inner.request_id and inner.client_request_id and inner.date, error
        return
    raise AssertionError("the request was not refused")


def options(builder, **parameters):
    query = next(
        kind for name, kind in vars(builder).items() if name.endswith("GetQueryParameters")
    )
    return RequestConfiguration(query_parameters=query(**parameters))


def create(graph, name):
    return graph.device_management.device_management_scripts.post(
        DeviceManagementScript(
            display_name=name,
            description="made by a client",
            file_name=f"{name}.ps1",
            script_content=CONTENT,
            run_as_account=RunAsAccountType.System,
            role_scope_tag_ids=["0"],
        )
    )


def item(graph, script):
    return graph.device_management.device_management_scripts.by_device_management_script_id(
        script.id
    )


async def a_script(graph):
    scripts = graph.device_management.device_management_scripts
    made = await create(graph, "one")
    assert made.run_as_account == RunAsAccountType.System
    read = await item(graph, made).get()
    assert read.script_content in (CONTENT, "V3JpdGUtT3V0cHV0ICdoZWxsbyc="), read.script_content
    assert read.created_date_time.tzinfo is not None
    assert read.role_scope_tag_ids == ["0"]
    listed = await scripts.get(options(Scripts, filter=f"id eq '{made.id}'", count=True))
    assert listed.odata_count == 1
    assert listed.value[0].script_content is None
    assert await scripts.count.get() >= 1
    changed = await item(graph, made).patch(DeviceManagementScript(description="changed"))
    assert (changed.description, changed.display_name) == ("changed", "one")
    await item(graph, made).delete()
    await refused(item(graph, made).get(), 404, "ResourceNotFound")


async def an_object_read(graph):
    made = await create(graph, "whole")
    read = await item(graph, made).get()
    read.description = "back"
    assert (await item(graph, made).patch(read)).description == "back"
    await item(graph, made).delete()


async def the_founding_call(graph):
    made = await create(graph, "founding")
    states = item(graph, made).device_run_states
    at = datetime(2017, 1, 1, 8, 2, 58, 441804, timezone.utc)
    posted = await states.post(
        DeviceManagementScriptDeviceState(
            run_state=RunState.Success,
            result_message="Result Message value",
            last_state_update_date_time=at,
            error_code=9,
            error_description="Error Description value",
        )
    )
    one = states.by_device_management_script_device_state_id(posted.id)
    read = await one.get()
    assert read.run_state == RunState.Success
    assert read.last_state_update_date_time == at
    assert (read.error_code, read.result_message) == (9, "Result Message value")
    changed = await one.patch(DeviceManagementScriptDeviceState(run_state=RunState.Fail))
    assert (changed.run_state, changed.error_code) == (RunState.Fail, 9)
    await one.delete()
    assert await states.count.get() == 0
    await item(graph, made).delete()


async def devices(graph):
    # The SDK leaves read-only properties, deviceName among them, out of what it sends.
    device = await graph.device_management.managed_devices.post(
        ManagedDevice(managed_device_name="desk", notes="by the window")
    )
    made = await create(graph, "devices")
    states = item(graph, made).device_run_states
    bound = DeviceManagementScriptDeviceState(
        run_state=RunState.Success,
        additional_data={
            "managedDevice@odata.bind": f"{LISTEN}/beta/deviceManagement/managedDevices('{device.id}')"
        },
    )
    posted = await states.post(bound)
    await states.post(DeviceManagementScriptDeviceState(run_state=RunState.Fail))
    found = await states.get(
        options(
            RunStates,
            filter=f"managedDevice/id eq '{device.id}'",
            expand=["managedDevice($select=id,managedDeviceName)"],
            select=["id", "runState"],
            orderby=["lastStateUpdateDateTime desc"],
        )
    )
    assert [state.id for state in found.value] == [posted.id]
    assert found.value[0].managed_device.managed_device_name == "desk"
    one = states.by_device_management_script_device_state_id(posted.id)
    assert (await one.managed_device.get()).notes == "by the window"
    await item(graph, made).delete()
    await graph.device_management.managed_devices.by_managed_device_id(device.id).delete()


async def assignments(graph):
    made = await create(graph, "assigned")
    targets = (
        GroupAssignmentTarget(group_id=GROUP),
        AllDevicesAssignmentTarget(),
        AllLicensedUsersAssignmentTarget(),
    )
    body = AssignPostRequestBody(
        device_management_script_assignments=[
            DeviceManagementScriptAssignment(target=target) for target in targets
        ]
    )
    await item(graph, made).assign.post(body)
    read = await item(graph, made).get(options(Script, expand=["assignments"]))
    kinds = {type(assignment.target) for assignment in read.assignments}
    assert kinds == {type(target) for target in targets}, kinds
    assert f"{made.id}:{GROUP}" in {assignment.id for assignment in read.assignments}
    groups = (await item(graph, made).group_assignments.get()).value
    assert [group.target_group_id for group in groups if group.target_group_id == GROUP]
    body = AssignPostRequestBody(
        device_management_script_group_assignments=[
            DeviceManagementScriptGroupAssignment(target_group_id=GROUP)
        ]
    )
    await item(graph, made).assign.post(body)
    only = (await item(graph, made).assignments.get()).value
    assert [assignment.target.group_id for assignment in only] == [GROUP]
    one = item(graph, made).assignments.by_device_management_script_assignment_id(only[0].id)
    assert (await one.get()).id == only[0].id
    await one.delete()
    assert (await item(graph, made).assignments.get()).value == []
    await item(graph, made).delete()


async def user_states(graph):
    made = await create(graph, "users")
    states = item(graph, made).user_run_states
    user = await states.post(DeviceManagementScriptUserState(user_principal_name="a@b.example"))
    below = states.by_device_management_script_user_state_id(user.id)
    await below.device_run_states.post(DeviceManagementScriptDeviceState(run_state=RunState.Success))
    await below.device_run_states.post(DeviceManagementScriptDeviceState(run_state=RunState.Fail))
    read = await below.get()
    assert (read.success_device_count, read.error_device_count) == (1, 1), read
    assert read.user_principal_name == "a@b.example"
    summary = await item(graph, made).run_summary.get()
    assert (summary.success_device_count, summary.error_device_count) == (1, 1), summary
    assert await item(graph, made).device_run_states.count.get() == 2
    await item(graph, made).delete()


async def shell_scripts(graph):
    scripts = graph.device_management.device_shell_scripts
    made = await scripts.post(
        DeviceShellScript(
            display_name="shell",
            file_name="shell.sh",
            script_content=b"#!/bin/sh\n",
            run_as_account=RunAsAccountType.User,
            retry_count=3,
        )
    )
    one = scripts.by_device_shell_script_id(made.id)
    read = await one.get()
    assert (read.retry_count, read.file_name) == (3, "shell.sh")
    state = await one.device_run_states.post(
        DeviceManagementScriptDeviceState(run_state=RunState.ScriptError)
    )
    assert state.run_state == RunState.ScriptError
    await one.delete()


async def custom_attributes(graph):
    scripts = graph.device_management.device_custom_attribute_shell_scripts
    made = await scripts.post(
        DeviceCustomAttributeShellScript(
            display_name="attribute",
            file_name="attribute.sh",
            script_content=b"#!/bin/sh\n",
            custom_attribute_name="serial",
            custom_attribute_type=DeviceCustomAttributeValueType.String,
        )
    )
    one = scripts.by_device_custom_attribute_shell_script_id(made.id)
    read = await one.get()
    assert read.custom_attribute_type == DeviceCustomAttributeValueType.String
    assert (await one.group_assignments.get()).value == []
    await one.delete()


async def pages(graph):
    made = await create(graph, "pages")
    states = item(graph, made).device_run_states
    for number in range(17):
        await states.post(DeviceManagementScriptDeviceState(error_code=number))
    seen = []

    def take(state):
        seen.append(state.error_code)
        return True

    first = await states.get(options(RunStates, top=4, orderby=["errorCode desc"]))
    await PageIterator(first, graph.request_adapter).iterate(take)
    assert seen == list(range(16, -1, -1)), seen
    second = await states.with_url(first.odata_next_link).get()
    assert [state.error_code for state in second.value] == [12, 11, 10, 9]
    await item(graph, made).delete()


async def errors(graph):
    scripts = graph.device_management.device_management_scripts
    await refused(scripts.get(options(Scripts, search='"x"')), 400, "BadRequest")
    await refused(scripts.get(options(Scripts, filter="nonsense eq 1")), 400, "BadRequest")
    unknown = DeviceManagementScript(display_name="x", additional_data={"nonsense": 1})
    await refused(scripts.post(unknown), 400, "ModelValidationFailure")
    made = await create(graph, "errors")
    stale = RequestConfiguration(headers=HeadersCollection())
    stale.headers.add("If-Match", 'W/"stale"')
    await refused(item(graph, made).delete(stale), 412, "PreconditionFailed")
    await item(graph, made).delete()


async def main():
    await check("a script is created, read, listed, updated and deleted", a_script)
    await check("an object that was read can be sent back whole", an_object_read)
    await check("the founding call, and a run state read, updated and deleted", the_founding_call)
    await check("run states are found by their managed device, which is expanded", devices)
    await check("assign replaces assignments, by both of its parameters", assignments)
    await check("user states and the run summary count", user_states)
    await check("shell scripts have run states as well", shell_scripts)
    await check("custom attribute scripts keep their attribute", custom_attributes)
    await check("PageIterator follows the links of an ordered list", pages)
    await check("errors become ODataErrors", errors)
    return 1 if failures else 0


sys.exit(asyncio.run(main()))
