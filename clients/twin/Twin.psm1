#Requires -Version 7.0
# Tenants of Runstate's test twin, one for each test. Copy this file into your project. It needs PowerShell 7
# and nothing else. Names of members are those of Runstate's docs/reference/twin.md and twin-rules.md.

# Sends a request below /twin/v1 of the server in RUNSTATE_TWIN_URL; returns the JSON of the reply.
function Invoke-Twin {
    param([string] $Method, [string] $Path, [hashtable] $Body)
    $request = @{
        Method = $Method
        Uri = "$($env:RUNSTATE_TWIN_URL.TrimEnd('/'))/twin/v1$Path"
        Headers = @{ Authorization = "Bearer $env:RUNSTATE_TWIN_SECRET" }
        ContentType = 'application/json; charset=utf-8'
        SkipHttpErrorCheck = $true
        StatusCodeVariable = 'status'
    }
    if ($Body) { $request.Body = ConvertTo-Json $Body -Depth 20 -Compress }
    $reply = Invoke-RestMethod @request
    if ($status -ge 400) { throw "$status $($reply.error.code): $($reply.error.message)" }
    $reply
}

# Sends a request below a tenant.
function Invoke-TwinTenant {
    param($Tenant, [string] $Method, [string] $Path, [hashtable] $Body)
    Invoke-Twin $Method "/tenants/$($Tenant.tenant)$Path" $Body
}

# Makes a tenant: `graph` is the URL of its Graph; `tokens` has `user`, `reader` and `application`.
function New-TwinTenant { param([hashtable] $Settings = @{}) Invoke-Twin POST /tenants $Settings }

function Remove-TwinTenant { param($Tenant) $null = Invoke-TwinTenant $Tenant DELETE }

# Makes a tenant, runs the script with it, and removes it, also where the script fails.
function Use-TwinTenant {
    param([scriptblock] $Script, [hashtable] $Settings = @{})
    $tenant = New-TwinTenant $Settings
    try { & $Script $tenant } finally { Remove-TwinTenant $tenant }
}

function Reset-TwinTenant { param($Tenant, [hashtable] $How = @{}) $null = Invoke-TwinTenant $Tenant POST /reset $How }

function Save-TwinTenant {
    param($Tenant, [string] $Name)
    $null = Invoke-TwinTenant $Tenant POST /snapshots @{ name = $Name }
}

function Get-TwinContents { param($Tenant) Invoke-TwinTenant $Tenant GET /contents }

function New-TwinToken { param($Tenant, [hashtable] $Claims = @{}) (Invoke-TwinTenant $Tenant POST /tokens $Claims).token }

function Set-TwinClock { param($Tenant, [hashtable] $Course) (Invoke-TwinTenant $Tenant PUT /clock $Course).now }

function Step-TwinClock { param($Tenant, [string] $By) (Invoke-TwinTenant $Tenant POST /clock/advance @{ by = $By }).now }

function Add-TwinRule { param($Tenant, [hashtable] $Rule) (Invoke-TwinTenant $Tenant POST /rules $Rule).id }

function Set-TwinThrottle { param($Tenant, [hashtable] $Settings) $null = Invoke-TwinTenant $Tenant PUT /throttle $Settings }

function Get-TwinRequest { param($Tenant) (Invoke-TwinTenant $Tenant GET /requests).value }

# Fails unless the client sent what the assertion says; returns the numbers of the requests.
function Assert-TwinRequest {
    param($Tenant, [hashtable] $Assertion)
    $verdict = Invoke-TwinTenant $Tenant POST /requests/verify $Assertion
    if (-not $verdict.ok) { throw (ConvertTo-Json $verdict -Depth 20) }
    $verdict.requests
}

Export-ModuleMember -Function *-Twin*
