# Creates a script and lists all. Needs: Install-Module Microsoft.Graph.Authentication
# On Windows and macOS, have the system trust the server first: runstate trust

$graph = $env:RUNSTATE_GRAPH_URL -replace '/beta$'
$scripts = "$env:RUNSTATE_GRAPH_URL/deviceManagement/deviceManagementScripts"
Add-MgEnvironment -Name Runstate -AzureADEndpoint $env:AZURE_AUTHORITY_HOST -GraphEndpoint $graph
$secret = ConvertTo-SecureString $env:AZURE_CLIENT_SECRET -AsPlainText -Force
$credential = [pscredential]::new($env:AZURE_CLIENT_ID, $secret)
Connect-MgGraph -Environment Runstate -TenantId $env:AZURE_TENANT_ID -ClientSecretCredential $credential -NoWelcome

$script = @{
    displayName   = 'From PowerShell'
    fileName      = 'hello.ps1'
    scriptContent = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("Write-Output 'hello'"))
}
$made = Invoke-MgGraphRequest -Method POST -Uri $scripts -Body $script
"created $($made.id)"
(Invoke-MgGraphRequest -Method GET -Uri $scripts).value | ForEach-Object { "$($_.id) $($_.displayName)" }
