-- With a number, each request ends in another one, from that on: nothing is asked for twice.
function init(words)
  if words[1] == nil then return end
  local next, path = tonumber(words[1]), wrk.path
  request = function()
    next = next + 1
    return wrk.format(nil, string.format("%s%d", path, next))
  end
end

-- Says what came of a run as JSON, in its last line: wrk itself rounds what it prints.
function done(summary, latency)
  local failed = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "bytes": %d, "microseconds": %d, "errors": %d, "p50": %d, "p99": %d}\n',
    summary.requests, summary.bytes, summary.duration,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout,
    latency:percentile(50), latency:percentile(99)))
end
