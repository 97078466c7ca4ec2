-- What wrk sends to the edge, and what it reports. Argument: the number of events in a request.
--   1: one heartbeat, of 20,000 sessions in turn
--   more: an array of as many heartbeats of one session, a new one each time, as from a device that was offline
-- No event comes twice, and making one costs next to nothing here: wrk has to share the machine with what it measures.

local members = 20000
local step_ms = 10000 -- as in workload.py
local number = 0 -- of the request
local event_count, began_ms, request_head, tails

-- What is the same in all events of a session.
local function head(member, session)
    return string.format(
        '{"memberId":"m-%06d","sessionId":"018f3c5e-1111-7000-8000-%012x","deviceId":"7f2c9a10-2222-4000-9000-%012x",'
            .. '"deviceType":"tv","titleId":"%d","runtimeMs":5400000,',
        member, session, member, 80000000 + session % 20000)
end

local function tail(seq)
    return string.format(
        '"seq":%d,"kind":"%s","positionMs":%d,"occurredAt":%d}',
        seq, seq == 0 and "start" or "progress", seq * step_ms, began_ms + seq * step_ms)
end

function init(arguments)
    event_count = tonumber(arguments[1])
    began_ms = os.time() * 1000 - 3600000
    request_head = string.format(
        "POST /v1/events HTTP/1.1\r\nHost: %s:%s\r\nContent-Type: application/json\r\nContent-Length: ", wrk.host, wrk.port)
    tails = {}
    for seq = 0, event_count - 1 do
        tails[seq + 1] = tail(seq)
    end
end

function request()
    local member = number % members
    local body
    if event_count == 1 then
        body = head(member, member) .. tail(math.floor(number / members))
    else
        local session = head(member, number)
        body = "[" .. session .. table.concat(tails, "," .. session) .. "]"
    end
    number = number + 1
    return request_head .. #body .. "\r\n\r\n" .. body
end

-- wrk calls an answer refused from status 400 on.
function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"seconds":%.6f,"refused":%d,"broken":%d,"timedOut":%d,"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f}\n',
        summary.requests, summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write, errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
