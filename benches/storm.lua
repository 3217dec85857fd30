-- What a device sends after a run, to one of SCRIPTS scripts.
local scripts = tonumber(os.getenv("SCRIPTS"))
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"@odata.type":"#microsoft.graph.deviceManagementScriptDeviceState",'
  .. '"runState":"success","resultMessage":"Result Message value",'
  .. '"lastStateUpdateDateTime":"2017-01-01T00:02:58.4418045-08:00","errorCode":9,'
  .. '"errorDescription":"Error Description value"}'

function request()
  local path = "/beta/deviceManagement/deviceManagementScripts/00000000-0000-7000-8000-%012x"
  return wrk.format(nil, string.format(path, math.random(0, scripts - 1)) .. "/deviceRunStates")
end
