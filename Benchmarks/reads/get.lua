-- What wrk asks for, and what it reports. Arguments: history or bookmark, the number of members, of sessions of each; or a path, which is asked
-- for again and again. Members and titles are those of histories.sql.

local kind, members, sessions
local number = 0 -- of the request

function init(arguments)
    kind, members, sessions = arguments[1], tonumber(arguments[2]), tonumber(arguments[3])
end

function request()
    number = number + 1
    local path
    if kind == "history" then
        -- 7919 is a prime, so this is every member in turn, in no order.
        path = string.format("/v1/members/%d/history?limit=20", number * 7919 % members + 1)
    elseif kind == "bookmark" then
        local member = number * 7919 % members + 1
        local session = number * 104729 % sessions + 1
        path = string.format("/v1/members/%d/titles/%d/bookmark", member, (7919 * member + 31 * session) % 20000)
    else
        path = kind
    end
    return wrk.format("GET", path)
end

-- wrk calls an answer refused from status 400 on.
function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests":%d,"seconds":%.6f,"bytes":%d,"refused":%d,"broken":%d,"timedOut":%d,"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, errors.status, errors.connect + errors.read + errors.write,
        errors.timeout, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
