// Creates a script and lists all. Needs:
//
//	go get github.com/Azure/azure-sdk-for-go/sdk/azidentity
//	go get github.com/microsoft/kiota-authentication-azure-go
//	go get github.com/microsoftgraph/msgraph-beta-sdk-go
package main

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	kiotaauth "github.com/microsoft/kiota-authentication-azure-go"
	msgraph "github.com/microsoftgraph/msgraph-beta-sdk-go"
	"github.com/microsoftgraph/msgraph-beta-sdk-go/models"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	graphURL, err := url.Parse(os.Getenv("RUNSTATE_GRAPH_URL"))
	if err != nil {
		return err
	}
	// Without the option, the credential asks login.microsoft.com about the server first.
	credential, err := azidentity.NewEnvironmentCredential(
		&azidentity.EnvironmentCredentialOptions{DisableInstanceDiscovery: true})
	if err != nil {
		return err
	}
	auth, err := kiotaauth.NewAzureIdentityAuthenticationProviderWithScopesAndValidHosts(
		credential, []string{"https://graph.microsoft.com/.default"}, []string{graphURL.Hostname(), graphURL.Host})
	if err != nil {
		return err
	}
	adapter, err := msgraph.NewGraphRequestAdapter(auth)
	if err != nil {
		return err
	}
	adapter.SetBaseUrl(graphURL.String())
	scripts := msgraph.NewGraphServiceClient(adapter).DeviceManagement().DeviceManagementScripts()

	name, file := "From Go", "hello.ps1"
	script := models.NewDeviceManagementScript()
	script.SetDisplayName(&name)
	script.SetFileName(&file)
	script.SetScriptContent([]byte("Write-Output 'hello'"))
	made, err := scripts.Post(ctx, script, nil)
	if err != nil {
		return err
	}
	fmt.Println("created", *made.GetId())
	list, err := scripts.Get(ctx, nil)
	if err != nil {
		return err
	}
	for _, script := range list.GetValue() {
		fmt.Println(*script.GetId(), *script.GetDisplayName())
	}
	return nil
}
