-- A token endpoint that behaves as the variables of its location say, and notes when each refresh came.
local ffi = require("ffi")

ffi.cdef([[
    struct bench_time { long seconds; long nanoseconds; };
    int clock_gettime(int clock, struct bench_time *time);
]])
local time = ffi.new("struct bench_time")

-- Milliseconds since 1970; nginx's own clock stands still while it is busy.
local function now()
    ffi.C.clock_gettime(0, time)
    return tonumber(time.seconds) * 1000 + tonumber(time.nanoseconds) / 1000000
end

-- alice~0, alice~1, …
local function successor(refresh_token)
    local user, number = refresh_token:match("^(.*)~(%d+)$")
    return user and (user .. "~" .. (tonumber(number) + 1)) or refresh_token
end

local function answer()
    local arrived, variables = now(), ngx.var
    variables.arrived = string.format("%.3f", arrived)
    ngx.req.read_body()
    local sent = ngx.req.get_post_args().refresh_token or ""
    variables.refresh_token = sent
    ngx.sleep(tonumber(variables.latency))
    ngx.status = tonumber(variables.answer_status)
    ngx.header["Content-Type"] = "application/json"
    if variables.retry_after ~= "" then
        ngx.header["Retry-After"] = variables.retry_after
    end
    if ngx.status ~= 200 then
        ngx.print('{"error":"temporarily_unavailable"}')
        return
    end
    local kept = variables.rotates == "1" and successor(sent) or sent
    ngx.print(string.format(
        '{"access_token":"access-%s-%.3f","token_type":"Bearer","expires_in":%s,"refresh_token":"%s"}',
        sent, arrived, variables.expires_in, kept))
end

return { answer = answer }
