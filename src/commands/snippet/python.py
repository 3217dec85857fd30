"""Creates a script and lists all. Needs: pip install azure-identity msgraph-beta-sdk"""

import asyncio
import os
from urllib.parse import urlsplit

from azure.identity.aio import EnvironmentCredential
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph_beta import GraphRequestAdapter, GraphServiceClient
from msgraph_beta.generated.models.device_management_script import DeviceManagementScript

GRAPH = os.environ["RUNSTATE_GRAPH_URL"]


async def main():
    # Without the option, the credential asks login.microsoftonline.com about the server first.
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
        scripts = graph.device_management.device_management_scripts
        made = await scripts.post(
            DeviceManagementScript(
                display_name="From Python",
                file_name="hello.ps1",
                script_content=b"Write-Output 'hello'",
            )
        )
        print("created", made.id)
        for script in (await scripts.get()).value:
            print(script.id, script.display_name)


asyncio.run(main())
