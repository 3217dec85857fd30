// Creates a script and lists all. Needs:
//
//     dotnet add package Azure.Identity
//     dotnet add package Microsoft.Graph.Beta
//
// On Windows and macOS, have the system trust the server first: runstate trust

using System.Text;
using Azure.Identity;
using Microsoft.Graph.Beta;
using Microsoft.Graph.Beta.Models;
using AzureIdentityAuthenticationProvider = Microsoft.Graph.Authentication.AzureIdentityAuthenticationProvider;

var graphUrl = Environment.GetEnvironmentVariable("RUNSTATE_GRAPH_URL")!;
// Without the option, the credential asks login.microsoftonline.com about the server first.
var credential = new EnvironmentCredential(
    new EnvironmentCredentialOptions { DisableInstanceDiscovery = true });
var authentication = new AzureIdentityAuthenticationProvider(
    credential,
    allowedHosts: new[] { new Uri(graphUrl).Host },
    isCaeEnabled: true,
    scopes: new[] { "https://graph.microsoft.com/.default" });
var graph = new GraphServiceClient(authentication, graphUrl);

var made = await graph.DeviceManagement.DeviceManagementScripts.PostAsync(new DeviceManagementScript
{
    DisplayName = "From .NET",
    FileName = "hello.ps1",
    ScriptContent = Encoding.UTF8.GetBytes("Write-Output 'hello'"),
});
Console.WriteLine($"created {made!.Id}");
var scripts = await graph.DeviceManagement.DeviceManagementScripts.GetAsync();
foreach (var script in scripts!.Value!)
{
    Console.WriteLine($"{script.Id} {script.DisplayName}");
}
