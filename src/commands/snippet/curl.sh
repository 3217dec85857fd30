#!/bin/sh
# Creates a script and lists all.
set -eu

token=$(curl --silent --show-error --fail-with-body \
    "$AZURE_AUTHORITY_HOST/$AZURE_TENANT_ID/oauth2/v2.0/token" \
    --data grant_type=client_credentials \
    --data-urlencode "client_id=$AZURE_CLIENT_ID" \
    --data-urlencode "client_secret=$AZURE_CLIENT_SECRET" \
    --data scope=https://graph.microsoft.com/.default |
    sed 's/.*"access_token":"\([^"]*\)".*/\1/')
scripts=$RUNSTATE_GRAPH_URL/deviceManagement/deviceManagementScripts

curl --silent --show-error --fail-with-body "$scripts" \
    --header "Authorization: Bearer $token" --header 'Content-Type: application/json' \
    --data '{"displayName":"From curl","fileName":"hello.ps1","scriptContent":"V3JpdGUtT3V0cHV0ICdoZWxsbyc="}'
echo
curl --silent --show-error --fail-with-body --header "Authorization: Bearer $token" \
    "$scripts?\$select=id,displayName"
echo
