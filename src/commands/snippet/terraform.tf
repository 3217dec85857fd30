# Creates a script. The provider has a fixed address of Graph, so this needs a server with
# --impersonate-microsoft; docs/guides/fixed-addresses.md has the way. The provider has names of its
# own for the credentials:
#
#     export M365_AUTH_METHOD=client_secret M365_TENANT_ID="$AZURE_TENANT_ID"
#     export M365_CLIENT_ID="$AZURE_CLIENT_ID" M365_CLIENT_SECRET="$AZURE_CLIENT_SECRET"

terraform {
  required_providers {
    microsoft365 = {
      source = "deploymenttheory/microsoft365"
    }
  }
}

provider "microsoft365" {
  cloud = "public"
}

resource "microsoft365_graph_beta_device_management_windows_platform_script" "hello" {
  display_name   = "From Terraform"
  file_name      = "hello.ps1"
  script_content = "Write-Output 'hello'"
  run_as_account = "system"
}
